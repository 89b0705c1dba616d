/** Reading and writing of the headers that NGSI-LD gives a meaning (ETSI GS CIM 009 V1.9.1, clauses 6.3.4, 6.3.5, 6.3.14). */
import { badRequestData, NgsiError } from '../core/errors.ts'
import type { Space } from '../core/model/space.ts'
import { DEFAULT_SPACE, isTenantName } from '../core/model/space.ts'
import type { Request } from './exchange.ts'

export type Media = 'application/json' | 'application/ld+json'
/** What Retrieve Entity and Query Entities answer in besides; the last two are beyond the specification. */
export type EntityMedia = Media | 'application/geo+json' | 'text/csv' | 'application/x-ndjson'

const CONTEXT_REL = 'http://www.w3.org/ns/json-ld#context'

/** The value of a Link header that carries a JSON-LD context. */
export function contextLink(url: string): string {
  return `<${url}>; rel="${CONTEXT_REL}"; type="application/ld+json"`
}

/** The context URL of the request's Link header, undefined when there is none. Throws BadRequestData when there are several. */
export function linkedContext(request: Pick<Request, 'headers'>): string | undefined {
  const header = request.headers['link']
  // RFC 9110, 5.6.1: a list may be empty.
  if (header === undefined || header.trim() === '') return undefined
  const urls = header.split(/,(?=\s*<)/).flatMap((link) => contextUrlOf(link) ?? [])
  if (urls.length > 1) throw badRequestData('Link: more than one JSON-LD @context (clause 6.3.5)')
  return urls[0]
}

function contextUrlOf(link: string): string | undefined {
  const match = /^\s*<([^>]*)>(.*)$/.exec(link)
  if (match === null) throw badRequestData(`Link: '${link.trim()}' is not a link`)
  const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(match[2] ?? '')
  const rels = (rel?.[1] ?? rel?.[2] ?? '').split(/\s+/)
  return rels.includes(CONTEXT_REL) ? match[1] : undefined
}

/**
 * The space of a request. Throws BadRequestData for an illegal tenant name, and OperationNotSupported for a snapshot: what was
 * meant for one must not read, or purge, what is there now (clauses 5.5.15, 6.3.22).
 */
export function spaceOf(request: Request): Space {
  const { 'ngsild-tenant': tenant, 'ngsild-snapshot': snapshot } = request.headers
  if (snapshot !== undefined) {
    throw new NgsiError('OperationNotSupported', 'NGSILD-Snapshot: this broker has no snapshots')
  }
  if (tenant === undefined || tenant === '') return DEFAULT_SPACE
  if (!isTenantName(tenant))
    throw badRequestData(`NGSILD-Tenant: '${tenant}' is not a tenant name (letters, digits, _ . -)`)
  return tenant
}

/** The media type of the request body. Throws UnsupportedMediaType (415, without a body) for any but the known ones. */
export function bodyMedia(request: Request): Media {
  const media = contentType(request)
  if (media === 'application/ld+json') return media
  // merge-patch+json means the same as json, on PATCH alone (clause 6.3.4).
  const isJson =
    media === 'application/json' || (media === 'application/merge-patch+json' && request.method === 'PATCH')
  if (isJson) return 'application/json'
  throw new NgsiError('UnsupportedMediaType', `Content-Type: '${media}' is not supported here`)
}

/** True for a body of JSON texts, one a line (beyond the specification; batches alone take it). Throws as `bodyMedia`. */
export function isNdjson(request: Pick<Request, 'headers'>): boolean {
  return contentType(request) === 'application/x-ndjson'
}

function contentType(request: Pick<Request, 'headers'>): string {
  const header = request.headers['content-type'] ?? ''
  const [type = '', ...parameters] = header.toLowerCase().split(';')
  const charset = parameters.map((item) => item.trim()).find((item) => item.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset)
  if (isUtf8) return type.trim()
  throw new NgsiError('UnsupportedMediaType', `Content-Type: '${header}' is not UTF-8`)
}

const offered = ['application/json', 'application/ld+json'] as const
const offeredOfEntities = [...offered, 'application/geo+json', 'text/csv', 'application/x-ndjson'] as const

/**
 * The media type to answer in: what Accept weighs highest, json before ld+json where it does not say (clause 6.3.4).
 * Throws NotAcceptable, naming what there is, when it wants neither.
 */
export function acceptedMedia(request: Request): Media {
  return negotiate(request, offered)
}

/** As `acceptedMedia`, for entities. */
export function acceptedEntityMedia(request: Request): EntityMedia {
  return negotiate(request, offeredOfEntities)
}

/** Throws NotAcceptable where the client does not want events. */
export function checkAcceptsEvents(request: Request): void {
  negotiate(request, ['text/event-stream'])
}

function negotiate<M extends string>(request: Request, offers: readonly [M, ...M[]]): M {
  const header = request.headers['accept']
  const [first] = offers
  if (header === undefined || header.trim() === '' || header === '*/*' || header === first) return first
  const ranges = header.split(',').map(parseRange)
  let best: { media: M; weight: number } | undefined
  for (const media of offers) {
    const weight = weightOf(media, ranges)
    if (weight > (best?.weight ?? 0)) best = { media, weight }
  }
  if (best === undefined) throw new NgsiError('NotAcceptable', `Accept: '${header}'; there is ${offers.join(', ')}`)
  return best.media
}

interface Range {
  readonly type: string
  readonly weight: number
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.trim().toLowerCase().split(';')
  const q = parameters.map((item) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(item)?.[1]).find((item) => item !== undefined)
  const weight = q === undefined ? 1 : Number(q)
  return { type: type.trim(), weight: Number.isNaN(weight) ? 0 : Math.min(weight, 1) }
}

/** RFC 9110, 12.5.1: the most specific range that fits decides. */
function weightOf(media: string, ranges: readonly Range[]): number {
  for (const candidate of [media, `${media.slice(0, media.indexOf('/'))}/*`, '*/*']) {
    const range = ranges.find(({ type }) => type === candidate)
    if (range !== undefined) return range.weight
  }
  return 0
}

/** The trace id of a W3C traceparent header; null when there is none, or it is none. */
export function traceOf(headers: Request['headers']): string | null {
  const { traceparent } = headers
  if (traceparent === undefined) return null
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1] ?? null
}

const nowhere: readonly string[] = []

/**
 * The intermediaries that a request has come through: who received it, of each item of Via (RFC 7230, 5.7.1), in order. What
 * is no such item is passed over: it was added on the way, and the client cannot mend it.
 */
export function viaOf(request: Request): readonly string[] {
  const header = request.headers['via']
  if (header === undefined) return nowhere
  const withoutComments = header.replaceAll(/\([^()]*\)/g, '')
  return withoutComments.split(',').flatMap((item) => /^\s*\S+\s+(\S+)\s*$/.exec(item)?.[1] ?? [])
}
