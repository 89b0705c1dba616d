/** The part of the store port (`port.ts`) that says which process delivers. */
import type { SubscriptionRef } from './outbox-port.ts'

/** What a process that delivers answers and hears. Nothing in here may throw; calls come one at a time. */
export interface LeaseHolder {
  /** May this process deliver for it? What nobody may deliver waits in the outbox. From memory. */
  mayHold(ref: SubscriptionRef): boolean
  /** This process delivers for it from now on. What is owed so far is in the outbox, whatever was offered before. */
  acquired(ref: SubscriptionRef): void
  /** It is held, and owed something that this process may not have been offered: the outbox has it. */
  owed(ref: SubscriptionRef): void
  /** It is no longer held: another may deliver for it already. */
  lost(ref: SubscriptionRef): void
  /**
   * Other processes are gone: what they held has no holder, and what they committed may not have been told. Looks through the
   * outbox and calls `tell`. Where it rejects, it is called again before long.
   */
  orphaned(): Promise<void>
}

/**
 * Who delivers for which subscription: one process at a time. A process that has fallen silent loses its leases after some ten
 * seconds, and knows it by then: it does not take itself for a holder when it wakes. Where there is one process, it holds all
 * that it ever asked for, and none of this waits.
 *
 * Nothing is missed: a record is in the log before its writer calls `tell`, and a new holder reads the outbox after it became
 * holder. So either it finds the record there, or the writer finds the new holder.
 */
export interface LeaseStore {
  /** True while this process, and no other, may deliver for it. From memory. */
  holds(ref: SubscriptionRef): boolean
  /** True while no other process writes, so that all records are offered here, in the order of their commits. From memory. */
  isAlone(): boolean
  /** Begins to take part: from then on `holder` hears. Once. */
  join(holder: LeaseHolder): Promise<void>
  /**
   * Sees to it that what these are owed is delivered: acquires those that nobody holds and that this process may hold; tells the
   * holders of the others, be it this process. Rejects when that is not sure; it is then to be called again.
   */
  tell(refs: readonly SubscriptionRef[]): Promise<void>
  /** Acquires them whoever holds them: for receivers that have come to this process. */
  takeOver(refs: readonly SubscriptionRef[]): Promise<void>
  /** They are not held any more from the call on. What comes for them is for whoever acquires them next. */
  giveBack(refs: readonly SubscriptionRef[]): Promise<void>
  /** Forgets all about held ones, whose subscription is gone. */
  forget(refs: readonly SubscriptionRef[]): Promise<void>
  /**
   * Claims one period of a periodic subscription, by its beginning (milliseconds since 1970). True at most once for a period,
   * over all processes and for ever, and only for the holder; false also for a period before one that was claimed. Durable.
   */
  claimPeriod(ref: SubscriptionRef, period: number): Promise<boolean>
  /** Takes no more part: others may acquire at once what this process held. */
  leave(): Promise<void>
}
