/**
 * Reads a subscription as a client sends it (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.14, 5.2.15, 5.2.33).
 *
 * In two steps, so that creation and PATCH share the second: `expandSubscription` (`subscription-names.ts`) turns names into
 * core names, `readSubscription` checks the whole document and takes from it what the broker works with.
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { nearest } from '../../base/nearest.ts'
import { optional } from '../../base/optional.ts'
import type { TimeKey } from '../../base/time.ts'
import type { ContextSource } from '../context/tables.ts'
import { badRequestData, NgsiError } from '../errors.ts'
import { isUri } from './names.ts'
import { readEndpoint } from './read-endpoint.ts'
import {
  booleanMember,
  members,
  objectList,
  positiveMember,
  stringList,
  textMember,
  timeMember,
} from './read-members.ts'
import type { EntitySelector, NotificationTrigger, RepresentationFormat, Subscription } from './subscription.ts'
import { defaultTriggers, notificationTriggers } from './subscription.ts'
import type { Space } from './space.ts'

/** What a subscription has beside its document. */
export interface SubscriptionMeta {
  readonly space: Space
  readonly id: string
  /** The @context that q is written in. */
  readonly source: ContextSource
  /** The @context of notifications where the document has no jsonldContext. */
  readonly context: ContextSource
  readonly createdAt: TimeKey
  readonly modifiedAt: TimeKey
  readonly creator: string | null
}

/** Members that the broker itself writes: ignored when a client sends them back (clauses 5.2.12, 5.2.14). */
const readOnly: ReadonlySet<string> = new Set(['@context', 'status', 'createdAt', 'modifiedAt'])
const readOnlyNotification: ReadonlySet<string> = new Set([
  ...['status', 'timesSent', 'timesFailed', 'lastNotification', 'lastSuccess', 'lastFailure'],
])

/** Members that change what is notified, and that this version cannot do: taking them and doing less would mislead. */
const unsupported = ['timeInterval', 'geoQ', 'scopeQ', 'csf', 'temporalQ', 'datasetId', 'lang', 'expandValues']
const unsupportedSwitches = ['jsonKeys', 'ngsildConformance']
const unsupportedNotification = ['pick', 'omit', 'join', 'joinLevel', 'showChanges']

const known = [
  ...['id', 'type', 'subscriptionName', 'description', 'entities', 'watchedAttributes', 'notificationTrigger', 'q'],
  ...['isActive', 'expiresAt', 'throttling', 'notification', 'localOnly', 'splitEntities', 'jsonldContext'],
  ...unsupported,
  ...unsupportedSwitches,
]
const knownNotification = ['endpoint', 'format', 'attributes', 'sysAttrs', ...unsupportedNotification]

/** The document without what clients may not write. Throws BadRequestData when it is no object or has an unknown member. */
export function writableMembers(raw: Json): JsonObject {
  const document = pickKnown(members(raw, 'the subscription'), { known, readOnly, path: '' })
  const { notification } = document
  if (notification === undefined || notification === null || typeof notification === 'string') return document
  const kept = { known: knownNotification, readOnly: readOnlyNotification, path: 'notification.' }
  return { ...document, notification: pickKnown(members(notification, 'notification'), kept) }
}

interface MemberRules {
  readonly known: readonly string[]
  readonly readOnly: ReadonlySet<string>
  readonly path: string
}

function pickKnown(document: JsonObject, { known: names, readOnly: ignored, path }: MemberRules): JsonObject {
  const entries = Object.entries(document).filter(([name]) => !ignored.has(name))
  for (const [name] of entries) {
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    throw badRequestData(`${path}${name}: not a member${meant === undefined ? '' : `; did you mean ${path}${meant}?`}`)
  }
  return Object.fromEntries(entries)
}

/**
 * The subscription of a document that went through `expandSubscription`. Whether q, patterns and type selections parse, and
 * whether a transport serves the endpoint, is asked where those are known (`subscriptions/matching/compile.ts`, `subscriptions/endpoints.ts`).
 * Throws BadRequestData or OperationNotSupported, naming the member.
 */
