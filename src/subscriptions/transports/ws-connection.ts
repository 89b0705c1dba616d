/** One WebSocket client: its requests in, its answers and notifications out, and no more of either than memory allows. */
import type { RawData, WebSocket } from 'ws'
import { invalidRequest, NgsiError } from '../../core/errors.ts'
import type { Message, Outcome } from '../transport.ts'
import type { ApiAnswer, ApiRequest, CorrelationId } from './ws-frame.ts'
import { answerFrame, correlationOf, errorFrame, readFrame, readRequest } from './ws-frame.ts'

export interface ConnectionOptions {
  readonly socket: WebSocket
  /** The connection's URN. */
  readonly uri: string
  /** The API, as HTTP would be answered. */
  readonly dispatch: (request: ApiRequest) => Promise<ApiAnswer>
  /** Bytes that may wait for the client; beyond that nothing more is read from it. */
  readonly maxBuffer: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Connection {
  /** Resolves when the frame has left the process and the client is still there. Never rejects. */
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

export function createConnection(options: ConnectionOptions): Connection {
  const { socket, uri, now, maxBuffer } = options
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
  const send = (text: string, sent?: (error?: Error | null) => void): void => {
    socket.send(text, (error) => {
      balance()
      sent?.(error)
    })
    balance()
  }
  for (const sign of ['ping', 'pong', 'message'] as const) socket.on(sign, () => (heardAt = now()))
  socket.on('message', (data, isBinary) => {
    underWay++
    balance()
    void answer(options.dispatch, data, isBinary).then((frame) => {
      underWay--
      send(frame)
    })
  })
  send(JSON.stringify({ metadata: { connection: uri } }))
  return {
    notify: (message) => notify(socket, { message, maxBuffer, send }),
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    silence: () => (socket.isPaused ? 0 : now() - heardAt),
    congestion: () => (congestedSince === undefined ? 0 : now() - congestedSince),
    close: (code, reason) => {
      socket.close(code, reason)
    },
    terminate: () => {
      socket.terminate()
    },
  }
}

/** The frame that answers a frame. Never rejects: no input ends the connection, let alone the process. */
async function answer(dispatch: ConnectionOptions['dispatch'], data: RawData, isBinary: boolean): Promise<string> {
  let id: CorrelationId | undefined
  try {
    if (isBinary) throw invalidRequest('frames are text, not binary')
    const text = textOf(data)
    const metadata = readFrame(text)
    id = correlationOf(metadata)
    // Acknowledgements of notifications will be frames too: told from requests by their metadata, here.
    return answerFrame(id, await dispatch(readRequest(metadata, text)))
  } catch (error) {
    const known = error instanceof NgsiError ? error : new NgsiError('InternalError', 'the request failed')
    return errorFrame(id, known)
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString()
}

interface Sending {
  readonly message: Message
  readonly maxBuffer: number
  readonly send: (text: string, sent: (error?: Error | null) => void) => void
}

function notify(socket: WebSocket, { message, maxBuffer, send }: Sending): Promise<Outcome> {
  if (socket.readyState !== socket.OPEN)
    return Promise.resolve({ kind: 'retry', reason: 'the client is not connected' })
  if (socket.bufferedAmount > maxBuffer) return Promise.resolve({ kind: 'retry', reason: 'the client does not read' })
  const { contentType, headers, notification, timeout } = message
  const text = JSON.stringify({ metadata: { 'Content-Type': contentType, ...headers }, body: notification })
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => {
    resolve({ kind: 'retry', reason: `the client took nothing within ${String(timeout)} ms` })
  }, timeout)
  send(text, (error) => {
    clearTimeout(timer)
    // Without acknowledgement frames this is all there is to know: it left, and the client was there.
    const isSent = error == null && socket.readyState === socket.OPEN
    resolve(isSent ? { kind: 'delivered' } : { kind: 'retry', reason: 'the connection broke' })
  })
  return promise
}
