/** What lanes do (`feed.ts` says what they are). */
import type { Delivery, Feed, Lane, LaneQueue } from './feed.ts'

/** The most entities in one message of a throttled subscription; further ones go in the next window. */
const MOST_IN_ONE = 100

export function createLane(
  feed: Feed,
  queue: LaneQueue,
  kind: Pick<Lane, 'key' | 'isThrottled' | 'keepsLatest'>,
): Lane {
  const untried = { tries: 0, refusals: 0, successesSeen: 0 }
  return { feed, queue, ...kind, ...untried, waiting: [], isScheduled: false, notBefore: 0 }
}

/** Puts a delivery behind the others. Returns those that it makes superfluous. */
export function appendTo(lane: Lane, delivery: Delivery): readonly Delivery[] {
  if (!lane.keepsLatest) {
    lane.waiting.push(delivery)
    return []
  }
  const superseded = lane.waiting.filter((other) => other.record.entity === delivery.record.entity)
  if (superseded.length > 0) lane.waiting = lane.waiting.filter((other) => !superseded.includes(other))
  lane.waiting.push(delivery)
  return superseded
}

/** Takes out what goes in the next message: one delivery, or for a throttled lane the latest of each entity. */
export function takeFrom(lane: Lane): readonly Delivery[] {
  return lane.waiting.splice(0, lane.isThrottled ? MOST_IN_ONE : 1)
}

/** Puts what could not be delivered first again. Returns what newer deliveries have made superfluous meanwhile. */
export function returnTo(lane: Lane, taken: readonly Delivery[]): readonly Delivery[] {
  const newer = new Set(lane.keepsLatest ? lane.waiting.map((delivery) => delivery.record.entity) : [])
  lane.waiting.unshift(...taken.filter((delivery) => !newer.has(delivery.record.entity)))
  return taken.filter((delivery) => newer.has(delivery.record.entity))
}
