/** A request as plain data to its answer, whatever carried it. */
import { NgsiError } from '../core/errors.ts'
import { isTenantName } from '../core/model/space.ts'
import type { Broker, Call } from '../operations/call.ts'
import { callAt, sourceAliasOf } from '../operations/call.ts'
import type { AdminAccess } from './admin/access.ts'
import { admitToAdmin } from './admin/access.ts'
import type { Correlation } from './correlation.ts'
import { correlationOf } from './correlation.ts'
import type { Answer, Limits, Request } from './exchange.ts'
import { spaceOf, traceOf, viaOf } from './headers.ts'
import { checkParameters, readFlag } from './parameters.ts'
import { problemAnswer } from './problem.ts'
import type { Found, Router } from './router.ts'
import { parseQuery, splitTarget } from './request-target.ts'

export interface Service {
  readonly broker: Broker
  readonly router: Router
  readonly limits: Limits
  readonly adminAccess: AdminAccess
  /** Told of failures that are the broker's own; clients never see them. */
  readonly report: Report
}

/** Takes down a failure, and which request it was. */
export type Report = (error: unknown, request: Correlation) => void

/** What a request is before its route is known. */
export interface Unrouted extends Omit<Request, 'params' | 'query'> {
  /** The query as it was written. */
  readonly search: string
  /** The address of the other end of the connection; absent in frames. */
  readonly peer?: string | undefined
}

/** Answers a request on the route that was found for it. Never rejects. */
export async function answerFound(service: Service, found: Found, request: Unrouted): Promise<Answer> {
  try {
    return withTenantOf(request.headers, await answerRoute(service, found, request))
  } catch (error) {
    return answerFailed(service, error, request.headers)
  }
}

async function answerRoute(service: Service, { route, params }: Found, unrouted: Unrouted): Promise<Answer> {
  const { broker, limits, adminAccess } = service
  const { method, path, search, headers, body, peer } = unrouted
  if (route.isAdmin === true) admitToAdmin(adminAccess, { headers, peer })
  const query = parseQuery(search)
  checkParameters(query, route.parameters)
  const request = { method, path, params, query, headers, body }
  const answer = await route.handle({ request, call: callOf(broker, request), limits })
  return typeof answer.body === 'object' ? { ...answer, body: await begun(answer.body) } : answer
}

/** Waits for the first part of an answer that comes in parts: what fails before it is an error like any other. */
async function begun(body: AsyncIterable<string>): Promise<AsyncIterable<string>> {
  const parts = body[Symbol.asyncIterator]()
  let first: IteratorResult<string> | undefined = await parts.next()
  const next = (): Promise<IteratorResult<string>> => {
    const part = first === undefined ? parts.next() : Promise.resolve(first)
    first = undefined
    return part
  }
  const end = async (): Promise<IteratorResult<string>> => (await parts.return?.()) ?? { done: true, value: undefined }
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) }
}

/** The answer to a request that failed. */
export function answerFailed({ report }: Service, error: unknown, headers: Request['headers']): Answer {
  const problem = problemAnswer(error, (cause) => {
    report(cause, correlationOf(headers))
  })
  return withTenantOf(headers, problem)
}

function callOf(broker: Broker, request: Request): Call {
  const space = spaceOf(request)
  const via = viaOf(request)
  const local = readFlag(request.query, 'local') || via.includes(sourceAliasOf({ broker, space }))
  return callAt(broker.micros(), { broker, space, caller: { id: null }, via, local, trace: traceOf(request.headers) })
}

/** The answer where no row of the table fits: the methods that a path knows (OPTIONS; RFC 9110, 9.3.7), or a refusal. */
export function answerUnrouted(service: Service, { method, path, headers }: Unrouted): Answer {
  const found = service.router.find(method, path)
  // Whoever hands over a request that has a route made a mistake, which the client need not wait for.
  const error = 'error' in found ? found.error : new Error('a request of the route table was taken for another')
  const allow = 'error' in found ? found.allow : undefined
  if (method === 'OPTIONS' && allow !== undefined) return { status: 204, headers: { allow } }
  const answer = answerFailed(service, error, headers)
  return allow === undefined ? answer : { ...answer, headers: { ...answer.headers, allow } }
}

/** Clause 5.5.10: the tenant is echoed, with an error too. */
function withTenantOf(requested: Request['headers'], answer: Answer): Answer {
  const tenant = requested['ngsild-tenant']
  if (tenant === undefined || !isTenantName(tenant)) return answer
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

/**
 * Answers a request that came in a frame, as HTTP would have answered it; but a frame is held whole, so that nothing is
 * streamed there beyond the greatest limit of a page. Never rejects.
 */
export async function answerFramed(service: Service, framed: FramedRequest): Promise<FramedAnswer> {
  const { method, body } = framed
  const headers = Object.fromEntries(Object.entries(framed.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const request = { method, ...splitTarget(framed.target), headers, body }
  const found = service.router.find(method, request.path)
  if ('error' in found) return wholeAnswer(method, answerUnrouted(service, request))
  const { limits } = service
  const whole = { ...service, limits: { ...limits, maxStreamed: limits.maxLimit } }
  try {
    return await wholeAnswer(method, await answerFound(whole, found, request))
  } catch (error) {
    // The parts of an answer broke off.
    return wholeAnswer(method, answerFailed(service, error, headers))
  }
}

async function wholeAnswer(method: string, { status, headers, body = '', isLive }: Answer): Promise<FramedAnswer> {
  if (isLive === true && typeof body === 'object') {
    await body[Symbol.asyncIterator]().return?.()
    throw new NgsiError('OperationNotSupported', 'a stream of events has no end: a frame cannot hold it, HTTP can')
  }
  const parts: string[] = []
  for await (const part of typeof body === 'string' ? [body] : body) parts.push(part)
  return { status, headers, body: method === 'HEAD' ? '' : parts.join('') }
}
