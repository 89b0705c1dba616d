/** Reads the endpoint of a subscription (ETSI GS CIM 009 V1.9.1, clause 5.2.15). */
import type { Json, JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { badRequestData } from '../errors.ts'
import { readSecret } from './endpoint-secret.ts'
import { isUri } from './names.ts'
import { members, pickKnown, positiveMember, textMember } from './read-members.ts'
import type { Endpoint, KeyValuePair, NotificationAccept } from './subscription.ts'
import { notificationAccepts } from './subscription.ts'

const PATH = 'notification.endpoint.'
const known = ['uri', 'accept', 'receiverInfo', 'notifierInfo', 'timeout', 'cooldown', 'secret']
const readOnly: ReadonlySet<string> = new Set()

/** The endpoint. Throws BadRequestData naming the member; whether a transport serves it is asked of the transport. */
export function readEndpoint(raw: Json | undefined): Endpoint {
  if (raw === undefined) throw badRequestData('notification.endpoint: missing')
  const endpoint = pickKnown(members(raw, 'notification.endpoint'), { known, readOnly, path: PATH })
  return {
    uri: readUri(endpoint),
    accept: readAccept(endpoint),
    receiverInfo: readPairs(endpoint, 'receiverInfo'),
    notifierInfo: readPairs(endpoint, 'notifierInfo'),
    ...optional('timeout', positiveMember(endpoint, 'timeout', PATH)),
    ...optional('cooldown', positiveMember(endpoint, 'cooldown', PATH)),
    ...optional('secret', readSecret(endpoint, PATH)),
  }
}

function readUri(endpoint: JsonObject): string {
  const uri = textMember(endpoint, 'uri', PATH)
  if (uri === undefined) throw badRequestData(`${PATH}uri: missing`)
  if (!isUri(uri)) throw badRequestData(`${PATH}uri: must be a URI`)
  return uri
}

function readAccept(endpoint: JsonObject): NotificationAccept {
  const written = textMember(endpoint, 'accept', PATH) ?? 'application/json'
  const accept = notificationAccepts.find((candidate) => candidate === written)
  if (accept === undefined) throw badRequestData(`${PATH}accept: none of ${notificationAccepts.join(', ')}`)
  return accept
}

function readPairs(endpoint: JsonObject, name: string): readonly KeyValuePair[] {
  const pairs = endpoint[name]
  if (pairs === undefined) return []
  if (!Array.isArray(pairs) || pairs.length === 0) throw badRequestData(`${PATH}${name}: must be an array, not empty`)
  return pairs.map((raw, index) => readPair(raw, `${PATH}${name}[${String(index)}]`))
}

function readPair(raw: Json, path: string): KeyValuePair {
  const { key, value } = pickKnown(members(raw, path), { known: ['key', 'value'], readOnly, path: `${path}.` })
  if (typeof key !== 'string' || key === '') throw badRequestData(`${path}.key: must be a text that is not empty`)
  if (typeof value !== 'string') throw badRequestData(`${path}.value: must be a text`)
  return { key, value }
}
