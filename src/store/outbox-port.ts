/**
 * The part of the store port (`port.ts`) that delivery works from: the log, the outbox, which is what the log still owes, and
 * the dead letters, which it owes no more.
 */
import type { TimeKey } from '../base/time.ts'
import type { LogRecord } from '../core/model/log-record.ts'
import type { Space } from '../core/model/space.ts'

/** Where a reader of the log stands; opaque, made by the store. */
export type LogPosition = string

export interface LogStore {
  /** The records of one entity in version order, beginning after a version; all of its lives, deletions included. */
  ofEntity(request: {
    space: Space
    entity: string
    afterVersion: number
    limit: number
  }): Promise<readonly LogRecord[]>
  /**
   * What one subscription was ever owed, settled or not: the oldest first, per entity in version order, as `Outbox.due` has
   * it. It begins after a position (absent: with the oldest); `since` leaves out what records of earlier requests owed.
   * Fewer than `limit` means: there is no more for now. Where many brokers write, positions go by version and not by commit:
   * a record may come to stand shortly before one that was read, so who must miss nothing reads a short overlap again.
   */
  ofSubscription(request: HistoryRequest): Promise<readonly DueDelivery[]>
  /** The position of the last one that a subscription was ever owed; that of a beginning, when there is none. */
  endOf(request: Pick<HistoryRequest, 'space' | 'subscription'>): Promise<LogPosition>
  /**
   * From where to read again to miss nothing that came to stand before a position so many milliseconds late; the position
   * itself, where positions go by commit. Throws InvalidRequest when it is no position.
   */
  before(position: LogPosition, milliseconds: number): LogPosition
}

export interface HistoryRequest {
  readonly space: Space
  readonly subscription: string
  readonly after?: LogPosition
  readonly since?: TimeKey
  readonly limit: number
}

/** A notification that a record owes to a subscription, or once owed. */
export interface DueDelivery {
  readonly position: LogPosition
  readonly record: LogRecord
  readonly subscription: string
  readonly notification: string
  /** Present when it was settled before and is owed again. */
  readonly isAgain?: true
}

/** A subscription of a space, as something that is delivered for. */
export interface SubscriptionRef {
  readonly space: Space
  readonly subscription: string
}

/** A record, and one subscription that it owes or once owed a notification. */
export interface OwedRecord extends SubscriptionRef {
  readonly entity: string
  readonly version: number
}

export interface Settlement extends OwedRecord {
  /** Absent: delivered, or no longer wanted. Present: kept as a dead letter. */
  readonly deadLetter?: DeadLetterReason
}

export interface DeadLetterReason {
  readonly reason: string
  readonly attempts: number
  readonly at: TimeKey
}

/** The outbox: the deliveries that committed log records owe. */
export interface Outbox {
  /** What one subscription is still owed, after a position (absent: from the oldest); per entity in version order. */
  due(request: SubscriptionRef & { after?: LogPosition; limit: number }): Promise<readonly DueDelivery[]>
  /** The subscriptions that are owed anything: where delivery begins after a start. */
  owed(): Promise<readonly SubscriptionRef[]>
  /** How many deliveries a subscription is owed. */
  count(ref: SubscriptionRef): Promise<number>
  /** Takes deliveries off the outbox, durably. Settling twice changes nothing. */
  settle(settlements: readonly Settlement[]): Promise<void>
  /** Owes again, durably, what was owed before; each in its old place. What is owed still, or never was, stays as it is. */
  owe(records: readonly OwedRecord[]): Promise<void>
  /**
   * Takes off what is owed for records before a time, or the oldest beyond so many. Resolves to their number. Several processes
   * may do it at once: each takes off none that another must keep.
   */
  drop(request: SubscriptionRef & ({ before: TimeKey } | { most: number })): Promise<number>
  /** Takes off all but the latest delivery of each entity. Resolves to their number. */
  keepLatest(ref: SubscriptionRef): Promise<number>
}

export interface DeadLetter extends DeadLetterReason {
  readonly delivery: DueDelivery
  /** Where it stands among all; opaque, made by the store. */
  readonly cursor: string
}

/** Which dead letters are meant; what is absent restricts nothing. */
export interface DeadLetterFilter {
  readonly space?: Space
  readonly subscription?: string
  readonly notification?: string
}

/** What could not be delivered and was given up. */
export interface DeadLetterStore {
  /** Oldest first, after a cursor. */
  list(request: DeadLetterFilter & { after?: string; limit: number }): Promise<readonly DeadLetter[]>
  count(filter: DeadLetterFilter): Promise<number>
  /** Removes all that are meant; resolves to their number. */
  remove(filter: DeadLetterFilter): Promise<number>
  /** Removes those given up before a time, and the oldest beyond so many; resolves to their number. */
  trim(bounds: { readonly before: TimeKey; readonly most: number }): Promise<number>
}
