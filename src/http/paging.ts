/**
 * Paging (ETSI GS CIM 009 V1.9.1, clauses 5.5.9, 6.3.10, 6.3.13): Link rel next and prev, and the count header.
 *
 * The next link of a list of entities carries a cursor beside the offset: the broker goes on after the last id, so a far
 * page costs what the first one costs, and entities created meanwhile shift nothing.
 */
import { optional } from '../base/optional.ts'
import type { CompiledContext } from '../core/context/tables.ts'
import { badRequestData } from '../core/errors.ts'
import type { Cursor } from '../core/query/cursor.ts'
import { contextTag } from './entity-tag.ts'
import type { Request } from './exchange.ts'
import type { EntityMedia } from './headers.ts'
import type { Paging } from './parameters.ts'

/** A page as it is answered. */
export interface AnsweredPage extends Paging {
  readonly media: EntityMedia
  /** True when there is more after it. */
  readonly more: boolean
  /** Where the next page begins, in lists that have cursors. */
  readonly next?: string
  /** How many there are in all, where that was asked for. */
  readonly total?: number
}

/** Names where a page begins. Pages are read in one @context (clause 5.5.9.1), so that is part of it. */
export function cursorText({ afterId }: Cursor, context: CompiledContext): string {
  return `${contextMark(context)}${Buffer.from(afterId, 'utf8').toString('base64url')}`
}

/** The cursor of a next link; with it, the offset only says where the page stands. Throws BadRequestData for any other text. */
export function cursorOf(query: URLSearchParams, context: CompiledContext): { after?: Cursor; offset?: 0 } {
  const text = query.get('cursor')
  if (text === null) return {}
  const parts = text.split('.')
  const afterId = Buffer.from(parts.at(-1) ?? '', 'base64url').toString('utf8')
  const mark = parts.length === 2 ? `${parts[0] ?? ''}.` : ''
  if (afterId === '' || `${mark}${Buffer.from(afterId, 'utf8').toString('base64url')}` !== text) {
    throw badRequestData('cursor: not one that this broker gave out')
  }
  if (mark !== contextMark(context)) {
    throw badRequestData('cursor: the page before was read in another @context (clause 5.5.9.1)')
  }
  return { after: { afterId }, offset: 0 }
}

function contextMark(context: CompiledContext): string {
  return context.isCore ? '' : `${contextTag(context).slice(0, 8)}.`
}

/** Headers of a page. `link` is what the Link header holds already, its context. */
export function pageHeaders(request: Request, page: AnsweredPage, link: string | undefined): Record<string, string> {
  const next = { rel: 'next', offset: page.offset + page.limit, ...optional('cursor', page.next) } as const
  const links = [...asList(link), ...previous(request, page), ...(page.more ? [pageLink(request, page, next)] : [])]
  return {
    ...(links.length > 0 && { link: links.join(', ') }),
    ...(page.count && page.total !== undefined && { 'ngsild-results-count': String(page.total) }),
  }
}

/** Headers of a page of a short list, which is paged by offset alone. */
export function offsetPageHeaders(
  request: Request,
  page: Omit<AnsweredPage, 'more' | 'next'> & { readonly total: number },
  link: string | undefined,
): Record<string, string> {
  return pageHeaders(request, { ...page, more: page.limit > 0 && page.offset + page.limit < page.total }, link)
}

function asList(link: string | undefined): string[] {
  return link === undefined ? [] : [link]
}

function previous(request: Request, page: AnsweredPage): string[] {
  return page.offset === 0
    ? []
    : [pageLink(request, page, { rel: 'prev', offset: Math.max(0, page.offset - page.limit) })]
}

interface PageLink {
  readonly rel: 'next' | 'prev'
  readonly offset: number
  readonly cursor?: string
}

function pageLink(request: Request, page: AnsweredPage, to: PageLink): string {
  const query = new URLSearchParams(request.query)
  query.set('limit', String(page.limit))
  query.set('offset', String(to.offset))
  query.delete('cursor')
  if (to.cursor !== undefined) query.set('cursor', to.cursor)
  return `<${request.path}?${query.toString()}>; rel="${to.rel}"; type="${page.media}"`
}
