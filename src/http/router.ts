/**
 * Finds the route of a request in the route table: the one router of HTTP requests and of WebSocket frames. Paths are told
 * apart by case; a trailing slash is accepted, as the specification's own tables write it (clause 6.2).
 */
import { invalidRequest, NgsiError } from '../core/errors.ts'
import type { Method, Route } from './exchange.ts'

export interface Found {
  readonly route: Route
  /** Path variables, percent-decoded. */
  readonly params: Readonly<Record<string, string>>
}

/** There is no such resource, or not with this method: then `allow` lists those it has. */
export interface NotFound {
  readonly error: NgsiError
  readonly allow?: string
}

export interface Router {
  /** `path` is without the query. HEAD is answered as GET is. */
  readonly find: (method: string, path: string) => Found | NotFound
}

interface Pattern {
  readonly segments: readonly string[]
  readonly route: Route
}

/** A router over a route table whose paths are complete. */
export function createRouter(routes: readonly Route[]): Router {
  const patterns = routes.map((route): Pattern => ({ route, segments: route.path.split('/') }))
  const byLength = Map.groupBy(patterns, ({ segments }) => segments.length)
  return {
    find: (method, path) => {
      const segments = segmentsOf(path)
      if (segments === undefined) return { error: invalidRequest('the path is not well-formed percent-encoded UTF-8') }
      const onPath = (byLength.get(segments.length) ?? []).filter((pattern) => fits(pattern, segments))
      const wanted = method === 'HEAD' ? 'GET' : method
      const found = onPath.find(({ route }) => route.method === wanted)
      return found === undefined ? notFound(method, path, onPath) : withParams(found, segments)
    },
  }
}

/** The segments, percent-decoded after they were parted; undefined when one cannot be. */
function segmentsOf(path: string): readonly string[] | undefined {
  const segments = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/')
  if (!path.includes('%')) return segments
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function fits(pattern: Pattern, segments: readonly string[]): boolean {
  return pattern.segments.every((part, index) =>
    part.startsWith(':') ? segments[index] !== '' : part === segments[index],
  )
}

function withParams({ route, segments: parts }: Pattern, segments: readonly string[]): Found {
  const params: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = segments[index] ?? ''
  }
  return { route, params }
}

function notFound(method: string, path: string, onPath: readonly Pattern[]): NotFound {
  if (onPath.length === 0) return { error: new NgsiError('ResourceNotFound', `${path}: there is no such resource`) }
  const allow = allowed(onPath.map(({ route }) => route.method)).join(', ')
  return { error: new NgsiError('MethodNotAllowed', `${method}: not on ${path}, which knows ${allow}`), allow }
}

/** HEAD comes with GET, and OPTIONS everywhere (RFC 9110, 9.3.2, 9.3.7). */
function allowed(methods: readonly Method[]): readonly string[] {
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))), 'OPTIONS']
}
