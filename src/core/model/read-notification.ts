/** Reads how a subscription wants to be notified (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.14). */
import type { Json, JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { badRequestData } from '../errors.ts'
import type { RepresentationFormat } from './format.ts'
import { formatOf, formatWords } from './format.ts'
import type { Join } from './join.ts'
import { readJoin } from './join.ts'
import { parseLang } from './language.ts'
import { checkDatasets } from './names.ts'
import { readEndpoint } from './read-endpoint.ts'
import { booleanMember, members, nameList, pickKnown, positiveMember, stringList, textMember } from './read-members.ts'
import type { SpecificationVersion } from './render/options.ts'
import { parseVersion } from './render/version.ts'
import type { Subscription } from './subscription.ts'

/** The members of a subscription that this file reads, beside `notification`. */
export const representationMembers = ['datasetId', 'lang', 'expandValues', 'jsonKeys', 'ngsildConformance']

const knownNotification = [
  ...['endpoint', 'format', 'attributes', 'pick', 'omit', 'join', 'joinLevel', 'showChanges', 'sysAttrs'],
  'coalesce',
]
const readOnlyNotification: ReadonlySet<string> = new Set([
  ...['status', 'timesSent', 'timesFailed', 'lastNotification', 'lastSuccess', 'lastFailure'],
  'delivery',
])

/** The member `notification` without what clients may not write. Throws BadRequestData as `pickKnown` does. */
export function writableNotification(raw: Json): JsonObject {
  const rules = { known: knownNotification, readOnly: readOnlyNotification, path: 'notification.' }
  return pickKnown(members(raw, 'notification'), rules)
}

type Notification = Pick<
  Subscription,
  'attributes' | 'pick' | 'omit' | 'join' | 'format' | 'showChanges' | 'sysAttrs' | 'endpoint' | 'coalesce'
>
type Representation = Pick<Subscription, 'datasets' | 'lang' | 'expandValues' | 'jsonKeys' | 'version'>

/**
 * How to notify. Whether pick and omit parse is asked where they are compiled (`subscriptions/rendering/view.ts`).
 * Throws BadRequestData naming the member.
 */
export function readNotification(document: JsonObject): Notification & Representation {
  if (document['notification'] === undefined) throw badRequestData('notification: missing')
  return { ...readRepresentation(document), ...readParams(members(document['notification'], 'notification')) }
}

function readRepresentation(document: JsonObject): Representation {
  const lang = textMember(document, 'lang')
  if (lang !== undefined) parseLang(lang, 'lang')
  return {
    ...optional('datasets', checkDatasets(stringList(document, 'datasetId'))),
    ...optional('lang', lang),
    ...optional('expandValues', nameList(document, 'expandValues')),
    ...optional('jsonKeys', nameList(document, 'jsonKeys')),
    ...optional('version', readVersion(document)),
  }
}

function readVersion(document: JsonObject): SpecificationVersion | undefined {
  const text = textMember(document, 'ngsildConformance')
  const version = text === undefined ? undefined : parseVersion(text)
  if (text === undefined || version !== undefined) return version
  throw badRequestData('ngsildConformance: must be a version of the specification such as 1.5')
}

function readParams(notification: JsonObject): Notification {
  const path = 'notification.'
  const format = readFormat(notification, path)
  const showChanges = booleanMember(notification, 'showChanges', path) ?? false
  if (showChanges && format === 'simplified') {
    throw badRequestData(`${path}showChanges: not allowed with the simplified format`)
  }
  return {
    ...optional('attributes', stringList(notification, 'attributes', path)),
    ...optional('pick', stringList(notification, 'pick', path)?.join(',')),
    ...optional('omit', stringList(notification, 'omit', path)?.join(',')),
    ...optional('join', readNotificationJoin(notification, path)),
    format,
    showChanges,
    sysAttrs: booleanMember(notification, 'sysAttrs', path) ?? false,
    endpoint: readEndpoint(notification['endpoint']),
    ...(booleanMember(notification, 'coalesce', path) === true && { coalesce: true }),
  }
}

function readFormat(notification: JsonObject, path: string): RepresentationFormat {
  const format = formatOf(textMember(notification, 'format', path) ?? 'normalized')
  if (format === undefined) throw badRequestData(`${path}format: none of ${formatWords.join(', ')}`)
  return format
}

function readNotificationJoin(notification: JsonObject, path: string): Join | undefined {
  const words = {
    ...optional('join', textMember(notification, 'join', path)),
    ...optional('joinLevel', positiveMember(notification, 'joinLevel', path)),
  }
  return readJoin(words, path)
}
