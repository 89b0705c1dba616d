/** Which upgrade requests become WebSocket connections, and how the others are told (RFC 6455, clause 4.2). */
import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorName } from '../../core/errors.ts'
import { errorTable } from '../../core/errors.ts'

export interface UpgradeRefusal {
  readonly status: number
  readonly error: ErrorName
  readonly detail: string
}

const PATH = '/ngsi-ld/v1/ws'
export const SUBPROTOCOL = 'ngsi-ld.json'

/** Undefined when the request may become a connection. */
export function checkUpgrade(request: IncomingMessage, origins: readonly string[]): UpgradeRefusal | undefined {
  const [path] = (request.url ?? '').split('?')
  if (path !== PATH) return { status: 404, error: 'ResourceNotFound', detail: `WebSocket connections go to ${PATH}` }
  if (!isAllowedOrigin(request, origins)) {
    return { status: 403, error: 'InvalidRequest', detail: 'web pages of this origin may not connect' }
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (offered.includes(SUBPROTOCOL)) return undefined
  return { status: 400, error: 'InvalidRequest', detail: `Sec-WebSocket-Protocol: ${SUBPROTOCOL} is needed` }
}

/** Browsers let any page connect to any host: without this check a page could use the broker of whoever looks at it. */
function isAllowedOrigin({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined || origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** Answers in plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, { status, error, detail }: UpgradeRefusal): void {
  const body = JSON.stringify({ ...errorTable[error], detail, status })
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
  ]
  // The client may be gone already; there is nobody else to tell.
  socket.on('error', () => undefined)
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
