/** Cross-origin requests of browsers (Fetch standard, CORS protocol). No cookies and no HTTP credentials: there are none. */
import type { Answer, Request } from './exchange.ts'

/** Adds what a browser needs to let a page of another origin see the answer. */
export type Cors = (request: Pick<Request, 'method' | 'headers'>, answer: Answer) => Answer

/** Headers that scripts may send beside those that are always allowed. */
const requestHeaders = [
  ...[
    'Accept',
    'Authorization',
    'Content-Encoding',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Last-Event-ID',
    'Link',
    'Prefer',
  ],
  ...['NGSILD-EntityMap', 'NGSILD-Snapshot', 'NGSILD-Tenant', 'Via', 'X-Request-Id', 'traceparent', 'tracestate'],
].join(', ')

/** Headers that scripts may read beside those that are always exposed. */
const exposedHeaders = [
  ...['Allow', 'Content-Range', 'ETag', 'Link', 'Location', 'NGSILD-EntityMap', 'NGSILD-Results-Count'],
  ...['NGSILD-Snapshot', 'NGSILD-Tenant', 'NGSILD-Warning', 'Preference-Applied', 'Retry-After', 'X-Request-Id'],
  'traceparent',
].join(', ')

/** Seconds that a browser may keep a preflight's answer; browsers have lower bounds of their own. */
const PREFLIGHT_AGE = '86400'

/** `origins`: a list parted by commas, `*` for any; undefined: none, and nothing to be done. */
export function createCors(origins: string | undefined): Cors | undefined {
  if (origins === undefined) return undefined
  const allowed = new Set(origins.split(',').map((origin) => origin.trim()))
  const isOpen = allowed.has('*')
  return (request, answer) => {
    const { origin } = request.headers
    // Answers differ by Origin even where it is absent, or a cache would give a page what it must not see.
    const headers = isOpen ? answer.headers : { ...answer.headers, vary: varying(answer.headers, 'Origin') }
    if (origin === undefined || !(isOpen || allowed.has(origin))) return { ...answer, headers }
    const shared = { 'access-control-allow-origin': isOpen ? '*' : origin }
    const rest = isPreflight(request) ? preflightHeaders(answer) : { 'access-control-expose-headers': exposedHeaders }
    return { ...answer, headers: { ...headers, ...shared, ...rest } }
  }
}

function isPreflight({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function preflightHeaders({ headers }: Answer): Record<string, string> {
  return {
    'access-control-allow-methods': headers['allow'] ?? '',
    'access-control-allow-headers': requestHeaders,
    'access-control-max-age': PREFLIGHT_AGE,
  }
}

/** The Vary of an answer that depends on another request header, too (RFC 9110, 12.5.5). */
export function varying({ vary }: Readonly<Record<string, string>>, name: string): string {
  return vary === undefined ? name : `${vary}, ${name}`
}
