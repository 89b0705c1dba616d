/** A request target (RFC 9112, 3.2): the path, and the query as it was written. */
import { invalidRequest } from '../core/errors.ts'

export interface RequestTarget {
  readonly path: string
  /** What comes after the question mark, still encoded. */
  readonly search: string
}

/** Parts a request target. Proxies send the absolute form, whose authority says nothing here (RFC 9112, 3.2.2). */
export function splitTarget(target: string): RequestTarget {
  if (!target.startsWith('/')) return splitOrigin(target.replace(/^https?:\/\/[^/?]*/i, ''))
  return splitOrigin(target)
}

function splitOrigin(target: string): RequestTarget {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, search: '' }
  return { path: target.slice(0, mark), search: target.slice(mark + 1) }
}

const noQuery = new URLSearchParams()

/**
 * The parameters of a query, `+` standing for a space: that is what URLSearchParams, requests, axios and java.net.URLEncoder
 * write for one. Throws InvalidRequest naming the parameter whose percent-encoding is broken or no UTF-8: URLSearchParams
 * would put another character there, and the query would be about something else.
 */
export function parseQuery(search: string): URLSearchParams {
  if (search === '') return noQuery
  if (search.includes('%') && !isEncoded(search)) {
    const broken = search.split('&').find((part) => !isEncoded(part)) ?? ''
    const [name = ''] = broken.split('=')
    throw invalidRequest(`${name}: the parameter is not well-formed percent-encoded UTF-8`)
  }
  return new URLSearchParams(search)
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
