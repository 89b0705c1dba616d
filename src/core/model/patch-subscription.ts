/** PATCH of a subscription (ETSI GS CIM 009 V1.9.1, clauses 5.5.8, 5.8.2). Pure. */
import type { JsonObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import type { ContextSource } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import { withKeptSecret } from './endpoint-secret.ts'
import { readSubscription } from './read-subscription.ts'
import type { DocumentedSubscription, Subscription } from './subscription.ts'
import { statusOf } from './subscription.ts'

/** The request around a fragment that went through `expandSubscription`. */
export interface SubscriptionPatch {
  readonly fragment: JsonObject
  /** The @context of the request: a new q is written in it. */
  readonly source: ContextSource
  readonly now: TimeKey
}

/**
 * The subscription after the fragment: each member that it has replaces the stored one whole, `urn:ngsi-ld:null` (or JSON
 * null) removes it. Notifications keep the @context they had unless jsonldContext says otherwise.
 * Throws BadRequestData or OperationNotSupported, naming the member.
 */
export function patchSubscription(before: DocumentedSubscription, patch: SubscriptionPatch): DocumentedSubscription {
  const { fragment, source, now } = patch
  const id = fragment['id']
  if (id !== undefined && id !== before.id) throw badRequestData('id: a subscription keeps its id')
  const merged = withKeptSecret(before.document, merge(before.document, fragment))
  const document = { ...merged, ...revival(before, patch) }
  const hasOwnContext = before.document['jsonldContext'] !== undefined
  const meta = {
    ...before,
    source: fragment['q'] === undefined ? before.source : source,
    csfSource: fragment['csf'] === undefined ? (before.csfSource ?? source) : source,
    context: hasOwnContext && document['jsonldContext'] === undefined ? source : before.context,
    modifiedAt: now,
  }
  const after = readSubscription(meta, document)
  if (fragment['expiresAt'] !== undefined) refuseExpired(after, now)
  return before.ended === undefined || after.isActive ? after : { ...after, ended: before.ended }
}

function merge(document: JsonObject, fragment: JsonObject): JsonObject {
  const merged: JsonObject = { ...document }
  for (const [name, value] of Object.entries(fragment)) {
    if (value === null || value === NGSI_NULL) Reflect.deleteProperty(merged, name)
    else merged[name] = value
  }
  return merged
}

/** A later expiresAt alone makes an expired subscription active, also one that was paused before it expired (5.8.2.4). */
function revival(before: DocumentedSubscription, { fragment, now }: SubscriptionPatch): JsonObject {
  const revives = statusOf(before, now) === 'expired' && fragment['expiresAt'] !== undefined
  return revives && fragment['isActive'] === undefined ? { isActive: true } : {}
}

/** An expiresAt that a client sends must lie ahead (clauses 5.8.1.4, 5.8.2.4). Throws BadRequestData. */
export function refuseExpired(subscription: Pick<Subscription, 'expiresAt'>, now: TimeKey): void {
  if (subscription.expiresAt === undefined || subscription.expiresAt > now) return
  throw badRequestData('expiresAt: must be in the future')
}
