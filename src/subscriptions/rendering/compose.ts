/**
 * From entities to a message that can go. Composed at delivery and not at the write: a try that comes to nothing has then cost
 * nothing, and what relationships lead to is as it is when it is sent.
 */
import { withDeadline } from '../../base/deadline.ts'
import type { TimeKey } from '../../base/time.ts'
import { timeKeyOfMicros } from '../../base/time.ts'
import type { ContextResolver } from '../../core/context/resolver.ts'
import type { ContextSource } from '../../core/context/tables.ts'
import type { Linked } from '../../core/model/render/linked.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { all } from '../../core/query/ast.ts'
import type { EntityStore, StoredEntity } from '../../store/port.ts'
import type { LinkSource } from '../../store/retrieve-linked.ts'
import { retrieveLinked } from '../../store/retrieve-linked.ts'
import type { Message } from '../transport.ts'
import type { NotificationContent } from './notification.ts'
import { MAX_LINKED, renderMessage } from './notification.ts'
import type { NotifiedEntity } from './notified-entity.ts'
import { viewOf } from './view.ts'

export interface ComposeParts {
  readonly resolver: ContextResolver
  /** The URL that says the same as a source. */
  readonly linkOf: (source: ContextSource) => string
  readonly entities: Pick<EntityStore, 'getMany'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds, where the endpoint sets no timeout. */
  readonly defaultTimeout: number
}

/** Milliseconds: a try holds one of a limited number of places, so no endpoint may have it for longer. */
const LONGEST_TIMEOUT = 60_000

/** What a message tells. */
export interface Told {
  /** The notification's id. */
  readonly id: string
  readonly entities: readonly NotifiedEntity[]
}

/**
 * The message that tells a subscription of entities: at once, where nothing must be had first. Rejects when the @context or
 * linked entities cannot be had, these within the message's own timeout.
 */
export function composeMessage(
  parts: ComposeParts,
  subscription: Subscription,
  told: Told,
): Message | Promise<Message> {
  const context = parts.resolver.peek(subscription.context)
  if (context === undefined || linkRoots(subscription, told).length > 0) return composeLater(parts, subscription, told)
  return compose(parts, subscription, { ...told, context, linked: none })
}

async function composeLater(parts: ComposeParts, subscription: Subscription, told: Told): Promise<Message> {
  const context = await parts.resolver.resolve(subscription.context)
  const late = (): Error => new Error('linked entities could not be read in time')
  const linked = await withDeadline(linkedOf(parts, subscription, told), timeoutOf(parts, subscription), late)
  return compose(parts, subscription, { ...told, context, linked })
}

function compose(
  parts: ComposeParts,
  subscription: Subscription,
  content: Pick<NotificationContent, 'id' | 'entities' | 'context' | 'linked'>,
): Message {
  const link = parts.linkOf(subscription.context)
  return renderMessage({ ...content, subscription, link, notifiedAt: timeNow(parts) }, timeoutOf(parts, subscription))
}

/** Milliseconds that a try may take. */
export function timeoutOf({ defaultTimeout }: ComposeParts, { endpoint }: Subscription): number {
  return Math.min(endpoint.timeout ?? defaultTimeout, LONGEST_TIMEOUT)
}

function timeNow({ now }: ComposeParts): TimeKey {
  return timeKeyOfMicros(Math.floor(now()) * 1000)
}

const none: Linked = new Map()

/** The entities whose links are followed. */
function linkRoots({ join }: Subscription, { entities }: Told): readonly StoredEntity[] {
  return join === undefined ? [] : entities.filter(({ isDeleted }) => !isDeleted).map(({ stored }) => stored)
}

async function linkedOf(parts: ComposeParts, subscription: Subscription, told: Told): Promise<Linked> {
  const { join, options } = viewOf(subscription)
  if (join === undefined) return none
  const { levels, containedBy } = join
  const asked = { levels, containedBy: new Set(containedBy), shown: options, most: MAX_LINKED }
  return (await retrieveLinked(linkSourceOf(parts, subscription), linkRoots(subscription, told), asked)).linked
}

/** Where the entities are read that a subscription's entities link to. */
export function linkSourceOf(parts: ComposeParts, { space }: Subscription): LinkSource {
  const request = { space, filter: all, visibility: all, now: timeNow(parts) }
  return { entities: parts.entities, request }
}
