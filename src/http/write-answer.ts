/** Answers in the request's @context: in a Link header (json) or in the body (ld+json) (ETSI GS CIM 009 V1.9.1, clause 6.3.6). */
import type { CompiledContext } from '../core/context/tables.ts'
import type { Answer } from './exchange.ts'
import type { Media } from './headers.ts'
import { contextLink } from './headers.ts'

/** 204: done, nothing to say. */
export const noContent: Answer = { status: 204, headers: {} }

/** 201 with the path of what was created: `collection` is its folder, `id` its last segment. */
export function created(collection: string, id: string): Answer {
  return { status: 201, headers: { location: `${collection}/${pathSegment(id)}` } }
}

/** Percent-encodes what a path segment cannot hold, and no more (RFC 3986, 3.3): URNs stay readable. */
function pathSegment(id: string): string {
  return encodeURIComponent(id).replace(/%(?:3A|40|24|2C|3B|3D|2B)/g, decodeURIComponent)
}

/** Answers one object, given as JSON text. */
export function objectAnswer(text: string, media: Media, context: CompiledContext): Answer {
  const body = media === 'application/json' ? text : withContext(text, contextMember(context))
  return { status: 200, headers: answerHeaders(media, context), body }
}

/** Answers a list of objects, given as JSON texts; in ld+json each carries the @context (clause 6.3.6). */
export function listAnswer(texts: readonly string[], media: Media, context: CompiledContext): Answer {
  const member = media === 'application/json' ? undefined : contextMember(context)
  const items = member === undefined ? texts : texts.map((text) => withContext(text, member))
  return { status: 200, headers: answerHeaders(media, context), body: `[${items.join(',')}]` }
}

/** An answer in plain JSON without an @context: results of batches, errors (clause 6.3.6). */
export function plainAnswer(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function answerHeaders(media: Media, { source }: CompiledContext): Record<string, string> {
  // A request without a body names its context by URL; only such a context can be linked.
  if (media === 'application/ld+json' || typeof source !== 'string') return { 'content-type': media }
  return { 'content-type': media, link: contextLink(source) }
}

function contextMember({ source }: CompiledContext): string {
  return `"@context":${JSON.stringify(source)}`
}

/** Puts the member last, into the text of a JSON object. */
function withContext(text: string, member: string): string {
  const end = text.lastIndexOf('}')
  return text === '{}' ? `{${member}}` : `${text.slice(0, end)},${member}}`
}
