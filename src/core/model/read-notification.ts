/** Reads how a subscription wants to be notified (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.14). */
import type { Json, JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { badRequestData } from '../errors.ts'
import { readEndpoint } from './read-endpoint.ts'
import { booleanMember, members, pickKnown, refuseUnsupported, stringList, textMember } from './read-members.ts'
import type { RepresentationFormat, Subscription } from './subscription.ts'

/** Members that change what is notified, and that this version cannot do: taking them and doing less would mislead. */
const unsupported = ['datasetId', 'lang', 'expandValues', 'jsonKeys', 'ngsildConformance']
const unsupportedNotification = ['pick', 'omit', 'join', 'joinLevel', 'showChanges']

/** The members of a subscription that this file reads, beside `notification`. */
export const representationMembers = [...unsupported]

const knownNotification = ['endpoint', 'format', 'attributes', 'sysAttrs', ...unsupportedNotification]
const readOnlyNotification: ReadonlySet<string> = new Set([
  ...['status', 'timesSent', 'timesFailed', 'lastNotification', 'lastSuccess', 'lastFailure'],
])

/** The member `notification` without what clients may not write. Throws BadRequestData as `pickKnown` does. */
export function writableNotification(raw: Json): JsonObject {
  const rules = { known: knownNotification, readOnly: readOnlyNotification, path: 'notification.' }
  return pickKnown(members(raw, 'notification'), rules)
}

const formats: Readonly<Record<string, RepresentationFormat>> = {
  normalized: 'normalized',
  concise: 'concise',
  simplified: 'simplified',
  keyValues: 'simplified',
}

/** How to notify. Throws BadRequestData or OperationNotSupported, naming the member. */
export function readNotification(
  document: JsonObject,
): Pick<Subscription, 'attributes' | 'format' | 'sysAttrs' | 'endpoint'> {
  const path = 'notification.'
  refuseUnsupported(document, unsupported)
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
