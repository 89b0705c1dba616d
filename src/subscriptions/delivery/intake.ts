/** How deliveries come into memory, and how they leave it. */
import { microsOfTimeKey } from '../../base/time.ts'
import type { Space } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { keepsLatest } from '../../core/model/subscription.ts'
import type { DeadLetterReason } from '../../store/outbox-port.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Delivery, Feed, Lane, LaneQueue } from './feed.ts'
import { createFeed } from './feed.ts'
import { appendTo, createLane } from './lane.ts'
import { subscriptionKey } from '../subscription-key.ts'

/** From so many failures in a row an endpoint counts as absent: its deliveries wait in the outbox, not in memory. */
export const ABSENT_AFTER = 10
const ROOM_OF_ABSENT = 16

/** The feed of a subscription. */
export function feedOf(state: DeliveryState, space: Space, id: string): Feed {
  const key = subscriptionKey(space, id)
  const known = state.feeds.get(key)
  if (known !== undefined) return known
  const feed = createFeed(space, id, state.parts.now())
  state.feeds.set(key, feed)
  return feed
}

/** How many more deliveries an endpoint may have in memory. */
export function roomIn(state: DeliveryState, queue: LaneQueue): number {
  if (!queue.isHere()) return 0
  const { queueMemory } = state.parts.config
  const most = queue.turns.circuit.failures >= ABSENT_AFTER ? Math.min(ROOM_OF_ABSENT, queueMemory) : queueMemory
  return Math.max(0, most - queue.waiting)
}

/** Takes a delivery into memory; false when there is no room: it is then left to the outbox. */
export function accept(state: DeliveryState, subscription: Subscription, delivery: Delivery): boolean {
  const feed = feedOf(state, subscription.space, subscription.id)
  if (feed.known.has(delivery.notification)) return true
  const queue = state.queueOf(subscription.endpoint)
  if (roomIn(state, queue) === 0) {
    leaveToOutbox(feed, queue)
    return false
  }
  const lane = laneOf(state, feed, { subscription, queue, entity: delivery.record.entity })
  const superseded = appendTo(lane, delivery)
  queue.waiting += 1 - superseded.length
  feed.known.add(delivery.notification)
  feed.lastUsed = state.parts.now()
  supersede(state, feed, superseded)
  schedule(lane)
  return true
}

/** The feed is read from the outbox when the endpoint has room again. */
export function leaveToOutbox(feed: Feed, queue: LaneQueue): void {
  feed.isBehind = true
  feed.hasMissed = true
  feed.awaits?.behind.delete(feed)
  feed.awaits = queue
  queue.behind.add(feed)
}

interface LaneFor {
  readonly subscription: Subscription
  readonly queue: LaneQueue
  readonly entity: string
}

function laneOf(state: DeliveryState, feed: Feed, { subscription, queue, entity }: LaneFor): Lane {
  const isThrottled = subscription.throttling !== undefined
  const key = isThrottled ? '' : entity
  const known = feed.lanes.get(key)
  if (known !== undefined) return known
  const lane = createLane(feed, queue, { key, isThrottled, keepsLatest: keepsLatest(subscription) })
  feed.lanes.set(key, lane)
  if (isThrottled) lane.notBefore = throttledUntil(state, feed, subscription)
  return lane
}

/** When throttling allows the next message, in milliseconds: remembered, or after a start from the last success. */
export function throttledUntil(state: DeliveryState, feed: Feed, { throttling = 0 }: Subscription): number {
  if (feed.nextAllowed > 0) return feed.nextAllowed
  const lastSuccess = state.statuses.get(feed.space, feed.id)?.lastSuccess
  return lastSuccess === undefined ? 0 : microsOfTimeKey(lastSuccess) / 1000 + throttling * 1000
}

/** Gives a lane a turn, unless it has one coming. */
export function schedule(lane: Lane): void {
  if (lane.isScheduled) return
  lane.isScheduled = true
  lane.queue.turns.schedule(lane)
}

/** Takes deliveries off the outbox: delivered, or no longer wanted. */
export function settle(state: DeliveryState, feed: Feed, deliveries: readonly Delivery[]): void {
  for (const delivery of deliveries) settleOne(state, feed, { delivery })
}

/** Takes off the outbox what later states of the same entities have made superfluous. */
export function supersede(state: DeliveryState, feed: Feed, deliveries: readonly Delivery[]): void {
  if (deliveries.length === 0) return
  countSuperseded(state, feed, deliveries.length)
  settle(state, feed, deliveries)
}

export function countSuperseded({ parts, statuses }: DeliveryState, feed: Feed, count: number): void {
  parts.metrics.superseded(count)
  statuses.add(feed.space, feed.id, 'timesSuperseded', count)
}

/** Takes deliveries off the outbox and keeps them as dead letters. */
export function giveUp(
  state: DeliveryState,
  feed: Feed,
  { deliveries, deadLetter }: { readonly deliveries: readonly Delivery[]; readonly deadLetter: DeadLetterReason },
): void {
  state.parts.metrics.gaveUp(deliveries.length)
  state.statuses.add(feed.space, feed.id, 'timesGivenUp', deliveries.length)
  for (const delivery of deliveries) settleOne(state, feed, { delivery, deadLetter })
}

interface Ending {
  readonly delivery: Delivery
  readonly deadLetter?: DeadLetterReason
}

function settleOne({ settler }: DeliveryState, feed: Feed, { delivery, ...reason }: Ending): void {
  const { space, entity, version } = delivery.record
  settler.settle({ space, entity, version, subscription: feed.id, ...reason }, () => {
    if (feed.isReading) feed.settled.add(delivery.notification)
    else feed.known.delete(delivery.notification)
    feed.owedAtMost--
  })
}
