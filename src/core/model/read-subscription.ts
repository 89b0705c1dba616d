/**
 * Reads a subscription as a client sends it (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.14, 5.2.15, 5.2.33).
 *
 * In two steps, so that creation and PATCH share the second: `expandSubscription` (`subscription-names.ts`) turns names into
 * core names, `readSubscription` checks the whole document and takes from it what the broker works with.
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import type { TimeKey } from '../../base/time.ts'
import type { ContextSource } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import { isUri } from './names.ts'
import { booleanMember, members, pickKnown, positiveMember, textMember, timeMember } from './read-members.ts'
import { readNotification, representationMembers, writableNotification } from './read-notification.ts'
import { readSelection, selectionMembers } from './read-selection.ts'
import type { Space } from './space.ts'
import type { DocumentedSubscription } from './subscription.ts'

/** What a subscription has beside its document. */
export interface SubscriptionMeta {
  readonly space: Space
  readonly id: string
  /** The @context that q is written in. */
  readonly source: ContextSource
  /** The @context that csf is written in. */
  readonly csfSource?: ContextSource
  /** The @context of notifications where the document has no jsonldContext. */
  readonly context: ContextSource
  readonly createdAt: TimeKey
  readonly modifiedAt: TimeKey
  readonly creator: string | null
}

/** Members that the broker itself writes: ignored when a client sends them back (clauses 5.2.12, 5.2.14). */
const readOnly: ReadonlySet<string> = new Set(['@context', 'status', 'createdAt', 'modifiedAt'])

const known = [
  ...['id', 'type', 'subscriptionName', 'description', 'isActive', 'expiresAt', 'throttling', 'notification'],
  'jsonldContext',
  ...selectionMembers,
  ...representationMembers,
]

/** The document without what clients may not write. Throws BadRequestData when it is no object or has an unknown member. */
export function writableMembers(raw: Json): JsonObject {
  const document = pickKnown(members(raw, 'the subscription'), { known, readOnly, path: '' })
  const { notification } = document
  if (notification === undefined || notification === null || typeof notification === 'string') return document
  return { ...document, notification: writableNotification(notification) }
}

/**
 * The subscription of a document that went through `expandSubscription`. Whether q, patterns and type selections parse, and
 * whether a transport serves the endpoint, is asked where those are known (`subscriptions/matching/compile.ts`, `subscriptions/endpoints.ts`).
 * Throws BadRequestData or OperationNotSupported, naming the member.
 */
export function readSubscription(meta: SubscriptionMeta, document: JsonObject): DocumentedSubscription {
  if (document['type'] !== 'Subscription') throw badRequestData('type: must be "Subscription"')
  checkDescriptions(document)
  return {
    space: meta.space,
    id: meta.id,
    ...readSelection(document),
    source: meta.source,
    ...optional('csfSource', document['csf'] === undefined ? undefined : meta.csfSource),
    isActive: booleanMember(document, 'isActive') ?? true,
    ...optional('expiresAt', timeMember(document, 'expiresAt')),
    ...optional('throttling', positiveMember(document, 'throttling')),
    ...readNotification(document),
    context: readJsonldContext(document) ?? meta.context,
    createdAt: meta.createdAt,
    modifiedAt: meta.modifiedAt,
    creator: meta.creator,
    document,
  }
}

function checkDescriptions(document: JsonObject): void {
  if (document['id'] !== undefined && !isUri(document['id'])) throw badRequestData('id: must be a URI')
  textMember(document, 'subscriptionName')
  textMember(document, 'description')
}

function readJsonldContext(document: JsonObject): string | undefined {
  const url = textMember(document, 'jsonldContext')
  if (url !== undefined && !/^https?:\/\/\S+$/.test(url)) throw badRequestData('jsonldContext: must be an http(s) URL')
  return url
}
