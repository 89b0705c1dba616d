/**
 * The HTTP server. What the route table knows is answered without Express, whose layers and prototypes cost a tenth of a
 * PATCH (docs/speed.md); Express has the rest: today what is not there, and later pages for people.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import { NgsiError } from '../core/errors.ts'
import type { Service, Target, Unrouted } from './dispatch.ts'
import { answerFound, bodyMethods, refusal, splitTarget } from './dispatch.ts'
import type { Answer } from './exchange.ts'
import { problemAnswer } from './problem.ts'
import { readText } from './request-text.ts'
import type { Found } from './router.ts'

export interface ServerOptions {
  /** The longest request body accepted, in bytes. */
  readonly maxBodyBytes: number
}

/** An HTTP server. Not listening yet. */
export function createHttpServer(service: Service, options: ServerOptions): Server {
  const beside = createPages(service)
  const server = createServer((request, response) => {
    const target = splitTarget(request.url ?? '')
    const found = service.router.find(request.method ?? '', target.path)
    if ('route' in found) void answer(service, options, { request, response, target, found })
    else beside(request, response)
  })
  return server.on('clientError', refuseBrokenRequest)
}

/** What is beside the route table. */
function createPages({ router, report }: Service): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.use((request, response) => {
    const found = router.find(request.method, splitTarget(request.url).path)
    const lost = new Error('a request of the route table was handed to the pages')
    send(response, 'error' in found ? refusal(found, report) : problemAnswer(lost, report))
  })
  return app
}

interface HttpExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly target: Target
  readonly found: Found
}

/** Never rejects. */
async function answer(service: Service, options: ServerOptions, exchange: HttpExchange): Promise<void> {
  const { request, response, target, found } = exchange
  try {
    const hasBody = bodyMethods.has(found.route.method)
    const body = hasBody ? await readText(request, options.maxBodyBytes) : undefined
    send(response, await answerFound(service, found, asRequest(request, target, body)))
  } catch (error) {
    // What is left of a body that was refused would be taken for the next request.
    response.setHeader('connection', 'close')
    send(response, problemAnswer(error, service.report))
  }
}

function asRequest({ method = '', headers }: IncomingMessage, target: Target, body: string | undefined): Unrouted {
  // Node gives lists for Set-Cookie alone, which no request has.
  return { method, ...target, headers: headers as Record<string, string | undefined>, body }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, status === 204 || status === 304 ? headers : { ...headers, 'content-length': '0' }).end()
    return
  }
  if (typeof body !== 'string') {
    // Whoever breaks off, the client or the parts, ends both.
    pipeline(Readable.from(body), response.writeHead(status, headers)).catch(() => undefined)
    return
  }
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) }).end(bytes)
}

/** What is not HTTP gets an answer of ours too, not Node's. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return
  const refusal = new NgsiError('InvalidRequest', 'the request is not HTTP/1.1 as RFC 9112 has it')
  const { body = '' } = problemAnswer(refusal, () => undefined)
  const length = String(Buffer.byteLength(body))
  const head = ['HTTP/1.1 400 Bad Request', 'content-type: application/json', `content-length: ${length}`]
  socket.end(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n${body}`)
}
