/**
 * From what a log record owes to a message that can go (ETSI GS CIM 009 V1.9.1, clauses 5.3.1, 5.8.6, 6.3.8).
 * Rendered at delivery and not at the write: a try that comes to nothing has then cost nothing.
 */
import { hash } from 'node:crypto'
import type { Json, JsonObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { CompiledContext, ContextSource } from '../../core/context/tables.ts'
import type { LogRecord } from '../../core/model/log-record.ts'
import { tenantOf } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { notifiedEntity } from './notified-entity.ts'
import type { Message } from '../transport.ts'

const PREFIX = 'urn:ngsi-ld:Notification:'

/** Milliseconds: a try holds one of a limited number of places, so no endpoint may have it for longer. */
const LONGEST_TIMEOUT = 60_000

/** The id of a notification: the same at every try, by any broker, so that a receiver can drop doubles. */
export function notificationId(subscription: string, record: Pick<LogRecord, 'space' | 'entity' | 'version'>): string {
  return hashedId([record.space, subscription, record.entity, String(record.version)])
}

/** The id of one notification of several changes; `ids` are those that each would have had alone. */
export function combinedId(ids: readonly string[]): string {
  const [first] = ids
  return ids.length === 1 && first !== undefined ? first : hashedId(ids)
}

function hashedId(parts: readonly string[]): string {
  // JSON keeps the parts apart: ["a","bc"] and ["ab","c"] are not the same.
  return PREFIX + hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)
}

/** What one message is to tell: the changes of one or several entities. */
export interface NotificationContent {
  readonly subscription: Subscription
  /** The compiled `subscription.context`. */
  readonly context: CompiledContext
  /** The URL of `subscription.context`, for the Link header (clause 6.3.8). */
  readonly link: string
  readonly id: string
  /** Each with `due`. */
  readonly records: readonly LogRecord[]
  readonly notifiedAt: TimeKey
}

/** The message to hand to a transport. `defaultTimeout` (milliseconds) counts where the endpoint sets none. */
export function renderMessage(content: NotificationContent, defaultTimeout: number): Message {
  const { endpoint, context } = content.subscription
  const isLinked = endpoint.accept === 'application/json'
  const notification = renderNotification(content)
  return {
    endpoint,
    notification: isLinked ? notification : { '@context': bodyContext(context), ...notification },
    contentType: isLinked ? 'application/json' : 'application/ld+json',
    headers: headersOf(content.subscription, isLinked ? content.link : undefined),
    timeout: Math.min(endpoint.timeout ?? defaultTimeout, LONGEST_TIMEOUT),
  }
}

function renderNotification(content: NotificationContent): JsonObject {
  const { subscription, context } = content
  return {
    id: content.id,
    type: 'Notification',
    subscriptionId: subscription.id,
    notifiedAt: dateTimeOf(content.notifiedAt),
    data: content.records.map((record) => notifiedEntity(record, subscription, context)),
  }
}

function bodyContext(context: ContextSource): Json {
  return context as Json
}

/** What the broker itself says comes last: a receiverInfo cannot change it. */
function headersOf(subscription: Subscription, link: string | undefined): Record<string, string> {
  const headers = Object.fromEntries(subscription.endpoint.receiverInfo.map(({ key, value }) => [key, value]))
  const tenant = tenantOf(subscription.space)
  if (tenant !== undefined) headers['NGSILD-Tenant'] = tenant
  if (link !== undefined) {
    headers['Link'] = `<${link}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`
  }
  return headers
}