export function readSubscription(meta: SubscriptionMeta, document: JsonObject): Subscription {
  if (document['type'] !== 'Subscription') throw badRequestData('type: must be "Subscription"')
  checkDescriptions(document)
  checkSelection(document)
  checkPeriod(document)
  refuseUnsupported(document, [...unsupported, ...unsupportedSwitches], '')
  return {
    space: meta.space,
    id: meta.id,
    ...readSelection(document),
    source: meta.source,
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
  booleanMember(document, 'splitEntities')
}

/** Clause 5.2.12: without a selection only a local subscription makes sense; `*` implies local. */
function checkSelection(document: JsonObject): void {
  const localOnly = booleanMember(document, 'localOnly')
  if (document['entities'] === undefined && document['watchedAttributes'] === undefined && localOnly !== true) {
    throw badRequestData('entities: needed, unless there are watchedAttributes or localOnly is true')
  }
  const everything = objectList(document, 'entities')?.some((selector) => selector['type'] === '*') === true
  if (everything && localOnly === false) throw badRequestData('localOnly: cannot be false where entities has type "*"')
}

/** Clause 5.2.12: a periodic subscription watches nothing. */
function checkPeriod(document: JsonObject): void {
  if (positiveMember(document, 'timeInterval') === undefined) return
  for (const name of ['watchedAttributes', 'throttling']) {
    if (document[name] !== undefined) throw badRequestData(`${name}: not allowed together with timeInterval`)
  }
  if (document['entities'] === undefined && document['localOnly'] !== true) {
    throw badRequestData('entities: needed with timeInterval')
  }
}

function refuseUnsupported(document: JsonObject, names: readonly string[], path: string): void {
  const name = names.find((candidate) => document[candidate] !== undefined)
  if (name !== undefined) throw new NgsiError('OperationNotSupported', `${path}${name}: not supported yet`)
}

type Selection = Pick<Subscription, 'entities' | 'watchedAttributes' | 'triggers' | 'q'>

function readSelection(document: JsonObject): Selection {
  return {
    ...optional('entities', objectList(document, 'entities')?.map(readSelector)),
    ...optional('watchedAttributes', stringList(document, 'watchedAttributes')),
    triggers: readTriggers(document),
    ...optional('q', textMember(document, 'q')),
  }
}

function readSelector(selector: JsonObject, index: number): EntitySelector {
  const path = `entities[${String(index)}].`
  const unknown = Object.keys(selector).find((name) => !['id', 'idPattern', 'type'].includes(name))
  if (unknown !== undefined) throw badRequestData(`${path}${unknown}: not a member`)
  const type = textMember(selector, 'type', path)
  if (type === undefined) throw badRequestData(`${path}type: missing`)
  const ids = typeof selector['id'] === 'string' ? [selector['id']] : stringList(selector, 'id', path)
  if (ids?.every(isUri) === false) throw badRequestData(`${path}id: must be a URI, or several`)
  const idPattern = textMember(selector, 'idPattern', path)
  return { type, ...optional('ids', ids), ...optional('idPattern', idPattern) }
}

function readTriggers(document: JsonObject): readonly NotificationTrigger[] {
  const names = stringList(document, 'notificationTrigger')
  if (names === undefined) return defaultTriggers
  return names.map((name) => {
    const trigger = notificationTriggers.find((candidate) => candidate === name)
    if (trigger !== undefined) return trigger
    throw badRequestData(`notificationTrigger: '${name}' is none of ${notificationTriggers.join(', ')}`)
  })
}

const formats: Readonly<Record<string, RepresentationFormat>> = {
  normalized: 'normalized',
  concise: 'concise',
  simplified: 'simplified',
  keyValues: 'simplified',
}

function readNotification(document: JsonObject): Pick<Subscription, 'attributes' | 'format' | 'sysAttrs' | 'endpoint'> {
  const path = 'notification.'
  if (document['notification'] === undefined) throw badRequestData('notification: missing')
  const notification = members(document['notification'], 'notification')
  const format = formats[textMember(notification, 'format', path) ?? 'normalized']
  if (format === undefined) throw badRequestData(`${path}format: none of ${Object.keys(formats).join(', ')}`)
  if (booleanMember(notification, 'showChanges', path) === true && format === 'simplified') {
    throw badRequestData(`${path}showChanges: not allowed with the simplified format`)
  }
  refuseUnsupported(notification, unsupportedNotification, path)
  return {
    ...optional('attributes', stringList(notification, 'attributes', path)),
    format,
    sysAttrs: booleanMember(notification, 'sysAttrs', path) ?? false,
    endpoint: readEndpoint(notification['endpoint']),
  }
}

function readJsonldContext(document: JsonObject): string | undefined {
  const url = textMember(document, 'jsonldContext')
  if (url !== undefined && !/^https?:\/\/\S+$/.test(url)) throw badRequestData('jsonldContext: must be an http(s) URL')
  return url
}
