/** One WebSocket client: its frames in, answers and notifications out, and no more of either than memory allows. */
import type { RawData, WebSocket } from 'ws'
import type { JsonObject } from '../../base/json.ts'
import { invalidRequest, NgsiError } from '../../core/errors.ts'
import type { Message, Outcome } from '../transport.ts'
import { createAcknowledgements } from './ws-acknowledgements.ts'
import type { ApiAnswer, ApiRequest, CorrelationId } from './ws-frame.ts'
import { acknowledgedIn, answerFrame, correlationOf, errorFrame, isEnd, readFrame, readRequest } from './ws-frame.ts'

export interface ConnectionOptions {
  readonly socket: WebSocket
  /** The metadata of the first frame. */
  readonly greeting: JsonObject
  /** Notifications count as delivered when the client acknowledges them; else when they have left the process. */
  readonly isAcknowledging: boolean
  /** Called before anything is done for the client; what it rejects with is the answer. */
  readonly begin: () => Promise<void>
  /** Told that the client, which was slow or seemed not to be there, is. */
  readonly revived: () => void
  /** Ends the client, its subscriptions included. */
  readonly end: () => Promise<void>
  /** The API, as HTTP would be answered. */
  readonly dispatch: (request: ApiRequest) => Promise<ApiAnswer>
  /** Bytes that may wait for the client; beyond that nothing more is read from it. */
  readonly maxBuffer: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Connection {
  /**
   * Resolves when the client has acknowledged the notification, or when the frame has left the process and the client is
   * still there. Never rejects.
   */
  notify(message: Message): Promise<Outcome>
  /** Asks for a sign of life. */
  ping(): void
  /** Milliseconds without a sign of life; 0 while it is us who do not listen. */
  silence(): number
  /** Milliseconds since more than `maxBuffer` bytes wait; 0 when no more than that do. */
  congestion(): number
  close(code: number, reason: string): void
  terminate(): void
}

/** Requests of one client that are answered at the same time; further ones wait in its socket. */
const REQUESTS_AT_ONCE = 32

/** What the parts of a connection share. */
interface Wire extends Pick<ConnectionOptions, 'socket' | 'maxBuffer' | 'begin' | 'end' | 'dispatch'> {
  /** Absent where the client need not acknowledge. */
  readonly acknowledgements: ReturnType<typeof createAcknowledgements> | undefined
  readonly send: (text: string, sent?: (error?: Error | null) => void) => void
}

export function createConnection(options: ConnectionOptions): Connection {
  const { socket, now, maxBuffer } = options
  let underWay = 0
  let heardAt = now()
  let congestedSince: number | undefined

  /** Called whenever something comes in, is answered, or has left. */
  const balance = (): void => {
    const isCongested = socket.bufferedAmount > maxBuffer
    congestedSince = isCongested ? (congestedSince ?? now()) : undefined
    if (isCongested || underWay >= REQUESTS_AT_ONCE) socket.pause()
    else if (socket.isPaused) {
      heardAt = now()
      socket.resume()
    }
  }
  const send: Wire['send'] = (text, sent) => {
    socket.send(text, (error) => {
      balance()
      sent?.(error)
    })
    balance()
  }
  const wire: Wire = { ...options, send, acknowledgements: acknowledgementsFor(options) }
  for (const sign of ['ping', 'pong', 'message']) socket.on(sign, () => (heardAt = now()))
  socket.on('message', (data, isBinary) => {
    underWay++
    balance()
    void answer(wire, data, isBinary).then((frame) => {
      underWay--
      if (frame === undefined) balance()
      else send(frame)
    })
  })
  send(JSON.stringify({ metadata: options.greeting }))
  return {
    notify: (message) => notify(wire, message),
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    silence: () => (socket.isPaused ? 0 : now() - heardAt),
    congestion: () => (congestedSince === undefined ? 0 : now() - congestedSince),
    close: (code, reason) => {
      part(socket, code, reason)
    },
    terminate: () => {
      socket.terminate()
    },
  }
}

function acknowledgementsFor({ socket, isAcknowledging, revived }: ConnectionOptions): Wire['acknowledgements'] {
  if (!isAcknowledging) return undefined
  const acknowledgements = createAcknowledgements(revived)
  socket.on('close', () => {
    acknowledgements.close()
  })
  return acknowledgements
}

/** Says good-bye, and listens: a client that we do not listen to cannot answer it. */
export function part(socket: WebSocket, code: number, reason: string): void {
  socket.resume()
  socket.close(code, reason)
}

/** The frame that answers a frame, if any does. Never rejects: no input ends the connection, let alone the process. */
async function answer(wire: Wire, data: RawData, isBinary: boolean): Promise<string | undefined> {
  let id: CorrelationId | undefined
  try {
    if (isBinary) throw invalidRequest('frames are text, not binary')
    const text = textOf(data)
    const metadata = readFrame(text)
    id = correlationOf(metadata)
    await wire.begin()
    if ('ack' in metadata) {
      acknowledge(wire, metadata)
      return undefined
    }
    if (isEnd(metadata)) return await end(wire, id)
    return answerFrame(id, await wire.dispatch(readRequest(metadata, text)))
  } catch (error) {
    const known = error instanceof NgsiError ? error : new NgsiError('InternalError', 'the request failed')
    return errorFrame(id, known)
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString()
}

function acknowledge({ acknowledgements }: Wire, metadata: JsonObject): void {
  const ids = acknowledgedIn(metadata)
  if (acknowledgements === undefined) throw invalidRequest('metadata.ack: only clients with a name acknowledge')
  for (const id of ids) acknowledgements.acknowledge(id)
}

async function end({ end, socket }: Wire, id: CorrelationId | undefined): Promise<string> {
  await end()
  // Behind the answer, which goes first.
  setImmediate(() => {
    socket.close(1000, 'ended')
  })
  return answerFrame(id, { status: 204, headers: {}, body: '' })
}

function notify(wire: Wire, message: Message): Promise<Outcome> {
  const { socket, maxBuffer, acknowledgements, send } = wire
  if (socket.readyState !== socket.OPEN)
    return Promise.resolve({ kind: 'retry', reason: 'the client is not connected' })
  if (socket.bufferedAmount > maxBuffer) return Promise.resolve({ kind: 'retry', reason: 'the client does not read' })
  const { contentType, headers, notification, timeout } = message
  const text = JSON.stringify({ metadata: { 'Content-Type': contentType, ...headers }, body: notification })
  if (acknowledgements === undefined) return sendOff(wire, text, timeout)
  const sendText = (): void => {
    send(text)
  }
  return acknowledgements.await({ id: textIn(notification, 'id'), timeout, send: sendText })
}

function textIn(object: JsonObject, name: string): string {
  const value = object[name]
  return typeof value === 'string' ? value : ''
}

/** Without acknowledgements this is all there is to know: it left, and the client was there. */
function sendOff({ socket, send }: Wire, text: string, timeout: number): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => {
    resolve({ kind: 'retry', reason: `the client took nothing within ${String(timeout)} ms` })
  }, timeout)
  send(text, (error) => {
    clearTimeout(timer)
    const isSent = error == null && socket.readyState === socket.OPEN
    resolve(isSent ? { kind: 'delivered' } : { kind: 'retry', reason: 'the connection broke' })
  })
  return promise
}
