/**
 * What waits for absent endpoints is kept within bounds: of age, of number, and, where only the latest state of an entity
 * counts, of that. The oldest goes first, and is counted.
 */
import { setImmediate } from 'node:timers/promises'
import { timeKeyOfMicros } from '../../base/time.ts'
import type { TimeKey } from '../../base/time.ts'
import { keepsLatest } from '../../core/model/subscription.ts'
import type { DropReason } from '../../ops/notification-metrics.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { Feed } from './feed.ts'
import { evict } from './feed.ts'
import { countSuperseded } from './intake.ts'
import { read } from './outbox-reader.ts'

/** So many looks apart, ages are looked at and everything is counted anew. */
const THOROUGH = 10
/** Fewer new deliveries are not worth a look for those that later ones have made superfluous. */
const FEW = 20

/** One look at all that waits; `round` counts them. Rejects when the store does not answer; the next look goes on. */
export async function keepBounds(state: DeliveryState, round: number): Promise<void> {
  const isThorough = round % THOROUGH === 0
  for (const feed of state.feeds.values()) {
    if (state.isStopping) return
    if (!mayExceed(state, feed, isThorough)) continue
    if (isThorough) feed.owedAtMost = Infinity
    if (await keepBoundsOf(state, feed, isThorough)) forgetMemory(state, feed)
    await setImmediate()
  }
  if (!isThorough) return
  await keepBoundsOfGuests(state)
  await trimDeadLetters(state)
}

/** From memory. Where all that is owed is in memory, it is not much. */
function mayExceed(state: DeliveryState, feed: Feed, isThorough: boolean): boolean {
  if (feed.isBehind || feed.known.size > state.parts.config.maxOwed) return true
  const before = secondsAgo(state, 'maxDeliveryAge')
  return (
    isThorough && feed.lanes.values().some(({ waiting: [first] }) => first !== undefined && first.record.time < before)
  )
}

/** True when something was taken off the outbox. */
async function keepBoundsOf(state: DeliveryState, feed: Feed, isThorough: boolean): Promise<boolean> {
  const superseded = await thinOut(state, feed)
  const old = isThorough ? await drop(state, feed, { before: secondsAgo(state, 'maxDeliveryAge') }) : 0
  const tooMany = await dropTooMany(state, feed)
  return superseded + old + tooMany > 0
}

/** All but the latest of each entity, once so much has come that the work pays. */
async function thinOut(state: DeliveryState, feed: Feed): Promise<number> {
  const subscription = state.parts.subscriptionOf(feed.space, feed.id)
  if (subscription === undefined || !keepsLatest(subscription)) return 0
  if (feed.owedAtMost < feed.thinnedTo * 2 + FEW) return 0
  const { outbox } = state.parts.store
  const superseded = await outbox.keepLatest({ space: feed.space, subscription: feed.id })
  countSuperseded(state, feed, superseded)
  feed.thinnedTo = await count(state, feed)
  return superseded
}

async function dropTooMany(state: DeliveryState, feed: Feed): Promise<number> {
  const { maxOwed } = state.parts.config
  if (feed.owedAtMost <= maxOwed || (await count(state, feed)) <= maxOwed) return 0
  const dropped = await drop(state, feed, { most: maxOwed })
  feed.owedAtMost -= dropped
  return dropped
}

/** What comes while it is counted counts on top. */
async function count({ parts: { store } }: DeliveryState, feed: Feed): Promise<number> {
  feed.owedAtMost = 0
  try {
    const owed = await store.outbox.count({ space: feed.space, subscription: feed.id })
    feed.owedAtMost += owed
    return owed
  } catch (error) {
    feed.owedAtMost = Infinity
    throw error
  }
}

type Bound = { readonly before: TimeKey } | { readonly most: number }

async function drop(state: DeliveryState, { space, id }: Pick<Feed, 'space' | 'id'>, bound: Bound): Promise<number> {
  const { store, metrics, log } = state.parts
  const dropped = await store.outbox.drop({ space, subscription: id, ...bound })
  if (dropped === 0) return 0
  const reason: DropReason = 'before' in bound ? 'age' : 'count'
  metrics.dropped(reason, dropped)
  state.statuses.add(space, id, 'timesDropped', dropped)
  log.warn({ subscription: id, reason, count: dropped }, 'notifications were dropped unsent')
  return dropped
}

/** What is owed to receivers that come to the broker, and that nobody delivers for while they are away. */
async function keepBoundsOfGuests(state: DeliveryState): Promise<void> {
  const { store, subscriptionOf, endpoints, config } = state.parts
  for (const { space, subscription: id } of await store.outbox.owed()) {
    const subscription = subscriptionOf(space, id)
    if (subscription === undefined || endpoints.isHere(subscription.endpoint)) continue
    await drop(state, { space, id }, { before: secondsAgo(state, 'maxDeliveryAge') })
    await drop(state, { space, id }, { most: config.maxOwed })
  }
}

/** Memory may hold what the outbox holds no longer. */
function forgetMemory(state: DeliveryState, feed: Feed): void {
  evict(feed)
  feed.awaits?.behind.delete(feed)
  feed.awaits = undefined
  void read(state, feed)
}

async function trimDeadLetters(state: DeliveryState): Promise<void> {
  const { store, metrics, config } = state.parts
  const bounds = { before: secondsAgo(state, 'maxDeadLetterAge'), most: config.maxDeadLetters }
  metrics.deadLettersDropped(await store.deadLetters.trim(bounds))
}

function secondsAgo({ parts }: DeliveryState, age: 'maxDeliveryAge' | 'maxDeadLetterAge'): TimeKey {
  return timeKeyOfMicros(Math.floor(parts.now() - parts.config[age] * 1000) * 1000)
}
