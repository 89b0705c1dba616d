/** One context over HTTP: asked for, checked, and dated. */
import type { JsonObject } from '../base/json.ts'
import { isObject } from '../base/json.ts'
import type { OutboundAnswer, OutboundFetch } from '../base/outbound.ts'
import type { FetchedContext } from '../core/context/archive.ts'
import { badRequestData, NgsiError } from '../core/errors.ts'
import { freshnessOf } from './freshness.ts'

export interface FetchOptions {
  readonly fetch: OutboundFetch
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds for one whole fetch. */
  readonly timeout?: number
  /** The longest context accepted, in bytes. */
  readonly maxBytes?: number
}

export interface FetchAnswer {
  readonly context: FetchedContext
  /** False when it must not be kept at all. */
  readonly storable: boolean
}

const TIMEOUT = 5_000
const MAX_BYTES = 2_000_000
const MAX_REDIRECTS = 5
const ACCEPT = 'application/ld+json, application/json;q=0.9, text/plain;q=0.5'
// text/plain is what raw.githubusercontent.com serves contexts as.
const ACCEPTED = /^(?:application\/(?:[\w.-]+\+)?json|text\/plain|application\/octet-stream)?\s*(?:;|$)/i

/**
 * Fetches a context, or asks whether the known copy still holds. Rejects with LdContextNotAvailable when it cannot be had,
 * with BadRequestData when it is no JSON object (clause 5.5.6).
 */
export async function fetchContext(options: FetchOptions, url: string, known?: FetchedContext): Promise<FetchAnswer> {
  const now = options.now()
  const answer = await ask(options, url, known?.validators ?? {})
  const { storable, until, strict } = freshnessOf(answer.headers, options.now())
  if (answer.status === 304 && known !== undefined) {
    const validators = { ...known.validators, ...validatorsOf(answer) }
    return { context: { ...known, validators, until, strict }, storable }
  }
  if (answer.status !== 200) throw unavailable(url, `it answered with status ${String(answer.status)}`)
  const type = answer.headers['content-type'] ?? ''
  if (!ACCEPTED.test(type)) throw unavailable(url, `its media type is ${type}`)
  const context: FetchedContext = {
    ...{ url, from: answer.url, document: parseContext(url, answer.body), size: Buffer.byteLength(answer.body) },
    ...{ fetchedAt: now, until, strict, validators: validatorsOf(answer) },
  }
  return { context, storable }
}

async function ask(
  options: FetchOptions,
  url: string,
  validators: Readonly<Record<string, string>>,
): Promise<OutboundAnswer> {
  const { timeout = TIMEOUT, maxBytes = MAX_BYTES } = options
  const headers = { accept: ACCEPT, ...validators }
  return options
    .fetch({ url, method: 'GET', headers, timeout, maxBytes, maxRedirects: MAX_REDIRECTS })
    .catch((cause: unknown) => {
      // The reason stays in the log: a client could read from it what answers inside the broker's own network.
      throw unavailable(url, 'it cannot be fetched', cause)
    })
}

/** LdContextNotAvailable (clause 5.5.6). */
export function unavailable(url: string, reason: string, cause?: unknown): NgsiError {
  return new NgsiError('LdContextNotAvailable', `the @context ${url} is not available: ${reason}`, { cause })
}

function parseContext(url: string, body: string): JsonObject {
  const document = parse(url, body.startsWith('\uFEFF') ? body.slice(1) : body)
  if (!isObject(document)) throw badRequestData(`the @context ${url} is not a JSON object`)
  return document
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequestData(`the @context ${url} is not JSON`)
  }
}

function validatorsOf({ headers }: OutboundAnswer): Record<string, string> {
  const { etag, 'last-modified': modified } = headers
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined ? {} : { 'if-modified-since': modified }),
  }
}
