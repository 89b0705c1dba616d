/**
 * One turn of a period: the next page of the entities that a periodic subscription selects, as one notification (ETSI GS CIM 009
 * V1.9.1, clause 5.8.6). What fails is tried again, with the same id, until the next period begins.
 */
import { withDeadline } from '../../base/deadline.ts'
import { optional } from '../../base/optional.ts'
import { timeKeyOfMicros } from '../../base/time.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { statusOf } from '../../core/model/subscription.ts'
import { all } from '../../core/query/ast.ts'
import type { Page } from '../../store/port.ts'
import { selectionOf } from '../matching/selection.ts'
import type { ComposeParts } from '../rendering/compose.ts'
import { composeMessage, timeoutOf } from '../rendering/compose.ts'
import { periodId } from '../rendering/notification-id.ts'
import { currentEntity } from '../rendering/notified-entity.ts'
import type { Outcome } from '../transport.ts'
import type { AttemptOutcome } from './attempt.ts'
import { backoff } from './backoff.ts'
import { endByReceiver } from './end-by-receiver.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { PeriodTurn } from './feed.ts'

/** Entities in one notification; further ones go in the next notifications of the period. */
const PAGE = 500
/** Milliseconds: the longest wait between two tries. */
const LONGEST_WAIT = 5000

/** Never rejects. */
export async function takePeriodTurn(state: DeliveryState, turn: PeriodTurn): Promise<void> {
  const subscription = wanted(state, turn)
  if (subscription === undefined) return
  const started = state.parts.now()
  const outcome = await attempt(state, turn, subscription)
  if (outcome === undefined) return
  observe(state, turn, { outcome, started })
  if (outcome.kind === 'delivered') succeed(state, turn, started)
  else fail(state, turn, outcome)
}

/** The subscription, if the period is not over and it can be notified now. */
function wanted({ parts, isStopping }: DeliveryState, { feed, period, queue }: PeriodTurn): Subscription | undefined {
  const { space, id } = feed
  const subscription = parts.subscriptionOf(space, id)
  const now = parts.now()
  if (subscription?.timeInterval === undefined || isStopping || now >= period.end || !queue.isHere()) return undefined
  if (!parts.store.leases.holds({ space, subscription: id })) return undefined
  return statusOf(subscription, timeKeyOfMicros(Math.floor(now) * 1000)) === 'active' ? subscription : undefined
}

/** Undefined: there is nothing to tell (any more). */
async function attempt(
  { parts }: DeliveryState,
  turn: PeriodTurn,
  subscription: Subscription,
): Promise<AttemptOutcome | undefined> {
  const { period, pages } = turn
  const transport = parts.endpoints.transportOf(subscription.endpoint)
  if (transport === undefined) return undefined
  const composing: ComposeParts = {
    ...{ resolver: parts.resolver, linkOf: parts.linkOf, entities: parts.store.entities },
    // When the notification came to be (clause 5.3.1): within its period, however often it is tried.
    ...{ now: () => period.claimedAt, defaultTimeout: parts.config.notificationTimeout },
  }
  try {
    const late = (): Error => new Error('the entities could not be read in time')
    turn.page ??= await withDeadline(readPage(parts, turn, subscription), timeoutOf(composing, subscription), late)
    const { entities } = turn.page
    if (entities.length === 0) return undefined
    const id = periodId(subscription, period.begin, pages)
    return await transport.send(
      await composeMessage(composing, subscription, { id, entities: entities.map(currentEntity) }),
    )
  } catch (error) {
    return { kind: 'unready', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function readPage(
  { store, resolver, now }: DeliveryState['parts'],
  { after }: PeriodTurn,
  subscription: Subscription,
): Promise<Page> {
  const filter = await selectionOf(resolver, subscription)
  const time = timeKeyOfMicros(Math.floor(now()) * 1000)
  const request = { space: subscription.space, filter, visibility: all, now: time, limit: PAGE, offset: 0 }
  return store.entities.query({ ...request, ...optional('after', after) })
}

function succeed(state: DeliveryState, turn: PeriodTurn, started: number): void {
  const { feed, queue, page } = turn
  queue.successes++
  queue.turns.succeeded(state.parts.now() - started)
  count(state, turn)
  feed.lastUsed = state.parts.now()
  if (page?.next === undefined) return
  Object.assign(turn, { after: page.next, page: undefined, pages: turn.pages + 1, tries: 0, notBefore: 0 })
  queue.turns.schedule(turn)
}

function fail(state: DeliveryState, turn: PeriodTurn, outcome: Exclude<AttemptOutcome, { kind: 'delivered' }>): void {
  const { queue, feed } = turn
  const { config, now, random, log } = state.parts
  const reason = 'reason' in outcome ? outcome.reason : outcome.kind
  log.warn({ subscription: feed.id, reason }, 'a periodic notification failed')
  if (outcome.kind !== 'unready' && outcome.kind !== 'unwanted') {
    queue.turns.failed(Math.max(waitOf(outcome), cooldownOf(state, turn)))
    count(state, turn, reason)
  }
  if (outcome.kind === 'gone') {
    const subscription = state.parts.subscriptionOf(feed.space, feed.id)
    if (subscription !== undefined) endByReceiver(state, subscription, reason)
    return
  }
  turn.tries++
  turn.notBefore =
    now() + backoff({ base: config.retryBase, max: Math.min(config.retryMax, LONGEST_WAIT) }, turn.tries, random)
  queue.turns.schedule(turn)
}

function waitOf(outcome: Outcome): number {
  return outcome.kind === 'retry' ? (outcome.after ?? 0) : 0
}

function cooldownOf({ parts }: DeliveryState, { feed }: PeriodTurn): number {
  return parts.subscriptionOf(feed.space, feed.id)?.endpoint.cooldown ?? 0
}

/** `reason`: why it failed. */
function count({ parts, statuses }: DeliveryState, { feed, queue }: PeriodTurn, reason?: string): void {
  const time = timeKeyOfMicros(Math.floor(parts.now()) * 1000)
  const notTriedUntil = timeKeyOfMicros(Math.ceil(queue.turns.circuit.openUntil) * 1000)
  const failure = reason === undefined ? {} : { reason, notTriedUntil }
  statuses.count(feed.space, feed.id, { isDelivered: reason === undefined, time, ...failure })
}

interface Tried {
  readonly outcome: AttemptOutcome
  readonly started: number
}

function observe({ parts }: DeliveryState, { queue }: PeriodTurn, { outcome, started }: Tried): void {
  if (outcome.kind !== 'unwanted') parts.metrics.tried(queue.uri, outcome.kind, (parts.now() - started) / 1000)
}
