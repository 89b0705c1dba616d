/** A notification and the message that carries it (ETSI GS CIM 009 V1.9.1, clauses 5.3.1, 5.8.6, 6.3.8). Pure. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { CompiledContext, ContextSource } from '../../core/context/tables.ts'
import { renderEntity } from '../../core/model/render/entity.ts'
import { renderFeature } from '../../core/model/render/feature.ts'
import type { Linked } from '../../core/model/render/linked.ts'
import { appendedBy, entityOfLinked, inlineOptions, optionsFor } from '../../core/model/render/linked.ts'
import type { RenderOptions } from '../../core/model/render/options.ts'
import type { EntityState } from '../../core/model/state.ts'
import { parsedState } from '../../core/model/state.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { Message } from '../transport.ts'
import { messageHeaders } from './headers.ts'
import type { NotifiedEntity } from './notified-entity.ts'
import type { NotificationView } from './view.ts'
import { viewOf } from './view.ts'

/** What one message is to tell. */
export interface NotificationContent {
  readonly subscription: Subscription
  /** The compiled `subscription.context`. */
  readonly context: CompiledContext
  /** The URL of `subscription.context`, for the Link header (clause 6.3.8). */
  readonly link: string
  readonly id: string
  readonly entities: readonly NotifiedEntity[]
  /** What their relationships lead to; empty without a join. */
  readonly linked: Linked
  readonly notifiedAt: TimeKey
}

/** Linked entities that one notification brings along; further links stay links. */
export const MAX_LINKED = 1000

/** The message to hand to a transport. `timeout` in milliseconds. */
export function renderMessage(content: NotificationContent, timeout: number): Message {
  const { subscription, link } = content
  const view = viewOf(subscription)
  return {
    endpoint: subscription.endpoint,
    notification: renderNotification(content, view),
    contentType: subscription.endpoint.accept,
    headers: messageHeaders(subscription, view.contextIn === 'link' ? link : undefined),
    timeout,
  }
}

function renderNotification(content: NotificationContent, view: NotificationView): JsonObject {
  return {
    ...(view.contextIn === 'body' && contextMember(content.subscription.context)),
    id: content.id,
    type: 'Notification',
    subscriptionId: content.subscription.id,
    notifiedAt: dateTimeOf(content.notifiedAt),
    data: renderData(content, view),
  }
}

function contextMember(context: ContextSource): JsonObject {
  return { '@context': context as Json }
}

/** An array, or a FeatureCollection for GeoJSON (clause 5.3.1). */
function renderData(content: NotificationContent, view: NotificationView): Json {
  const shown = shownEntities(content, view)
  if (content.subscription.endpoint.accept !== 'application/geo+json') {
    return shown.map(({ state: { entity, times }, options }) => renderEntity(entity, times, options))
  }
  return {
    type: 'FeatureCollection',
    // Clause 6.3.15: no subscription can name another GeoProperty.
    features: shown.map(({ state, options }) => renderFeature(state, 'location', options)),
    ...(view.contextIn === 'collection' && contextMember(content.subscription.context)),
  }
}

interface Shown {
  readonly state: EntityState
  readonly options: RenderOptions
}

function shownEntities({ entities, context, linked }: NotificationContent, view: NotificationView): readonly Shown[] {
  const { join } = view
  const options = { ...view.options, context }
  if (join?.kind === 'inline') {
    const bound = { most: MAX_LINKED, beyond: () => undefined }
    const inline = inlineOptions(options, join, entityOfLinked(linked, bound))
    return entities.map(({ state }) => ({ state, options: inline }))
  }
  const roots = entities.map(({ stored }) => stored)
  const appended = appendedBy(linked, roots).map((entity) => ({
    state: parsedState(entity),
    options: optionsFor(entity, options),
  }))
  return [...entities.map(({ state }) => ({ state, options })), ...appended]
}
