/**
 * Paging (ETSI GS CIM 009 V1.9.1, clauses 5.5.9, 6.3.10, 6.3.13): Link rel next and prev, and the count header.
 *
 * The next link of a list of entities carries a cursor beside the offset: the broker goes on after the last id, so a far
 * page costs what the first one costs, and entities created meanwhile shift nothing.
 */
import { badRequestData } from '../core/errors.ts'
import type { Cursor } from '../core/query/cursor.ts'
import type { Request } from './exchange.ts'
import type { Media } from './headers.ts'
import type { Paging } from './parameters.ts'

/** A page as it was asked for, and the media type it is answered in. */
export interface AnsweredPage extends Paging {
  readonly media: Media
}

/** The cursor of a next link; with it, the offset only says where the page stands. */
export function cursorOf(query: URLSearchParams): { after?: Cursor; offset?: 0 } {
  const text = query.get('cursor')
  if (text === null) return {}
  const afterId = Buffer.from(text, 'base64url').toString('utf8')
  if (afterId === '' || Buffer.from(afterId, 'utf8').toString('base64url') !== text) {
    throw badRequestData('cursor: not one that this broker gave out')
  }
  return { after: { afterId }, offset: 0 }
}

/** Headers of a page of entities. `link` is what the Link header holds already, its context. */
export function cursorPageHeaders(
  request: Request,
  page: AnsweredPage & { readonly next?: Cursor; readonly total?: number },
  link: string | undefined,
): Record<string, string> {
  const cursor = page.next === undefined ? undefined : Buffer.from(page.next.afterId, 'utf8').toString('base64url')
  const next =
    cursor === undefined ? [] : [pageLink(request, page, { rel: 'next', offset: page.offset + page.limit, cursor })]
  return pageHeaders(page, [...asList(link), ...previous(request, page), ...next])
}

/** Headers of a page of a short list, which is paged by offset alone. */
export function offsetPageHeaders(
  request: Request,
  page: AnsweredPage & { readonly total: number },
  link: string | undefined,
): Record<string, string> {
  const offset = page.offset + page.limit
  const next = offset < page.total && page.limit > 0 ? [pageLink(request, page, { rel: 'next', offset })] : []
  return pageHeaders(page, [...asList(link), ...previous(request, page), ...next])
}

function asList(link: string | undefined): string[] {
  return link === undefined ? [] : [link]
}

function previous(request: Request, page: AnsweredPage): string[] {
  return page.offset === 0
    ? []
    : [pageLink(request, page, { rel: 'prev', offset: Math.max(0, page.offset - page.limit) })]
}

function pageHeaders(
  { count, total }: Paging & { readonly total?: number },
  links: readonly string[],
): Record<string, string> {
  return {
    ...(links.length > 0 && { link: links.join(', ') }),
    ...(count && total !== undefined && { 'ngsild-results-count': String(total) }),
  }
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
