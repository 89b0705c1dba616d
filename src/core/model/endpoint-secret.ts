/**
 * The secret that notifications over HTTP are signed with: an extension, a member of `notification.endpoint` that clients write
 * and nobody can read. In the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import { badRequestData } from '../errors.ts'

/** 24 to 64 bytes, with the padding that base64 needs. */
const SECRET =
  /^whsec_((?:[A-Za-z0-9+/]{4}){8,21}|(?:[A-Za-z0-9+/]{4}){8,20}[A-Za-z0-9+/]{3}=|(?:[A-Za-z0-9+/]{4}){8,21}[A-Za-z0-9+/]{2}==)$/

/** The secret of an endpoint; undefined when it has none. Throws BadRequestData, without repeating it. */
export function readSecret({ secret, uri }: JsonObject, path: string): string | undefined {
  if (secret === undefined) return undefined
  if (typeof uri === 'string' && !/^https?:/i.test(uri)) {
    throw badRequestData(`${path}secret: only notifications over HTTP are signed`)
  }
  if (typeof secret === 'string' && SECRET.test(secret)) return secret
  throw badRequestData(`${path}secret: must be whsec_ and 24 to 64 bytes in base64`)
}

/** The bytes to sign with. */
export function secretBytes(secret: string): Buffer {
  return Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64')
}

/** A subscription's document as it may be shown. */
export function withoutSecret(document: JsonObject): JsonObject {
  const { notification } = document
  if (!isObject(notification) || !isObject(notification['endpoint'])) return document
  const { secret: _secret, ...endpoint } = notification['endpoint']
  return { ...document, notification: { ...notification, endpoint } }
}

/**
 * A changed document with the secret of the one before it. Nobody can read the secret back to send it again, so that an
 * endpoint that says nothing of it keeps it; `null` takes it away.
 */
export function withKeptSecret(before: JsonObject, after: JsonObject): JsonObject {
  const { notification } = after
  if (!isObject(notification) || !isObject(notification['endpoint'])) return after
  const { secret = secretIn(before), ...endpoint } = notification['endpoint']
  const kept = secret === undefined || secret === null || secret === NGSI_NULL ? {} : { secret }
  return { ...after, notification: { ...notification, endpoint: { ...endpoint, ...kept } } }
}

function secretIn({ notification }: JsonObject): Json | undefined {
  if (!isObject(notification) || !isObject(notification['endpoint'])) return undefined
  return notification['endpoint']['secret']
}
