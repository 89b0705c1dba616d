/** One try at one message: see what is still to be told, compose it, hand it to the transport. */
import { withDeadline } from '../../base/deadline.ts'
import { NgsiError } from '../../core/errors.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { Log } from '../../ops/log.ts'
import type { Endpoints } from '../endpoints.ts'
import { asksOfLinked, isFulfilled, linkedFilterOf } from '../matching/linked-filter.ts'
import type { ComposeParts } from '../rendering/compose.ts'
import { composeMessage, linkSourceOf, timeoutOf } from '../rendering/compose.ts'
import { combinedId } from '../rendering/notification-id.ts'
import type { NotifiedEntity } from '../rendering/notified-entity.ts'
import { changedEntity } from '../rendering/notified-entity.ts'
import type { Message, Outcome } from '../transport.ts'
import type { Delivery } from './feed.ts'

/**
 * `unready`: the broker could not render the message, for now; the endpoint was not asked. `unwanted`: q asks something of
 * linked entities that they do not fulfil; there is nothing to be sent.
 */
export type AttemptOutcome =
  Outcome | { readonly kind: 'unready'; readonly reason: string } | { readonly kind: 'unwanted' }

export interface TellingParts extends ComposeParts {
  readonly log: Log
}

export interface AttemptParts extends TellingParts {
  readonly endpoints: Endpoints
}

/** A change to be told. */
interface Item {
  readonly notification: string
  readonly entity: NotifiedEntity
}

/** Never rejects. */
export async function attempt(
  parts: AttemptParts,
  subscription: Subscription,
  deliveries: readonly Delivery[],
): Promise<AttemptOutcome> {
  const transport = parts.endpoints.transportOf(subscription.endpoint)
  if (transport === undefined) return { kind: 'unready', reason: 'no transport for this scheme' }
  try {
    const message = composeDeliveries(parts, subscription, deliveries)
    // Not awaited where it is there: nobody shall be able to pause the subscription in between.
    const ready = message instanceof Promise ? await message : message
    return ready === undefined ? { kind: 'unwanted' } : await transport.send(marked(ready, deliveries))
  } catch (error) {
    return { kind: 'unready', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Estran's own: says that it tells of what was told, or was to be told, before. */
function marked(message: Message, deliveries: readonly Delivery[]): Message {
  if (!deliveries.some(({ isAgain }) => isAgain)) return message
  return { ...message, headers: { ...message.headers, 'Estran-Replay': 'true' } }
}

/** The message that tells of these; undefined when there is nothing to be told after all. Rejects when it cannot be had now. */
export function composeDeliveries(
  parts: TellingParts,
  subscription: Subscription,
  deliveries: readonly Delivery[],
): Message | Promise<Message | undefined> {
  const items = deliveries.map(({ record, notification }) => ({
    notification,
    entity: changedEntity(record, subscription),
  }))
  return asksOfLinked(subscription)
    ? messageOfFulfilling(parts, subscription, items)
    : composeItems(parts, subscription, items)
}

/** The id is made of what is told: should a later try tell of more, a receiver must not take it for a double. */
function composeItems(
  parts: TellingParts,
  subscription: Subscription,
  items: readonly Item[],
): Message | Promise<Message> {
  const id = combinedId(items.map(({ notification }) => notification))
  return composeMessage(parts, subscription, { id, entities: items.map(({ entity }) => entity) })
}

async function messageOfFulfilling(
  parts: TellingParts,
  subscription: Subscription,
  items: readonly Item[],
): Promise<Message | undefined> {
  const late = (): Error => new Error('linked entities could not be read in time')
  const kept = await withDeadline(fulfilling(parts, subscription, items), timeoutOf(parts, subscription), late)
  return kept.length === 0 ? undefined : composeItems(parts, subscription, kept)
}

async function fulfilling(
  parts: TellingParts,
  subscription: Subscription,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const filter = await linkedFilterOf(parts.resolver, subscription)
  const source = linkSourceOf(parts, subscription)
  const kept: Item[] = []
  for (const item of items) {
    try {
      if (await isFulfilled(filter, item.entity.subject, source)) kept.push(item)
    } catch (error) {
      // As in the matcher: what cannot be decided does not match.
      if (!(error instanceof NgsiError) || error.name !== 'TooComplexQuery') throw error
      parts.log.warn({ err: error, subscription: subscription.id }, 'a filter cannot be evaluated')
    }
  }
  return kept
}
