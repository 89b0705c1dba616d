/** A subscription as answers show it (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.14, 5.8.3). */
import type { JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { CompiledContext } from '../context/tables.ts'
import { withoutSecret } from './endpoint-secret.ts'
import type { DeliveryStanding, DocumentedSubscription, Ended, NotificationStatus } from './subscription.ts'
import { statusOf } from './subscription.ts'
import { compactSubscription } from './subscription-names.ts'

export interface RenderSubscriptionOptions {
  readonly context: CompiledContext
  /** The URL of the @context of notifications, where the client named none (clause 5.8.1.4). */
  readonly jsonldContext: string
  /** How notifications went; absent while there was none. */
  readonly notifications: NotificationStatus | undefined
  readonly standing: DeliveryStanding
  readonly now: TimeKey
  /** Shows createdAt and modifiedAt (clause 6.3.11). */
  readonly sysAttrs: boolean
}

/** The document in the client's names, without `@context`, with what the broker knows beside it. `q` is as it was written. */
export function renderSubscription(
  subscription: DocumentedSubscription,
  options: RenderSubscriptionOptions,
): JsonObject {
  const {
    id: _id,
    type: _type,
    ...document
  } = compactSubscription(options.context, withoutSecret(subscription.document))
  const { createdAt, modifiedAt } = subscription
  return {
    id: subscription.id,
    type: 'Subscription',
    jsonldContext: options.jsonldContext,
    ...document,
    notification: renderNotification(document, subscription, options),
    isActive: subscription.isActive,
    status: statusOf(subscription, options.now),
    ...(options.sysAttrs && { createdAt: dateTimeOf(createdAt), modifiedAt: dateTimeOf(modifiedAt) }),
  }
}

function renderNotification(
  document: JsonObject,
  { ended }: DocumentedSubscription,
  { notifications: status, standing }: RenderSubscriptionOptions,
): JsonObject {
  const { notification } = document
  const shown = isObject(notification) ? { ...notification } : {}
  const isQuiet = status === undefined && ended === undefined && standing.waiting === 0
  return {
    ...shown,
    ...(status !== undefined && {
      status: status.status,
      timesSent: status.timesSent,
      timesFailed: status.timesFailed,
      ...timeMembers(status),
    }),
    ...(!isQuiet && { delivery: renderDelivery({ ...status, ...standing }, ended) }),
  }
}

/** Estran's own (docs/subscriptions.md). */
function renderDelivery(
  delivery: DeliveryStanding & Partial<NotificationStatus>,
  ended: Ended | undefined,
): JsonObject {
  const { circuit, waiting, lastFailureReason } = delivery
  const notTriedUntil = circuit === 'open' ? delivery.notTriedUntil : undefined
  const { timesDropped = 0, timesSuperseded = 0, timesGivenUp = 0 } = delivery
  return {
    ...{ circuit, waiting, timesDropped, timesSuperseded, timesGivenUp },
    ...(notTriedUntil !== undefined && { notTriedUntil: dateTimeOf(notTriedUntil) }),
    ...(lastFailureReason !== undefined && { lastFailureReason }),
    ...(ended !== undefined && { ended: { at: dateTimeOf(ended.at), reason: ended.reason } }),
  }
}

function timeMembers(status: NotificationStatus): JsonObject {
  const out: JsonObject = {}
  for (const name of ['lastNotification', 'lastSuccess', 'lastFailure'] as const) {
    const time = status[name]
    if (time !== undefined) out[name] = dateTimeOf(time)
  }
  return out
}
