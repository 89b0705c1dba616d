/** One turn of a lane: try what stands first, and draw the conclusions. */
import { microsOfTimeKey, timeKeyOfMicros } from '../../base/time.ts'
import type { TimeKey } from '../../base/time.ts'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { statusOf } from '../../core/model/subscription.ts'
import type { AttemptOutcome } from './attempt.ts'
import { attempt } from './attempt.ts'
import { backoff } from './backoff.ts'
import { endByReceiver } from './end-by-receiver.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Delivery, Lane } from './feed.ts'
import { evict } from './feed.ts'
import { ABSENT_AFTER, giveUp, leaveToOutbox, schedule, settle, supersede, throttledUntil } from './intake.ts'
import { returnTo, takeFrom } from './lane.ts'
import { read, readBehind } from './outbox-reader.ts'

/** Milliseconds: the longest a lane itself waits when the endpoint was absent. The endpoint's own wait is another matter. */
const LANE_WAIT = 5000
/** Milliseconds: the longest that an endpoint can make us wait by Retry-After. */
const LONGEST_AFTER = 3_600_000

interface Try {
  readonly lane: Lane
  readonly subscription: Subscription
  readonly taken: readonly Delivery[]
  readonly started: number
}

type Failure = Exclude<AttemptOutcome, { kind: 'delivered' | 'unwanted' }>

/** Never rejects. */
export async function takeTurn(state: DeliveryState, lane: Lane): Promise<void> {
  lane.isScheduled = false
  const subscription = wanted(state, lane)
  if (subscription === undefined) readBehind(state, lane.queue)
  if (subscription === undefined || state.isStopping) return
  const { feed } = lane
  const started = state.parts.now()
  if (lane.isThrottled && throttledUntil(state, feed, subscription) > started) {
    lane.notBefore = throttledUntil(state, feed, subscription)
    schedule(lane)
    return
  }
  const taken = takeFrom(lane)
  if (taken.length === 0) {
    // Memory has let go of them, and has room for others.
    readBehind(state, lane.queue)
    return
  }
  // Out of the queue while it is under way: what comes meanwhile must not overtake it.
  lane.isScheduled = true
  lane.queue.waiting -= taken.length
  feed.underWay++
  const outcome = await attempt(attemptParts(state), subscription, taken)
  if (outcome.kind !== 'unwanted') state.parts.metrics.tried(lane.queue.uri, outcome.kind, secondsSince(state, started))
  feed.underWay--
  lane.isScheduled = false
  conclude(state, { lane, subscription, taken, started }, outcome)
  goOn(state, lane)
}

function attemptParts({ parts }: DeliveryState): Parameters<typeof attempt>[0] {
  return { ...parts, entities: parts.store.entities, defaultTimeout: parts.config.notificationTimeout }
}

/** The subscription, if it can be notified now. Otherwise memory lets go of its deliveries. */
function wanted(state: DeliveryState, { feed, queue }: Lane): Subscription | undefined {
  const subscription = state.parts.subscriptionOf(feed.space, feed.id)
  const isWanted = subscription !== undefined && statusOf(subscription, timeNow(state)) === 'active'
  const isHeld = state.parts.store.leases.holds({ space: feed.space, subscription: feed.id })
  if (isWanted && isHeld && queue.isHere()) return subscription
  evict(feed)
  if (!isHeld) return undefined
  if (isWanted) leaveToOutbox(feed, queue)
  else void read(state, feed)
  return undefined
}

function timeNow({ parts }: DeliveryState): TimeKey {
  return timeKeyOfMicros(Math.floor(parts.now()) * 1000)
}

function conclude(state: DeliveryState, done: Try, outcome: AttemptOutcome): void {
  switch (outcome.kind) {
    case 'delivered':
      succeed(state, done)
      return
    case 'unwanted':
      startAfresh(done.lane)
      settle(state, done.lane.feed, done.taken)
      return
    case 'unready':
      state.parts.log.warn({ subscription: done.subscription.id, reason: outcome.reason }, 'not ready to notify')
      done.lane.tries++
      if (isDead(state, done, outcome)) bury(state, done, outcome)
      else putBack(state, done, state.parts.config.retryMax)
      return
    case 'retry':
    case 'refused':
      fail(state, done, outcome)
      return
    case 'gone':
      end(state, done, outcome)
  }
}

function succeed(state: DeliveryState, { lane, subscription, taken, started }: Try): void {
  const { feed, queue } = lane
  const now = state.parts.now()
  queue.successes++
  queue.turns.succeeded(now - started)
  state.statuses.count(feed.space, feed.id, { isDelivered: true, time: timeNow(state) })
  for (const { record } of taken) state.parts.metrics.arrived(queue.uri, ageOf(state, record) / 1000)
  feed.nextAllowed = now + (subscription.throttling ?? 0) * 1000
  startAfresh(lane)
  if (lane.isThrottled) lane.notBefore = feed.nextAllowed
  settle(state, feed, taken)
}

