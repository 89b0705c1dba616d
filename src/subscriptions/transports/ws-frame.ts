/**
 * Frames of the WebSocket binding: `{"metadata": {...}, "body": ...}`, the shape that NGSI-LD over MQTT has (ETSI GS CIM 009
 * V1.9.1, clause 7.2). What HTTP carries in its first line and headers is metadata.
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { ErrorName } from '../../core/errors.ts'
import { errorTable, invalidRequest, NgsiError } from '../../core/errors.ts'

/** A request of the API, as HTTP would bring it. */
export interface ApiRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Exactly as the client wrote it. */
  readonly body: string | undefined
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What ties an answer to its request; the client's choice. */
export type CorrelationId = string | number

/** Statuses of the faults that are found before a request reaches the API. */
const statuses: Partial<Record<ErrorName, number>> = { InternalError: 500, ServiceUnavailable: 503 }

const METHOD = /^(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)$/
const TARGET = /^\/[^\u0000-\u0020\u007f]*$/
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const own: ReadonlySet<string> = new Set(['method', 'path', 'id'])
/** Headers of a connection: a frame has none. */
const ofConnection: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding', 'upgrade'],
])

/** The members of a frame. Throws InvalidRequest when it is none. */
export function readFrame(text: string): JsonObject {
  const frame = parsed(text)
  if (!isObject(frame)) throw invalidRequest('the frame is not a JSON object')
  if (!isObject(frame['metadata'])) throw invalidRequest('metadata: must be a JSON object')
  return frame['metadata']
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new NgsiError('InvalidRequest', 'the frame is not JSON', { cause: error })
  }
}

/** The correlation id of a frame's metadata; undefined when it has none that can be echoed. */
export function correlationOf(metadata: JsonObject): CorrelationId | undefined {
  const { id } = metadata
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}

/** The notification ids that a frame acknowledges. Throws InvalidRequest when it names none. */
export function acknowledgedIn({ ack }: JsonObject): readonly string[] {
  const ids = Array.isArray(ack) ? ack : [ack]
  if (ids.every((id) => typeof id === 'string')) return ids
  throw invalidRequest('metadata.ack: must be the id of a notification, or a list of ids')
}

/** True for the frame that ends the client. */
export function isEnd({ end }: JsonObject): boolean {
  return end === true
}

/** The request in a frame. Throws InvalidRequest naming the member. */
export function readRequest(metadata: JsonObject, text: string): ApiRequest {
  const { method, path } = metadata
  if (typeof method !== 'string' || !METHOD.test(method))
    throw invalidRequest('metadata.method: must be an HTTP method')
  if (typeof path !== 'string' || !TARGET.test(path))
    throw invalidRequest('metadata.path: must be a path, such as /ngsi-ld/v1/entities')
  const body = rawMember(text, 'body')
  return { method, target: path, headers: readHeaders(metadata, body), body }
}

function readHeaders(metadata: JsonObject, body: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [written, value] of Object.entries(metadata)) {
    if (own.has(written)) continue
    const name = written.toLowerCase()
    if (!HEADER_NAME.test(name) || ofConnection.has(name))
      throw invalidRequest(`metadata.${written}: not a header of a frame`)
    if (typeof value !== 'string') throw invalidRequest(`metadata.${written}: must be a text`)
    headers[name] = value
  }
  if (body === undefined) return headers
  headers['content-type'] ??= 'application/json'
  return { ...headers, 'content-length': String(Buffer.byteLength(body)) }
}

/** An answer's frame. A JSON body goes in as it is. */
export function answerFrame(id: CorrelationId | undefined, { status, headers, body }: ApiAnswer): string {
  const metadata = { status, ...(id !== undefined && { id }), ...headers }
  if (body === '') return JSON.stringify({ metadata })
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  return `{"metadata":${JSON.stringify(metadata)},"body":${type.includes('json') ? body : JSON.stringify(body)}}`
}

/** The frame that answers what could not be handed to the API. */
export function errorFrame(id: CorrelationId | undefined, error: NgsiError): string {
  const { type, title } = errorTable[error.name]
  const status = statuses[error.name] ?? 400
  const body = JSON.stringify({ type, title, detail: error.detail, status })
  return answerFrame(id, { status, headers: { 'Content-Type': 'application/json' }, body })
}

/**
 * The text of a member of a JSON object, as it was written: parsing and printing it again would hide from the API what it
 * refuses (numbers beyond double, for one). The text must be valid JSON. Of several members with the name, the last.
 */
export function rawMember(text: string, name: string): string | undefined {
  let found: string | undefined
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at)
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    if (JSON.parse(text.slice(at, keyEnd)) === name) found = text.slice(start, end)
    at = skipSpace(text, skipSpace(text, end) + 1)
  }
  return found
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++
  return at
}

/** Behind the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1)
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at + 1
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1
  while (text[at] === '\\') at--
  return (quote - at) % 2 === 0
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start)
  let depth = 0
  let at = start
  for (;;) {
    const character = text[at]
    if (depth === 0 && (character === undefined || ',}] \t\n\r'.includes(character))) return at
    if (character === '{' || character === '[') depth++
    if (character === '}' || character === ']') depth--
    at = character === '"' ? endOfString(text, at) : at + 1
  }
}
