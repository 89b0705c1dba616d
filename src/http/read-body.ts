/** From a request to its JSON and its @context, by the rules of clauses 6.3.4 and 6.3.5. */
import type { Json } from '../base/json.ts'
import { isObject } from '../base/json.ts'
import type { CompiledContext, ContextSource } from '../core/context/tables.ts'
import { badRequestData, invalidRequest } from '../core/errors.ts'
import { contextOfBody } from '../core/model/read-entity.ts'
import type { Exchange } from './exchange.ts'
import type { Media } from './headers.ts'
import { bodyMedia, linkedContext } from './headers.ts'
import { parseJson } from './parse-json.ts'

export interface Body {
  readonly json: Json
  readonly context: CompiledContext
}

/** The body of a request about one thing, and its context. Throws the errors of clause 6.3.5, and LdContextNotAvailable. */
export async function readBody(exchange: Exchange): Promise<Body> {
  const { json, media, link } = readJson(exchange)
  return { json, context: await contextFor(exchange, contextSource(json, media, link)) }
}

/** A request body's JSON, its media type, and the context that its Link header names. */
export function readJson(exchange: Exchange): { json: Json; media: Media; link: string | undefined } {
  const { request, limits } = exchange
  const media = bodyMedia(request)
  const link = linkedContext(request)
  if (request.body === undefined || request.body === '') throw invalidRequest('the body is empty')
  if (media === 'application/ld+json' && link !== undefined) {
    throw badRequestData('Link: a body of application/ld+json brings its own @context (clause 6.3.5)')
  }
  return { json: parseJson(request.body, limits.maxDepth), media, link }
}

/** Where the context of one body, or of one item of a batch, comes from: its body (ld+json) or the Link header (json), never both. */
export function contextSource(json: Json, media: Media, link: string | undefined): ContextSource | undefined {
  const inBody = contextOfBody(json)
  if (media === 'application/json') {
    if (inBody !== undefined)
      throw badRequestData('@context: it has no place in a body of application/json (clause 6.3.5)')
    return link
  }
  if (inBody === undefined) throw badRequestData('@context: a body of application/ld+json needs one (clause 6.3.5)')
  return asContextSource(inBody)
}

/** The context of a request without a body: Link header or core (clause 6.3.5). */
export async function linkContext(exchange: Exchange): Promise<CompiledContext> {
  return contextFor(exchange, linkedContext(exchange.request))
}

/** Compiles a context, or has it ready. */
export async function contextFor({ call }: Exchange, source: ContextSource | undefined): Promise<CompiledContext> {
  const { contexts } = call.broker
  return contexts.peek(source) ?? (await contexts.resolve(source))
}

function asContextSource(value: Json): ContextSource {
  if (typeof value === 'string' || isObject(value)) return value
  if (Array.isArray(value)) return value.map(asContextSource)
  throw badRequestData('@context: a URL, an object or an array of these is expected')
}
