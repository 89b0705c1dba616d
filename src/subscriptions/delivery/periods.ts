/**
 * Periodic subscriptions (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.8.6). Periods are counted from the subscription's creation;
 * the first notification comes at the end of the first one. Each period is claimed in the store before anything is sent
 * (`LeaseStore.claimPeriod`), so that none fires twice, whoever holds the lease and however often that changes. One whose
 * beginning was missed fires late, and one that was missed as a whole does not fire.
 */
import { microsOfTimeKey, timeKeyOfMicros } from '../../base/time.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { statusOf } from '../../core/model/subscription.ts'
import { subscriptionKey } from '../subscription-key.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Feed, Period } from './feed.ts'

export interface Periods {
  /** The lease is held, or the subscription has changed. */
  begin(feed: Feed): void
}

const LONGEST_TIMER = 2 ** 31 - 1
/** Milliseconds until a claim that failed is tried again. */
const RETRY = 1000

export function createPeriods(state: DeliveryState): Periods {
  const timers = new Map<string, NodeJS.Timeout>()
  const wait = (feed: Feed, milliseconds: number): void => {
    const key = subscriptionKey(feed.space, feed.id)
    clearTimeout(timers.get(key))
    const again = (): void => {
      timers.delete(key)
      void run(feed)
    }
    timers.set(key, setTimeout(again, Math.min(Math.max(0, milliseconds), LONGEST_TIMER)).unref())
  }
  const run = async (feed: Feed): Promise<void> => {
    const subscription = periodic(state, feed)
    const period = subscription && periodAt(subscription, state.parts.now())
    if (subscription === undefined || period === undefined) return
    try {
      if (period.begin > createdAt(subscription)) await fire(state, feed, { subscription, period })
      wait(feed, period.end - state.parts.now())
    } catch (err) {
      state.parts.log.warn({ err, subscription: feed.id }, 'a period could not be claimed; trying again')
      wait(feed, RETRY)
    }
  }
  return {
    begin: (feed) => {
      if (periodic(state, feed) !== undefined) wait(feed, 0)
    },
  }
}

/** The subscription, if it is periodic and this feed is what it is delivered by. */
function periodic({ parts, feeds, isStopping }: DeliveryState, feed: Feed): Subscription | undefined {
  const subscription = parts.subscriptionOf(feed.space, feed.id)
  const isOurs = feeds.get(subscriptionKey(feed.space, feed.id)) === feed && !isStopping
  return isOurs && subscription?.timeInterval !== undefined ? subscription : undefined
}

function createdAt(subscription: Subscription): number {
  return Math.floor(microsOfTimeKey(subscription.createdAt) / 1000)
}

/** The period in which a moment (milliseconds since 1970) lies. */
function periodAt(subscription: Subscription, now: number): Period {
  const first = createdAt(subscription)
  const length = (subscription.timeInterval ?? Infinity) * 1000
  const index = Math.max(0, Math.floor((now - first) / length))
  const begin = Math.floor(first + index * length)
  return { begin, end: Math.max(begin + 1, Math.floor(first + (index + 1) * length)), claimedAt: now }
}

interface Firing {
  readonly subscription: Subscription
  readonly period: Period
}

async function fire(state: DeliveryState, feed: Feed, { subscription, period }: Firing): Promise<void> {
  const { space, id } = feed
  const { leases } = state.parts.store
  const status = statusOf(subscription, timeKeyOfMicros(Math.floor(period.claimedAt) * 1000))
  if (status !== 'active') return
  if (!leases.holds({ space, subscription: id })) throw new Error('the lease is in doubt')
  if (!(await leases.claimPeriod({ space, subscription: id }, period.begin))) return
  const queue = state.queueOf(subscription.endpoint)
  queue.turns.schedule({ feed, queue, period, notBefore: 0, pages: 0, tries: 0, page: undefined, after: undefined })
}
