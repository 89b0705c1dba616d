import type { Json } from '../base/json.ts'
import type { OutboundAnswer, OutboundFetch } from '../base/outbound.ts'
import type { LoadedContext } from '../core/context/gather.ts'
import { createMemo } from '../core/context/memo.ts'
import { badRequestData, NgsiError } from '../core/errors.ts'
import type { ContextMap } from './context-map.ts'
import { freshnessOf } from './freshness.ts'

/** A remote context with the time (milliseconds since 1970) until which it need not be asked for again. */
export interface FreshContext extends LoadedContext {
  readonly until: number
}

/** Rejects with LdContextNotAvailable when the context cannot be had, with BadRequestData when it is no JSON (clause 5.5.6). */
export type ContextLoader = (url: string) => Promise<FreshContext>

export interface LoaderOptions {
  readonly fetch: OutboundFetch
  readonly map: ContextMap
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds for one whole fetch. */
  readonly timeout?: number
  /** The longest context accepted, in bytes. */
  readonly maxBytes?: number
}

interface Stored extends FreshContext {
  readonly size: number
  readonly validators: Readonly<Record<string, string>>
  readonly strict: boolean
}

const TIMEOUT = 5_000
const MAX_BYTES = 2_000_000
const MAX_REDIRECTS = 5
// Documents kept: twice this many bytes of JSON.
const CACHE_BYTES = 16_000_000
// After a failure a source is left alone for a moment: a second when nothing is known, longer when there is a stale copy to serve.
const FAILURE_HOLD = 1_000
const STALE_HOLD = 10_000
const ACCEPT = 'application/ld+json, application/json;q=0.9, text/plain;q=0.5'
// text/plain is what raw.githubusercontent.com serves contexts as.
const ACCEPTED = /^(?:application\/(?:[\w.-]+\+)?json|text\/plain|application\/octet-stream)?\s*(?:;|$)/i

/** Fetches contexts, each address once at a time, and keeps them as HTTP allows. What `map` has is never fetched. */
export function createContextLoader(options: LoaderOptions): ContextLoader {
  const stored = createMemo<Stored>(CACHE_BYTES, ({ size }) => size)
  const failures = createMemo<{ readonly error: unknown; readonly until: number }>(1000)
  const underWay = new Map<string, Promise<FreshContext>>()

  const refresh = async (url: string): Promise<FreshContext> => {
    const known = stored.get(url)
    try {
      const { fresh, storable } = await fetchContext(options, url, known)
      if (storable) stored.set(url, fresh)
      else stored.delete(url)
      return fresh
    } catch (error) {
      if (known === undefined || known.strict) {
        failures.set(url, { error, until: options.now() + FAILURE_HOLD })
        throw error
      }
      const held = { ...known, until: options.now() + STALE_HOLD }
      stored.set(url, held)
      return held
    }
  }

  return async (url) => {
    const mapped = options.map.get(url)
    if (mapped !== undefined) return { document: mapped, url, until: Infinity }
    const known = stored.get(url)
    if (known !== undefined && options.now() < known.until) return known
    const failed = failures.get(url)
    if (failed !== undefined && options.now() < failed.until) throw failed.error
    const sharedFetch = underWay.get(url) ?? refresh(url).finally(() => underWay.delete(url))
    underWay.set(url, sharedFetch)
    return sharedFetch
  }
}

async function fetchContext(
  options: LoaderOptions,
  url: string,
  known: Stored | undefined,
): Promise<{ fresh: Stored; storable: boolean }> {
  const answer = await ask(options, url, known?.validators ?? {})
  const freshness = freshnessOf(answer.headers, options.now())
  const { storable, until, strict } = freshness
  if (answer.status === 304 && known !== undefined) {
    return {
      fresh: { ...known, validators: { ...known.validators, ...validatorsOf(answer) }, until, strict },
      storable,
    }
  }
  if (answer.status !== 200) throw unavailable(url, `it answered with status ${String(answer.status)}`)
  const type = answer.headers['content-type'] ?? ''
  if (!ACCEPTED.test(type)) throw unavailable(url, `its media type is ${type}`)
  const document = parseContext(url, answer.body)
  const fresh = { document, url: answer.url, until, strict, size: answer.body.length, validators: validatorsOf(answer) }
  return { fresh, storable }
}

async function ask(
  options: LoaderOptions,
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

function unavailable(url: string, reason: string, cause?: unknown): NgsiError {
  return new NgsiError('LdContextNotAvailable', `the @context ${url} is not available: ${reason}`, { cause })
}

function parseContext(url: string, body: string): Json {
  try {
    return JSON.parse(body.startsWith('\uFEFF') ? body.slice(1) : body) as Json
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
