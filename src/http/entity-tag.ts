/**
 * Entity tags (RFC 9110, 8.8.3), beyond the specification: `"<version>-<representation>"`. The first part is what a
 * conditional write compares; the second tells apart what one version looks like in different media types, formats, contexts
 * and projections.
 */
import { hash } from 'node:crypto'
import { describeContext } from '../core/context/describe.ts'
import { createMemo } from '../core/context/memo.ts'
import type { CompiledContext } from '../core/context/tables.ts'
import type { Request } from './exchange.ts'

/** A strong tag of one version of an entity in one representation. `representation` names all that the text depends on. */
export function entityTag(version: number, representation: string): string {
  return `"${version.toString(36)}-${shortHash(representation).slice(0, 11)}"`
}

// Clients ask for few representations, over and over.
const hashes = createMemo<string>(500)
const MAX_KEPT = 500

function shortHash(text: string): string {
  const known = hashes.get(text)
  if (known !== undefined) return known
  const made = hash('sha256', text, 'base64url')
  if (text.length <= MAX_KEPT) hashes.set(text, made)
  return made
}

const contextTags = new WeakMap<CompiledContext, string>()

/** Tells contexts apart by what they are called and by what they say: an @context may change behind its URL. */
export function contextTag(context: CompiledContext): string {
  const known = contextTags.get(context)
  if (known !== undefined) return known
  const tag = hash('sha256', describeContext(context), 'base64url')
  contextTags.set(context, tag)
  return tag
}

/** True when If-None-Match names the tag, or anything: the answer is then 304. Compares weakly (RFC 9110, 13.1.2). */
export function isNotModified(request: Request, tag: string): boolean {
  const header = request.headers['if-none-match']
  return header !== undefined && tagsOf(header).some((known) => known === '*' || known === tag)
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
function tagsOf(header: string): readonly string[] {
  return Array.from(header.matchAll(TAG), ([all, tag = all]) => tag.replace(/-(?:gzip|br)"$/, '"'))
}
