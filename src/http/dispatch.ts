/** A request as plain data to its answer, whatever carried it. */
import { isTenantName } from '../core/model/space.ts'
import type { Broker, Call } from '../operations/call.ts'
import { callAt, sourceAliasOf } from '../operations/call.ts'
import type { Answer, Limits, Request, Route } from './exchange.ts'
import { spaceOf, traceOf, viaOf } from './headers.ts'
import { checkParameters, readFlag } from './parameters.ts'
import { problemAnswer } from './problem.ts'
import type { Found, NotFound, Router } from './router.ts'

export interface Service {
  readonly broker: Broker
  readonly router: Router
  readonly limits: Limits
  /** Told of failures that are the broker's own; clients never see them. */
  readonly report: (error: unknown) => void
}

/** What a request is before its route is known. */
export type Unrouted = Omit<Request, 'params'>

/** Answers a request on the route that was found for it. Never rejects. */
export async function answerFound(service: Service, found: Found, request: Unrouted): Promise<Answer> {
  const answer = await answerOrProblem(service, found.route, { ...request, params: found.params })
  const tenant = request.headers['ngsild-tenant']
  return tenant === undefined || !isTenantName(tenant) ? answer : withTenant(answer, tenant)
}

async function answerOrProblem({ broker, limits, report }: Service, route: Route, request: Request): Promise<Answer> {
  try {
    checkParameters(request.query, route.parameters)
    const call = callOf(broker, request)
    return await route.handle({ request, call, limits })
  } catch (error) {
    return problemAnswer(error, report)
  }
}

function callOf(broker: Broker, request: Request): Call {
  const space = spaceOf(request)
  const via = viaOf(request)
  const local = readFlag(request.query, 'local') || via.includes(sourceAliasOf({ broker, space }))
  return callAt(broker.micros(), { broker, space, caller: { id: null }, via, local, trace: traceOf(request) })
}

/** The answer where there is no route. */
export function refusal({ error, allow }: NotFound, report: Service['report']): Answer {
  const answer = problemAnswer(error, report)
  return allow === undefined ? answer : { ...answer, headers: { ...answer.headers, allow } }
}

/** Clause 5.5.10: the tenant is echoed, with an error too. */
function withTenant(answer: Answer, tenant: string): Answer {
  return { ...answer, headers: { ...answer.headers, 'ngsild-tenant': tenant } }
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
export async function answerFramed(service: Service, framed: FramedRequest): Promise<FramedAnswer> {
  const { method, body } = framed
  const { path, query } = splitTarget(framed.target)
  const headers = Object.fromEntries(Object.entries(framed.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const found = service.router.find(method, path)
  const answer =
    'error' in found
      ? refusal(found, service.report)
      : await answerFound(service, found, { method, path, query, headers, body })
  return { status: answer.status, headers: answer.headers, body: await wholeText(answer.body) }
}

async function wholeText(body: Answer['body'] = ''): Promise<string> {
  if (typeof body === 'string') return body
  const parts: string[] = []
  for await (const part of body) parts.push(part)
  return parts.join('')
}

const noQuery = new URLSearchParams()

/** A request target's path and its query. */
export interface Target {
  readonly path: string
  readonly query: URLSearchParams
}

/** Parts a request target. */
export function splitTarget(target: string): Target {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: noQuery }
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) }
}

/** Methods whose requests have a body. */
export const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT'])
