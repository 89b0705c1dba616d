/**
 * By what a client, a gateway and the log tell which request an answer belongs to: X-Request-Id, and traceparent of W3C
 * Trace Context. Both are echoed; neither is part of NGSI-LD.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Request } from './exchange.ts'
import { traceOf } from './headers.ts'

type Headers = Request['headers']

/** Fields of a line in the log. */
export interface Correlation {
  readonly requestId?: string
  readonly trace?: string
}

/** What can stand in a header and in a line of the log without doing harm. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/

/** Nobody else's ids begin so; counting on from it costs a tenth of a random id for each request. */
const ofProcess = randomBytes(9).toString('base64url')
let made = 0

function nextId(): string {
  made += 1
  return `${ofProcess}-${made.toString(36)}`
}

/**
 * The headers of a request, with an X-Request-Id of our own where there is none that can be echoed: whatever looks at the
 * request later sees the same one.
 */
export function identified(request: IncomingMessage): Headers {
  // Node gives lists for Set-Cookie alone, which no request has.
  const headers = request.headers as Record<string, string | undefined>
  if (!REQUEST_ID.test(headers['x-request-id'] ?? '')) headers['x-request-id'] = nextId()
  return headers
}

/** The headers that every answer to this request carries. */
export function echoed(headers: Headers): Record<string, string> {
  const { 'x-request-id': requestId = '', traceparent } = headers
  if (traceparent === undefined || traceOf(headers) === null) return { 'x-request-id': requestId }
  return { 'x-request-id': requestId, traceparent }
}

/** What a line of the log says of the request that it is about. */
export function correlationOf(headers: Headers): Correlation {
  const { 'x-request-id': requestId } = headers
  const trace = traceOf(headers)
  return { ...(requestId !== undefined && { requestId }), ...(trace !== null && { trace }) }
}
