/**
 * The HTTP server. What the route table knows is answered without Express, whose layers and prototypes cost a tenth of a
 * PATCH (docs/speed.md); Express has the rest: pages for people, and what is not there.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { refuseBrokenRequest, targetTooLong } from './broken-request.ts'
import { acceptedInRequests, isKnownCoding } from './content-coding.ts'
import { correlationOf, identified } from './correlation.ts'
import { createCors } from './cors.ts'
import type { Service } from './dispatch.ts'
import { answerFailed, answerFound, answerUnrouted } from './dispatch.ts'
import type { Answer, Route } from './exchange.ts'
import { createPages } from './pages.ts'
import { readText } from './request-text.ts'
import type { Found } from './router.ts'
import type { Connection, SendOptions } from './send.ts'
import { send } from './send.ts'
import type { RequestTarget } from './request-target.ts'
import { splitTarget } from './request-target.ts'

export interface ServerOptions {
  /** The longest request body accepted, in bytes, after decompression. */
  readonly maxBodyBytes: number
  /** The longest request target accepted, in bytes. */
  readonly maxTargetBytes: number
  /** Bytes from which on an answer is compressed. */
  readonly compressFrom: number
  /** Origins whose pages may read answers, parted by commas; `*`: any. */
  readonly corsOrigins?: string | undefined
  readonly observe: ObserveRoute
}

/** Hears of every request on a route: its status, and how long it took, in milliseconds. */
export type ObserveRoute = (route: Route, status: number, duration: number) => void

/** Bytes for all headers of a request, beside its target. */
const MAX_HEADER_BYTES = 16_384

/**
 * Milliseconds. Headers and whole requests that take longer hold a connection for nothing (slow loris). Connections are kept
 * longer than load balancers keep theirs, a minute mostly: whoever closes first should be the one that does not send.
 */
const timeouts = {
  headersTimeout: 20_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5000,
}

interface Serving {
  readonly service: Service
  readonly options: ServerOptions
  readonly sending: SendOptions
}

/** An HTTP server. Not listening yet. */
export function createHttpServer(service: Service, options: ServerOptions): Server {
  const { maxTargetBytes, compressFrom, corsOrigins } = options
  const serving: Serving = { service, options, sending: { compressFrom, cors: createCors(corsOrigins) } }
  const pages = createPages((request, response) => {
    refuseUnrouted(serving, { request, response, headers: identified(request) })
  })
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = { request, response, headers: identified(request) }
    const { method = '', url = '' } = request
    if (url.length > maxTargetBytes) {
      void finish(serving, connection, answerFailed(service, targetTooLong(), connection.headers))
      return
    }
    const target = splitTarget(url)
    const found = service.router.find(method, target.path)
    if ('route' in found) void answer(serving, connection, { target, found })
    else if (found.allow !== undefined) refuseUnrouted(serving, connection)
    else pages(request, response)
  }
  const server = createServer({ ...timeouts, maxHeaderSize: maxTargetBytes + MAX_HEADER_BYTES }, handle)
  // Whoever asks before sending a body is answered at once where it is refused, and told to go on where it is read.
  return server.on('checkContinue', handle).on('clientError', (error, socket) => {
    refuseBrokenRequest(error, socket, maxTargetBytes)
  })
}

function refuseUnrouted(serving: Serving, connection: Connection): void {
  const { service } = serving
  const { request, headers } = connection
  const { method = '', url = '' } = request
  const { path, search } = splitTarget(url)
  void finish(serving, connection, answerUnrouted(service, { method, path, search, headers, body: undefined }))
}

interface Routed {
  readonly target: RequestTarget
  readonly found: Found
}

/** Never rejects. */
async function answer(serving: Serving, connection: Connection, routed: Routed): Promise<void> {
  const started = performance.now()
  const { route } = routed.found
  const hasBody = route.about.body !== undefined
  const whole = await (hasBody ? answerWithBody(serving, connection, routed) : answerTo(serving, connection, routed))
  const observe = (): void => {
    serving.options.observe(route, whole.status, performance.now() - started)
  }
  // How long somebody listens says nothing about the broker.
  if (whole.isLive === true) observe()
  const finishing = finish(serving, connection, whole)
  if (finishing !== undefined) await finishing
  if (whole.isLive !== true) observe()
}

function answerTo(
  { service }: Serving,
  { request, headers }: Connection,
  routed: Routed,
  body?: string,
): Promise<Answer> {
  const { found, target } = routed
  const { path, search } = target
  return answerFound(service, found, {
    ...{ method: request.method ?? '', path, search, headers, body },
    peer: request.socket.remoteAddress,
  })
}

async function answerWithBody(serving: Serving, connection: Connection, routed: Routed): Promise<Answer> {
  const { headers } = connection
  if (!isKnownCoding(headers['content-encoding'])) return unknownCoding
  try {
    return await answerTo(serving, connection, routed, await readText(connection, serving.options.maxBodyBytes))
  } catch (error) {
    return closing(answerFailed(serving.service, error, headers))
  }
}

/** What is left of a body that was refused would be taken for the next request. */
function closing(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, connection: 'close' } }
}

/** Clause 6.3.4: no body. RFC 9110, 12.5.3: only where the coding is to blame does the answer list those that are known. */
const unknownCoding = closing({ status: 415, headers: { 'accept-encoding': acceptedInRequests } })

/** Never rejects: an answer that ends in the middle is cut off and reported. */
function finish({ service, sending }: Serving, connection: Connection, whole: Answer): Promise<void> | undefined {
  return send(connection, whole, sending)?.catch((error: unknown) => {
    connection.response.destroy()
    service.report(error, correlationOf(connection.headers))
  })
}
