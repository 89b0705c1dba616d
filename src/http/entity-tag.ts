/**
 * Entity tags (RFC 9110, 8.8.3), beyond the specification: `"<version>-<representation>"`. The first part is what a
 * conditional write compares; the second tells apart what one version looks like in different media types, formats, contexts
 * and projections.
 */
import { hash } from 'node:crypto'
import type { Request } from './exchange.ts'

/** A strong tag of one version of an entity in one representation. `representation` names all that the text depends on. */
export function entityTag(version: number, representation: string): string {
  return `"${version.toString(36)}-${hash('sha256', representation, 'base64url').slice(0, 11)}"`
}

/** True when If-None-Match names the tag, or anything: the answer is then 304. Compares weakly (RFC 9110, 13.1.2). */
export function isNotModified(request: Request, tag: string): boolean {
  return tagsOf(request.headers['if-none-match']).some((known) => known === '*' || known === tag)
}

/**
 * The condition of If-Match over an entity's version (undefined: there is no entity); undefined without such a header. The
 * representation does not count: whoever has seen this version may change it.
 */
export function readIfMatch(request: Request): ((version: number | undefined) => boolean) | undefined {
  const header = request.headers['if-match']
  if (header === undefined) return undefined
  const wanted = new Set(tagsOf(header).map((tag) => tag.slice(1, -1).split('-')[0]))
  if (header.trim() === '*') return (version) => version !== undefined
  return (version) => version !== undefined && wanted.has(version.toString(36))
}

const TAG = /(?:W\/)?("[\x21\x23-\x7e]*")|\*/g

/** The tags of a header, quotes kept, the mark of weakness and the suffix of a content coding (`-gzip"`) left out. */
function tagsOf(header = ''): readonly string[] {
  return Array.from(header.matchAll(TAG), ([all, tag = all]) => tag.replace(/-(?:gzip|br)"$/, '"'))
}