function startAfresh(lane: Lane): void {
  lane.tries = 0
  lane.refusals = 0
  lane.notBefore = 0
}

function fail(state: DeliveryState, done: Try, outcome: Failure): void {
  const { lane, subscription } = done
  const { queue } = lane
  const { config } = state.parts
  const after = outcome.kind === 'retry' ? Math.min(outcome.after ?? 0, LONGEST_AFTER) : 0
  countFailure(state, done, { reason: outcome.reason, wait: Math.max(after, subscription.endpoint.cooldown ?? 0) })
  const tookOthers = lane.tries > 0 && queue.successes > lane.successesSeen
  lane.successesSeen = queue.successes
  lane.tries++
  if (outcome.kind === 'refused' || tookOthers) lane.refusals++
  if (isDead(state, done, outcome)) bury(state, done, outcome)
  else putBack(state, done, outcome.kind === 'refused' ? config.retryMax : Math.min(config.retryMax, LANE_WAIT))
}

function countFailure(
  state: DeliveryState,
  { lane: { feed, queue } }: Try,
  { reason, wait }: { readonly reason: string; readonly wait: number },
): void {
  if (queue.turns.circuit.failures === 0) {
    state.parts.log.warn({ subscription: feed.id, reason }, 'a notification failed')
  }
  queue.turns.failed(wait)
  const notTriedUntil = timeKeyOfMicros(Math.ceil(queue.turns.circuit.openUntil) * 1000)
  state.statuses.count(feed.space, feed.id, { isDelivered: false, time: timeNow(state), reason, notTriedUntil })
}

/** The receiver wants no more: the subscription is paused, and what it is owed waits in case that it is revived. */
function end(state: DeliveryState, done: Try, { reason }: Failure): void {
  countFailure(state, done, { reason, wait: 0 })
  done.lane.tries++
  putBack(state, done, state.parts.config.retryMax)
  endByReceiver(state, done.subscription, reason)
}

/**
 * A message that the receiver will not have dies after some refusals; one that the broker cannot make, when it has also grown
 * old. A receiver that is absent is no fault of the message, which waits within the bounds of `upkeep.ts`.
 */
function isDead(state: DeliveryState, { lane, taken }: Try, outcome: Failure): boolean {
  const { maxDeliveryAttempts, maxDeliveryAge } = state.parts.config
  if (outcome.kind !== 'unready') return lane.refusals >= maxDeliveryAttempts
  const age = Math.max(0, ...taken.map(({ record }) => ageOf(state, record)))
  return lane.tries >= maxDeliveryAttempts && age / 1000 >= maxDeliveryAge
}

function secondsSince({ parts }: DeliveryState, time: number): number {
  return (parts.now() - time) / 1000
}

/** Milliseconds since the change. */
function ageOf({ parts }: DeliveryState, { time }: LogRecord): number {
  return parts.now() - microsOfTimeKey(time) / 1000
}

function bury(state: DeliveryState, { lane, taken }: Try, { reason }: Failure): void {
  const attempts = lane.tries
  state.parts.log.error({ subscription: lane.feed.id, reason, attempts, count: taken.length }, 'notification given up')
  giveUp(state, lane.feed, { deliveries: taken, deadLetter: { reason, attempts, at: timeNow(state) } })
  startAfresh(lane)
}

function putBack(state: DeliveryState, { lane, taken }: Try, longest: number): void {
  const { feed } = lane
  const { config, now, random } = state.parts
  lane.notBefore = now() + backoff({ base: config.retryBase, max: longest }, lane.tries, random)
  // Let go of meanwhile: the outbox brings it again.
  if (feed.lanes.get(lane.key) !== lane) {
    for (const delivery of taken) feed.known.delete(delivery.notification)
    return
  }
  const superseded = returnTo(lane, taken)
  lane.queue.waiting += taken.length - superseded.length
  supersede(state, feed, superseded)
}

function goOn(state: DeliveryState, lane: Lane): void {
  const { feed, queue } = lane
  if (queue.turns.circuit.failures === ABSENT_AFTER) letGo(state, lane)
  if (lane.waiting.length > 0) schedule(lane)
  else if (feed.lanes.get(lane.key) === lane) feed.lanes.delete(lane.key)
  if (feed.mustSettle) void read(state, feed)
  readBehind(state, queue)
}

/** An absent endpoint's deliveries wait in the outbox; a few stay in memory to probe it with. */
function letGo(state: DeliveryState, { queue }: Lane): void {
  for (const feed of state.feeds.values()) {
    if (![...feed.lanes.values()].some((lane) => lane.queue === queue)) continue
    evict(feed)
    leaveToOutbox(feed, queue)
  }
}
