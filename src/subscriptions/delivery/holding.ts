/**
 * Which subscriptions this process delivers for. Of several processes on one database one delivers for each subscription: the
 * holder of its lease (`LeaseStore`). Here is what becomes of feeds when a lease comes or goes, and how the holder hears of
 * what other processes commit.
 */
import type { Space } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { LeaseHolder } from '../../store/lease-port.ts'
import type { SubscriptionRef } from '../../store/outbox-port.ts'
import { subscriptionKey } from '../subscription-key.ts'
import { createBatches } from './batches.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Feed } from './feed.ts'
import { evict } from './feed.ts'
import { feedOf } from './intake.ts'
import { read } from './outbox-reader.ts'
import type { Periods } from './periods.ts'
import { createPeriods } from './periods.ts'

export interface Holding {
  /** Sees to it that what the subscription is owed is delivered, by whoever holds it. */
  tell(space: Space, id: string): void
  /** Begins to hold: first what is owed anything. */
  begin(): Promise<void>
  /** Takes over what goes to a receiver that has come here. */
  receive(subscriptions: readonly Subscription[]): void
  /** Goes on after the subscription has changed. */
  resume(feed: Feed): void
  /** Holds it no more. */
  giveBack(feed: Feed): void
  /** Gives everything back. */
  end(): Promise<void>
}

/** Milliseconds between two looks for leases that need not be held. */
const TIDYING = 30_000
/** Milliseconds for which nothing is owed before a lease is given back: whoever commits next may then have it. */
const IDLE = 60_000
/** Milliseconds between two words to other holders: they look for it less often. */
const TELLING = 50
/** Milliseconds until what failed is tried again. */
const RETRY = 1000

export function createHolding(state: DeliveryState): Holding {
  const { leases } = state.parts.store
  const { log } = state.parts
  const periods = createPeriods(state)
  const failed = (err: unknown, count: number): void => {
    log.warn({ err, count }, 'who delivers for some subscriptions is not settled; trying again')
  }
  const told = createBatches<SubscriptionRef>((refs) => leases.tell(distinct(refs)), failed, TELLING)
  const received = createBatches<SubscriptionRef>((refs) => leases.takeOver(distinct(refs)), failed)
  const timer = setInterval(() => {
    tidy(state)
  }, TIDYING)
  timer.unref()
  return {
    tell: (space, subscription) => {
      // What is owed before the start is found by the start.
      if (state.isStarted) told.add({ space, subscription })
    },
    begin: async () => {
      await leases.join(holderOf(state, periods))
      state.isStarted = true
      await tellOwed(state)
    },
    receive: (subscriptions) => {
      if (!state.isStarted) return
      for (const subscription of subscriptions) received.add(refOf(subscription))
    },
    resume: (feed) => {
      void read(state, feed)
      periods.begin(feed)
    },
    giveBack: (feed) => {
      giveBack(state, feed)
    },
    end: async () => {
      clearInterval(timer)
      await Promise.all([told.flush(), received.flush()])
      await leases.leave()
    },
  }
}

function refOf({ space, id }: Subscription): SubscriptionRef {
  return { space, subscription: id }
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

function distinct(refs: readonly SubscriptionRef[]): readonly SubscriptionRef[] {
  return [...new Map(refs.map((ref) => [subscriptionKey(ref.space, ref.subscription), ref])).values()]
}

async function tellOwed({ parts }: DeliveryState): Promise<void> {
  const { outbox, leases } = parts.store
  const [guests, others] = partition(parts.alwaysHeld(), ({ endpoint }) => parts.endpoints.isGuest(endpoint))
  await leases.takeOver(guests.map(refOf))
  await leases.tell(distinct([...(await outbox.owed()), ...others.map(refOf)]))
}

function holderOf(state: DeliveryState, periods: Periods): LeaseHolder {
  const feedAt = ({ space, subscription }: SubscriptionRef): Feed | undefined =>
    state.feeds.get(subscriptionKey(space, subscription))
  return {
    mayHold: ({ space, subscription }) => mayHold(state, space, subscription),
    acquired: ({ space, subscription }) => {
      void takeUp(state, periods, feedOf(state, space, subscription))
    },
    owed: (ref) => {
      const feed = feedAt(ref)
      if (feed !== undefined) readAgain(state, feed)
    },
    lost: (ref) => {
      const feed = feedAt(ref)
      if (feed !== undefined) letGo(state, feed)
    },
    orphaned: () => tellOwed(state),
  }
}

/** What is owed to a subscription that is gone can be dropped by anyone. */
function mayHold({ parts, isStopping }: DeliveryState, space: Space, id: string): boolean {
  const subscription = parts.subscriptionOf(space, id)
  return !isStopping && (subscription === undefined || parts.endpoints.isHere(subscription.endpoint))
}

/** Begins to deliver, from the counters on that were written last. */
async function takeUp(state: DeliveryState, periods: Periods, feed: Feed): Promise<void> {
  const { space, id } = feed
  const isOurs = (): boolean => state.feeds.get(subscriptionKey(space, id)) === feed && !state.isStopping
  try {
    await state.statuses.load(space, id)
    if (!isOurs()) return
    void read(state, feed)
    periods.begin(feed)
  } catch (err) {
    state.parts.log.warn({ err, subscription: id }, 'the counters of a subscription could not be read; trying again')
    setTimeout(() => {
      if (isOurs()) void takeUp(state, periods, feed)
    }, RETRY).unref()
  }
}

/** The outbox may owe what memory has not heard of. */
export function readAgain(state: DeliveryState, feed: Feed): void {
  feed.hasMissed = true
  feed.isBehind = true
  feed.owedAtMost = Infinity
  void read(state, feed)
}

/** Memory lets go of a feed, with all that waits in it. */
function letGo(state: DeliveryState, feed: Feed): void {
  evict(feed)
  feed.awaits?.behind.delete(feed)
  feed.awaits = undefined
  state.feeds.delete(subscriptionKey(feed.space, feed.id))
  void state.statuses.release(feed.space, feed.id)
}

/** What is still owed waits in the outbox for whoever acquires the lease next. */
function giveBack(state: DeliveryState, feed: Feed): void {
  const { space, id } = feed
  const { leases } = state.parts.store
  const ref = { space, subscription: id }
  const giving = leases.giveBack([ref])
  letGo(state, feed)
  giving.catch((err: unknown) => {
    state.parts.log.warn({ err, subscription: id }, 'a lease could not be given back')
  })
}

function tidy(state: DeliveryState): void {
  const before = state.parts.now() - IDLE
  for (const feed of state.feeds.values()) {
    const { space, id } = feed
    if (!mayHold(state, space, id) || (isIdle(feed) && feed.lastUsed < before && !isAwaited(state, feed))) {
      giveBack(state, feed)
    }
  }
}

function isIdle({ lanes, known, isBehind, isReading, underWay }: Feed): boolean {
  return lanes.size === 0 && known.size === 0 && !isBehind && !isReading && underWay === 0
}

/** A receiver that is here can be served from here alone, and a periodic subscription goes on by itself. */
function isAwaited({ parts }: DeliveryState, { space, id }: Feed): boolean {
  const subscription = parts.subscriptionOf(space, id)
  if (subscription === undefined) return false
  return parts.endpoints.isGuest(subscription.endpoint) || subscription.timeInterval !== undefined
}
