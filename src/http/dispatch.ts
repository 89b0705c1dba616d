/** The route table put to work: from a request as plain data to its answer, whatever carried it. */
import type { Broker } from '../operations/call.ts'
import { callAt } from '../operations/call.ts'
import { NgsiError } from '../core/errors.ts'
import { isTenantName } from '../core/model/space.ts'
import type { Answer, Limits, Request, Route } from './exchange.ts'
import { spaceOf, traceOf } from './headers.ts'
import { checkParameters } from './parameters.ts'
import { problemAnswer } from './problem.ts'

export interface Service {
  readonly broker: Broker
  readonly limits: Limits
  /** Told of failures that are the broker's own; clients never see them. */
  readonly report: (error: unknown) => void
}

/** Answers a request on its route. Never rejects. */
export async function answerRoute(service: Service, route: Route, request: Request): Promise<Answer> {
  const answer = await answerOrProblem(service, route, request)
  const tenant = request.headers['ngsild-tenant']
  return tenant === undefined || !isTenantName(tenant) ? answer : withTenant(answer, tenant)
}

async function answerOrProblem({ broker, limits, report }: Service, route: Route, request: Request): Promise<Answer> {
  try {
    checkParameters(request.query, route.parameters)
    const space = spaceOf(request)
    const call = callAt(broker.micros(), { broker, space, caller: { id: null }, trace: traceOf(request) })
    return await route.handle({ request, call, limits })
  } catch (error) {
    return problemAnswer(error, report)
  }
}

/** Clause 5.5.10: the tenant is echoed, with an error too. */
function withTenant(answer: Answer, tenant: string): Answer {
  return { ...answer, headers: { ...answer.headers, 'ngsild-tenant': tenant } }
}

type Found =
  | { readonly route: Route; readonly params: Record<string, string> }
  | { readonly error: NgsiError; readonly allow: string }

/** The route of a method and path (for frames; Express routes HTTP requests by the same table). A trailing slash is accepted. */
function findRoute(routes: readonly Route[], method: string, path: string): Found {
  const segments = path.replace(/\/$/, '').split('/')
  const onPath = routes.flatMap((route) => {
    const params = matchPath(route.path.split('/'), segments)
    return params === undefined ? [] : [{ route, params }]
  })
  const found = onPath.find(({ route }) => route.method === method)
  if (found !== undefined) return found
  const allow = [...new Set(onPath.map(({ route }) => route.method))].join(', ')
  if (allow === '') return { error: new NgsiError('ResourceNotFound', `${path}: there is no such resource`), allow }
  return { error: new NgsiError('MethodNotAllowed', `${method}: not on ${path}, which knows ${allow}`), allow }
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined
    } else {
      const value = decode(segment)
      if (value === undefined || value === '') return undefined
      params[part.slice(1)] = value
    }
  }
  return params
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** A request as a frame carries it: the target is the path with its query. */
export interface FramedRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface FramedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers a request that came in a frame, as HTTP would have answered it. Never rejects. */
export async function dispatch(
  service: Service,
  routes: readonly Route[],
  framed: FramedRequest,
): Promise<FramedAnswer> {
  const { status, headers, body = '' } = await answerFramed(service, routes, framed)
  return { status, headers, body }
}

async function answerFramed(service: Service, routes: readonly Route[], framed: FramedRequest): Promise<Answer> {
  const mark = framed.target.indexOf('?')
  const path = mark < 0 ? framed.target : framed.target.slice(0, mark)
  const found = findRoute(routes, framed.method, path)
  if ('error' in found) {
    const answer = problemAnswer(found.error, service.report)
    return found.allow === '' ? answer : { ...answer, headers: { ...answer.headers, allow: found.allow } }
  }
  const query = new URLSearchParams(mark < 0 ? '' : framed.target.slice(mark + 1))
  const headers = Object.fromEntries(Object.entries(framed.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const { method, body } = framed
  return answerRoute(service, found.route, { method, path, params: found.params, query, headers, body })
}
