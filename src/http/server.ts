/**
 * The HTTP server: Express for routing and nothing more. Bodies are read, and answers written, without its middleware:
 * those cost more than the work itself (docs/speed.md).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import express from 'express'
import { NgsiError } from '../core/errors.ts'
import type { Service } from './dispatch.ts'
import { answerRoute } from './dispatch.ts'
import type { Answer, Request, Route } from './exchange.ts'
import { problemAnswer } from './problem.ts'
import { readText } from './request-text.ts'

export interface ServerOptions {
  /** The longest request body accepted, in bytes. */
  readonly maxBodyBytes: number
}

/** An HTTP server over a route table whose paths are complete. Not listening yet. */
export function createHttpServer(service: Service, routes: readonly Route[], options: ServerOptions): Server {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  for (const route of routes) addRoute(app, route, { service, options })
  for (const path of new Set(routes.map((route) => route.path))) refuseOtherMethods(app, path, { service, routes })
  app.use((request, response) => {
    send(
      response,
      problemAnswer(new NgsiError('ResourceNotFound', `${request.path}: there is no such resource`), service.report),
    )
  })
  app.use((error: unknown, _request: unknown, response: ServerResponse, next: (error: unknown) => void) => {
    if (response.headersSent) next(error)
    else send(response, problemAnswer(asBadRequest(error), service.report))
  })
  return createServer(app).on('clientError', refuseBrokenRequest)
}

interface Wiring {
  readonly service: Service
  readonly options: ServerOptions
}

function addRoute(app: express.Express, route: Route, { service, options }: Wiring): void {
  const handle = async (request: express.Request, response: ServerResponse): Promise<void> => {
    let answer: Answer
    try {
      const body = withBody.has(route.method) ? await readText(request, options.maxBodyBytes) : undefined
      answer = await answerRoute(service, route, asRequest(request, body))
    } catch (error) {
      answer = problemAnswer(error, service.report)
      // What is left of a body that was refused would be taken for the next request.
      response.setHeader('connection', 'close')
    }
    send(response, answer)
  }
  app[methodNames[route.method]](route.path, handle)
}

const withBody: ReadonlySet<Route['method']> = new Set(['POST', 'PATCH', 'PUT'])
const methodNames = { GET: 'get', POST: 'post', PATCH: 'patch', PUT: 'put', DELETE: 'delete' } as const

function asRequest(request: express.Request, body: string | undefined): Request {
  const { url, originalUrl } = request
  const mark = url.indexOf('?')
  return {
    method: request.method,
    path: mark < 0 ? originalUrl : originalUrl.slice(0, originalUrl.indexOf('?')),
    params: request.params as Record<string, string>,
    query: mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1)),
    headers: request.headers as Record<string, string | undefined>,
    body,
  }
}

const noQuery = new URLSearchParams()

function refuseOtherMethods(
  app: express.Express,
  path: string,
  { service, routes }: { service: Service; routes: readonly Route[] },
): void {
  const allow = routes.flatMap((route) => (route.path === path ? [route.method] : [])).join(', ')
  app.all(path, (request, response) => {
    const error = new NgsiError('MethodNotAllowed', `${request.method}: not on ${request.path}, which knows ${allow}`)
    const answer = problemAnswer(error, service.report)
    send(response, { ...answer, headers: { ...answer.headers, allow } })
  })
}

/** Express rejects what it cannot decode with errors of its own, which carry a 4xx status. */
function asBadRequest(error: unknown): unknown {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return status === 400 ? new NgsiError('InvalidRequest', 'the path is not well-formed percent-encoded UTF-8') : error
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': '0' }).end()
    return
  }
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body)
}

/** What is not HTTP gets an answer of ours too, not Node's. */
function refuseBrokenRequest(
  error: NodeJS.ErrnoException,
  socket: IncomingMessage['socket'] | NodeJS.WritableStream,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return
  const { body = '' } = problemAnswer(
    new NgsiError('InvalidRequest', 'the request is not HTTP/1.1 as RFC 9112 has it'),
    () => undefined,
  )
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
  ]
  socket.end(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n${body}`)
}
