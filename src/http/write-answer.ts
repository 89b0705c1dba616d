/** Answers in the request's @context: in a Link header (json) or in the body (ld+json) (ETSI GS CIM 009 V1.9.1, clause 6.3.6). */
import type { JsonObject } from '../base/json.ts'
import { isObject } from '../base/json.ts'
import type { CompiledContext } from '../core/context/tables.ts'
import { CURRENT_VERSION } from '../core/model/render/version.ts'
import type { Answer } from './exchange.ts'
import type { EntityMedia, Media } from './headers.ts'
import { contextLink } from './headers.ts'
import type { Preferences } from './prefer.ts'

/** 204: done, nothing to say. */
export const noContent: Answer = { status: 204, headers: {} }

/** 304: the client has this representation already (RFC 9110, 15.4.5). */
export function notModified(etag: string): Answer {
  return { status: 304, headers: { etag, vary: VARY } }
}

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
  const body = media === 'application/json' ? text : withContext(text, context)
  return { status: 200, headers: contextHeaders(media, context), body }
}

/** Answers a list of objects, given as JSON texts; in ld+json each carries the @context (clause 6.3.6). */
export function listAnswer(texts: readonly string[], media: Media, context: CompiledContext): Answer {
  return { status: 200, headers: contextHeaders(media, context), body: listText(texts, media, context) }
}

/** The body of such a list. */
export function listText(texts: readonly string[], media: Media, context: CompiledContext): string {
  if (media === 'application/json') return `[${texts.join(',')}]`
  const member = contextMember(context)
  return `[${texts.map((text) => withMember(text, member)).join(',')}]`
}

/** Answers one object or a list of objects. */
export function jsonAnswer(value: JsonObject | readonly JsonObject[], media: Media, context: CompiledContext): Answer {
  if (isObject(value)) return objectAnswer(JSON.stringify(value), media, context)
  return listAnswer(
    value.map((one) => JSON.stringify(one)),
    media,
    context,
  )
}

/** An answer in plain JSON without an @context: results of batches, errors (clause 6.3.6). */
export function plainAnswer(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/**
 * An answer that shows entities, in any media type. Its status is 203 where it was brought to an older version of the
 * specification (clause 4.3.6.8).
 */
export function entitiesAnswer(
  body: string | AsyncIterable<string>,
  { media, context, preferences }: AnswerForm,
): Answer {
  const { version = CURRENT_VERSION } = preferences
  const applied = appliedPreferences(media, preferences)
  const headers = {
    ...(isContextInBody(media, preferences) ? { 'content-type': media } : contextHeaders(media, context)),
    vary: VARY,
    ...(applied !== '' && { 'preference-applied': applied }),
  }
  return { status: version < CURRENT_VERSION ? 203 : 200, headers, body }
}

/** What an answer's headers depend on, besides its body. */
export interface AnswerForm {
  readonly media: EntityMedia
  readonly context: CompiledContext
  readonly preferences: Preferences
}

/** The request headers that decide what an entity looks like: a cache must tell them apart. */
const VARY = 'Accept, Link, NGSILD-Tenant, Prefer'

/** True when the @context stands in the body: always in ld+json, in GeoJSON unless body=json is preferred (clause 6.3.6). */
export function isContextInBody(media: EntityMedia, { bodyInJson }: Preferences): boolean {
  return media === 'application/ld+json' || (media === 'application/geo+json' && !bodyInJson)
}

/** RFC 7240, 3. */
function appliedPreferences(media: EntityMedia, { bodyInJson, version }: Preferences): string {
  const body = bodyInJson && media === 'application/geo+json' ? ['body=json'] : []
  return [...body, ...(version === undefined ? [] : [`ngsi-ld=1.${String(version)}`])].join(', ')
}

function contextHeaders(media: EntityMedia, { source }: CompiledContext): Record<string, string> {
  // RFC 4180, 3: what cannot be seen from the lines themselves.
  const type = { 'content-type': media === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : media }
  // Whoever links has a URL: of a Link header, or of a context that the broker hosts for the answer.
  return media === 'application/ld+json' || typeof source !== 'string' ? type : { ...type, link: contextLink(source) }
}

function contextMember({ source }: CompiledContext): string {
  return `"@context":${JSON.stringify(source)}`
}

/** Puts the @context last into the text of a JSON object. */
export function withContext(text: string, context: CompiledContext): string {
  return withMember(text, contextMember(context))
}

function withMember(text: string, member: string): string {
  const end = text.lastIndexOf('}')
  return text === '{}' ? `{${member}}` : `${text.slice(0, end)},${member}}`
}
