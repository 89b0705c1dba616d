/** Which upgrade requests become WebSocket connections, and how the others are told (RFC 6455, clause 4.2). */
import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorName } from '../../core/errors.ts'
import { errorTable } from '../../core/errors.ts'
import { isTenantName } from '../../core/model/space.ts'
import { isClientName } from '../reception.ts'

export interface UpgradeRefusal {
  readonly status: number
  readonly error: ErrorName
  readonly detail: string
}

/** What an upgrade request says of the client. */
export interface Introduction {
  /** What counts for requests in frames that name none. */
  readonly tenant?: string
  /** The name of a durable client. */
  readonly client?: string
  readonly secret?: string
}

const PATH = '/ngsi-ld/v1/ws'
export const SUBPROTOCOL = 'ngsi-ld.json'
/** Browsers cannot set headers, but they can offer subprotocols: the secret is the rest of one that begins so. */
const SECRET_PROTOCOL = 'ngsi-ld.secret.'

/** Undefined when the request may become a connection. */
export function checkUpgrade(request: IncomingMessage, origins: readonly string[]): UpgradeRefusal | undefined {
  const { pathname, searchParams } = targetOf(request)
  if (pathname !== PATH)
    return { status: 404, error: 'ResourceNotFound', detail: `WebSocket connections go to ${PATH}` }
  if (!isAllowedOrigin(request, origins)) {
    return { status: 403, error: 'InvalidRequest', detail: 'web pages of this origin may not connect' }
  }
  if (!protocolsOf(request).includes(SUBPROTOCOL)) {
    return { status: 400, error: 'InvalidRequest', detail: `Sec-WebSocket-Protocol: ${SUBPROTOCOL} is needed` }
  }
  const fault = faultIn(request, searchParams)
  return fault === undefined ? undefined : { status: 400, error: 'InvalidRequest', detail: fault }
}

function targetOf({ url = '' }: IncomingMessage): { pathname: string; searchParams: URLSearchParams } {
  const [pathname = '', ...rest] = url.split('?')
  return { pathname, searchParams: new URLSearchParams(rest.join('?')) }
}

function protocolsOf({ headers }: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}

function faultIn({ headers }: IncomingMessage, query: URLSearchParams): string | undefined {
  const unknown = [...query.keys()].find((name) => name !== 'client' && name !== 'tenant')
  if (unknown !== undefined) return `${unknown}: not a parameter here, which are client and tenant`
  const client = query.get('client')
  if (client !== null && !isClientName(client)) {
    return 'client: must be 1 to 128 letters, digits, full stops, underscores, tildes, colons or hyphens'
  }
  const names = [query.get('tenant'), headerOf(headers, 'ngsild-tenant')].filter((name) => name !== null && name !== '')
  if (names.some((name) => name !== null && !isTenantName(name))) return 'tenant: not a tenant name'
  return new Set(names).size > 1 ? 'tenant: NGSILD-Tenant names another one' : undefined
}

function headerOf(headers: IncomingMessage['headers'], name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : null
}

/** Of a request that may become a connection. */
export function readIntroduction(request: IncomingMessage): Introduction {
  const { searchParams } = targetOf(request)
  const tenant = (searchParams.get('tenant') ?? '') || (headerOf(request.headers, 'ngsild-tenant') ?? '')
  const client = searchParams.get('client')
  const offered = protocolsOf(request).find((name) => name.startsWith(SECRET_PROTOCOL))
  const secret = headerOf(request.headers, 'estran-client-secret') ?? offered?.slice(SECRET_PROTOCOL.length)
  return {
    ...(tenant !== '' && { tenant }),
    ...(client !== null && { client }),
    ...(secret !== undefined && { secret }),
  }
}

/** Browsers let any page connect to any host: without this check a page could use the broker of whoever looks at it. */
function isAllowedOrigin({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined || origins.includes(origin) || origins.includes('*')) return true
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
