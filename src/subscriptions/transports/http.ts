/** Notifications over HTTP (ETSI GS CIM 009 V1.9.1, clauses 5.8.6, 6.3.8). */
import type { OutboundAnswer, OutboundFetch } from '../../base/outbound.ts'
import type { Endpoint } from '../../core/model/subscription.ts'
import type { Message, Outcome, Transport } from '../transport.ts'
import { signatureHeaders } from './http-signature.ts'

/** An answer's body says nothing to us; this much of it is read, so that the connection can be used again. */
const MAX_ANSWER = 1024 * 1024
const MAX_REDIRECTS = 2

/** Header names of RFC 9110; values without line breaks or other control characters. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const BAD_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/
/** Headers that are the connection's own, or that the broker alone sets. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'content-type', 'expect', 'host', 'keep-alive', 'link', 'ngsild-tenant'],
  ...['proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['webhook-id', 'webhook-signature', 'webhook-timestamp'],
])

/** 4xx that speak of the endpoint's state and not of this message. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 404, 407, 408, 421, 425, 429])

export interface HttpTransportOptions {
  readonly fetch: OutboundFetch
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** POST to the endpoint; any 2xx is an acknowledgement. */
export function createHttpTransport({ fetch, now }: HttpTransportOptions): Transport {
  return {
    schemes: ['http', 'https'],
    refuses,
    send: async (message) => {
      try {
        return outcomeOf(await fetch(requestOf(message, now())), now())
      } catch (error) {
        return { kind: 'retry', reason: error instanceof Error ? error.message : 'the request failed' }
      }
    },
    close: () => Promise.resolve(),
  }
}

function refuses({ uri, receiverInfo }: Endpoint): string | undefined {
  if (!URL.canParse(uri)) return 'notification.endpoint.uri: not a URL'
  const { username, password } = new URL(uri)
  if (username !== '' || password !== '') {
    return 'notification.endpoint.uri: credentials go in receiverInfo, as an Authorization header'
  }
  for (const { key, value } of receiverInfo) {
    if (!HEADER_NAME.test(key)) return `notification.endpoint.receiverInfo: '${key}' is not a header name`
    if (RESERVED.has(key.toLowerCase())) return `notification.endpoint.receiverInfo: '${key}' is set by the broker`
    if (BAD_VALUE.test(value)) return `notification.endpoint.receiverInfo: the value of '${key}' is not a header value`
  }
  return undefined
}

function requestOf(message: Message, at: number): Parameters<OutboundFetch>[0] {
  const { secret } = message.endpoint
  const body = JSON.stringify(message.notification)
  const signature = secret === undefined ? {} : signatureHeaders(secret, { id: idOf(message), body, at })
  return {
    url: message.endpoint.uri,
    method: 'POST',
    headers: { ...message.headers, ...signature, 'Content-Type': message.contentType },
    body,
    timeout: message.timeout,
    maxBytes: MAX_ANSWER,
    maxRedirects: MAX_REDIRECTS,
  }
}

function idOf({ notification }: Message): string {
  return typeof notification['id'] === 'string' ? notification['id'] : ''
}

function outcomeOf({ status, headers }: OutboundAnswer, now: number): Outcome {
  const reason = `HTTP status ${String(status)}`
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone', reason }
  if (status >= 400 && status < 500 && !PASSING.has(status)) return { kind: 'refused', reason }
  const after = retryAfter(headers['retry-after'], now)
  return { kind: 'retry', reason, ...(after !== undefined && { after }) }
}

/** Milliseconds of a Retry-After header (RFC 9110, clause 10.2.3): seconds, or a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
