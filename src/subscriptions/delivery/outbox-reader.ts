/** Brings into memory what the outbox owes to a subscription and memory had no room for. */
import { timeKeyOfMicros } from '../../base/time.ts'
import { parseStoredSubscription, statusOf } from '../../core/model/subscription.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { DueDelivery } from '../../store/outbox-port.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Feed, LaneQueue } from './feed.ts'
import { evict } from './feed.ts'
import { accept, leaveToOutbox, roomIn, settle } from './intake.ts'
import { subscriptionKey } from '../subscription-key.ts'

/** Milliseconds until a reading that failed is tried again. */
const RETRY = 1000
/** Deliveries dropped in one step. */
const DROP_PAGE = 500
/** Feeds of one endpoint that are read at the same time. */
const FEEDS_AT_ONCE = 4

/** Reads some of those that wait for room at an endpoint, once half of its memory is free. */
export function readBehind(state: DeliveryState, queue: LaneQueue): void {
  if (!queue.isHere() || queue.waiting > roomIn(state, queue)) return
  for (const feed of [...queue.behind.values().take(FEEDS_AT_ONCE)]) void read(state, feed)
}

/**
 * Reads one feed until it is no longer behind, or the endpoint's memory is full. What is owed to a subscription that is gone
 * or expired is dropped; that of a paused one stays where it is. Never rejects.
 */
export async function read(state: DeliveryState, feed: Feed): Promise<void> {
  if (!feed.isBehind || feed.isReading || !isOurs(state, feed) || (feed.mustSettle && feed.underWay > 0)) return
  const queue = feed.awaits
  queue?.behind.delete(feed)
  feed.awaits = undefined
  feed.isReading = true
  try {
    do feed.mustSettle = false
    while (await readOn(state, feed))
  } catch (error) {
    state.parts.log.warn({ err: error, subscription: feed.id }, 'the outbox could not be read; trying again')
    setTimeout(() => void read(state, feed), RETRY).unref()
  } finally {
    feed.isReading = false
    forgetSettled(feed)
  }
  // Let go of while it was read: it is to be read anew.
  if (feed.mustSettle) void read(state, feed)
  if (queue !== undefined) readBehind(state, queue)
}

/** The lease is held, and its counters are known. */
function isOurs({ parts, statuses, feeds, isStopping }: DeliveryState, feed: Feed): boolean {
  const { space, id } = feed
  const isHeld = parts.store.leases.holds({ space, subscription: id })
  return isHeld && !isStopping && feeds.get(subscriptionKey(space, id)) === feed && statuses.isLoaded(space, id)
}

/** One page. True when there is more, and room for it. */
async function readOn(state: DeliveryState, feed: Feed): Promise<boolean> {
  const { subscriptionOf, now } = state.parts
  const subscription = subscriptionOf(feed.space, feed.id)
  const time = timeKeyOfMicros(Math.floor(now()) * 1000)
  const status = subscription === undefined ? 'expired' : statusOf(subscription, time)
  if (subscription !== undefined && status !== 'expired')
    return status === 'active' && (isHeldUp(state, feed) ? runReplay(state, feed) : readPage(state, feed, subscription))
  // Memory follows the store: it may not have heard yet that it came, or came back.
  const isGone = subscription === undefined
  if (!(await isUnwanted(state, feed, isGone))) return false
  const hasMore = await dropPage(state, feed)
  if (!hasMore && isGone) await forget(state, feed)
  return hasMore
}

function isHeldUp({ replays }: DeliveryState, { space, id }: Feed): boolean {
  return replays.isAskedFor(space, id)
}

/** What is in memory or under way would come before what is older: it is let go of, and comes again. */
async function runReplay(state: DeliveryState, feed: Feed): Promise<boolean> {
  if (feed.lanes.size > 0 || feed.underWay > 0) {
    evict(feed)
    return false
  }
  await state.settler.flush()
  await state.replays.run({ space: feed.space, subscription: feed.id })
  feed.owedAtMost = Infinity
  return true
}

async function isUnwanted({ parts }: DeliveryState, { space, id }: Feed, isGone: boolean): Promise<boolean> {
  const stored = await parts.store.documents.get(space, 'subscription', id)
  if (stored === undefined || isGone) return stored === undefined
  const time = timeKeyOfMicros(Math.floor(parts.now()) * 1000)
  return statusOf(parseStoredSubscription(stored.body), time) === 'expired'
}

async function forget(state: DeliveryState, { space, id }: Feed): Promise<void> {
  state.feeds.delete(subscriptionKey(space, id))
  state.statuses.forget(space, id)
  const ref = { space, subscription: id }
  // At once: a subscription that comes back under the same id must not find a lease that is about to be forgotten.
  const forgetting = state.parts.store.leases.forget([ref])
  await Promise.all([forgetting, state.replays.forget(ref)])
}

async function readPage(state: DeliveryState, feed: Feed, subscription: Subscription): Promise<boolean> {
  const queue = state.queueOf(subscription.endpoint)
  const room = roomIn(state, queue)
  // What is in memory is read once more each time: of a full memory, only when half of it is free again.
  if (room === 0 || (feed.known.size > 0 && queue.waiting > room)) {
    leaveToOutbox(feed, queue)
    return false
  }
  beginPage(feed)
  // What is in memory is in the outbox too: ask for so much that something new must be among it.
  const limit = room + feed.known.size
  const page = await state.parts.store.outbox.due({ space: feed.space, subscription: feed.id, limit })
  // Changed while the page was under way: it is read anew, for the endpoint and the order may be others now.
  if (feed.mustSettle || !isOurs(state, feed)) return false
  if (!page.every((delivery) => accept(state, subscription, delivery))) return false
  if (page.length === limit || feed.hasMissed) return true
  feed.isBehind = false
  return false
}

function beginPage(feed: Feed): void {
  feed.hasMissed = false
  forgetSettled(feed)
}

/** What was settled before a reading began cannot be found by it. */
function forgetSettled(feed: Feed): void {
  for (const notification of feed.settled) feed.known.delete(notification)
  feed.settled.clear()
}

async function dropPage(state: DeliveryState, feed: Feed): Promise<boolean> {
  beginPage(feed)
  const limit = DROP_PAGE + feed.known.size
  const page = await state.parts.store.outbox.due({ space: feed.space, subscription: feed.id, limit })
  const unwanted = page.filter((delivery) => !feed.known.has(delivery.notification))
  drop(state, feed, unwanted)
  if (page.length === limit || feed.hasMissed) return true
  feed.isBehind = false
  return false
}

function drop(state: DeliveryState, feed: Feed, unwanted: readonly DueDelivery[]): void {
  for (const delivery of unwanted) feed.known.add(delivery.notification)
  settle(state, feed, unwanted)
}
