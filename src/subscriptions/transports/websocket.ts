/**
 * Estran's WebSocket binding: notifications and requests of the API over one connection that the client opens, so that it
 * needs no address of its own. See docs/websocket.md.
 *
 * The first frame tells the URN that is the `endpoint.uri` of the subscriptions that the client wants to hear of. A connection
 * without a name has one of its own, which never comes back; a durable client keeps its URN (`durable-clients.ts`).
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { JsonObject } from '../../base/json.ts'
import { DEFAULT_SPACE } from '../../core/model/space.ts'
import type { Transport } from '../transport.ts'
import type { ClientRefusal, ClientSession, Reception } from '../reception.ts'
import { isClientUrnOf } from '../reception.ts'
import type { Connection, ConnectionOptions } from './ws-connection.ts'
import { createConnection, part } from './ws-connection.ts'
import type { ApiRequest } from './ws-frame.ts'
import type { Introduction, UpgradeRefusal } from './ws-upgrade.ts'
import { checkUpgrade, readIntroduction, refuseUpgrade, SUBPROTOCOL } from './ws-upgrade.ts'

export interface WebSocketTransportOptions extends Pick<ConnectionOptions, 'maxBuffer' | 'now'> {
  /** Bytes of the longest frame accepted. */
  readonly maxFrame: number
  /** Milliseconds without a sign of life after which a connection is closed. */
  readonly idleTimeout: number
  /** Milliseconds for which more than `maxBuffer` bytes may wait for a client; default ten seconds. */
  readonly drainTimeout?: number
  /** Default 10,000. */
  readonly maxConnections?: number
  /** Told of the URN of each client when notifications can go there. */
  readonly arrived: (uri: string) => void
  /** Those that have a name. */
  readonly clients: Reception
  /** Ends the subscriptions of all tenants that go to a connection without a name. */
  readonly unsubscribe: (uri: string) => Promise<void>
  /** Origins of web pages that may connect, beside the broker's own; `*` is any. */
  readonly origins?: readonly string[]
}

/** What the HTTP server calls at its `upgrade` event. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface WebSocketTransport extends Transport {
  /** Takes upgrades; requests in frames go to `dispatch`, the API as HTTP would be answered. */
  handleUpgrade(dispatch: ConnectionOptions['dispatch']): UpgradeHandler
}

interface State {
  readonly options: Required<WebSocketTransportOptions>
  /** All that are open, those that are not yet let in too. */
  readonly sockets: Set<WebSocket>
  /** Those that can be notified, by URN. */
  readonly connections: Map<string, Connection>
  /** What is still to be written of clients that left. */
  readonly leaving: Set<Promise<void>>
}

const CONNECTION_URN = /^urn:ngsi-ld:Connection:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Milliseconds that clients have to answer our good-bye. */
const FAREWELL = 1000

export function createWebSocketTransport(given: WebSocketTransportOptions): WebSocketTransport {
  const options = { drainTimeout: 10_000, maxConnections: 10_000, origins: [], ...given }
  const state: State = { options, sockets: new Set(), connections: new Map(), leaving: new Set() }
  const { connections } = state
  const server = createServer(options.maxFrame)
  const timer = setInterval(() => {
    for (const connection of connections.values()) tend(connection, options)
  }, options.idleTimeout / 3)
  timer.unref()
  return {
    schemes: ['urn:ngsi-ld:connection', 'urn:ngsi-ld:client'],
    refuses: ({ uri }, owner) =>
      CONNECTION_URN.test(uri) || isClientUrnOf(owner, uri)
        ? undefined
        : 'notification.endpoint.uri: must be the URN that the first frame of a WebSocket connection of this tenant tells',
    isHere: ({ uri }) => connections.has(uri),
    send: (message) => {
      const connection = connections.get(message.endpoint.uri)
      return connection?.notify(message) ?? Promise.resolve({ kind: 'retry', reason: 'the client is not connected' })
    },
    handleUpgrade: (dispatch) => (request, socket, head) => {
      const refusal = state.sockets.size >= options.maxConnections ? tooMany : checkUpgrade(request, options.origins)
      if (refusal !== undefined) {
        refuseUpgrade(socket, refusal)
        return
      }
      server.handleUpgrade(request, socket, head, (client) => {
        open(state, client, { introduction: readIntroduction(request), dispatch })
      })
    },
    close: async () => {
      clearInterval(timer)
      await farewell(state)
      server.close()
    },
  }
}

function createServer(maxPayload: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    // Each compressed connection costs some hundred kilobytes.
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  })
}

const tooMany: UpgradeRefusal = { status: 503, error: 'ServiceUnavailable', detail: 'too many connections' }

/** Who comes, and where its requests go. */
interface Newcomer {
  readonly introduction: Introduction
  readonly dispatch: ConnectionOptions['dispatch']
}

function open(state: State, socket: WebSocket, { introduction, dispatch }: Newcomer): void {
  const { tenant, client } = introduction
  state.sockets.add(socket)
  // ws closes the connection after each of these errors; without a listener they would end the process.
  socket.on('error', () => undefined)
  socket.on('close', () => state.sockets.delete(socket))
  const inTenant = { socket, dispatch: withTenant(dispatch, tenant) }
  if (client === undefined) openNameless(state, inTenant)
  else void openDurable(state, inTenant, { ...introduction, client })
}

/** Requests in frames that name no tenant are of the one that the connection was opened for. */
function withTenant(dispatch: Newcomer['dispatch'], tenant: string | undefined): Newcomer['dispatch'] {
  if (tenant === undefined) return dispatch
  return (request: ApiRequest) => dispatch({ ...request, headers: { 'ngsild-tenant': tenant, ...request.headers } })
}

type Opened = Pick<ConnectionOptions, 'socket' | 'dispatch'>

function openNameless(state: State, opened: Opened): void {
  const uri = `urn:ngsi-ld:Connection:${randomUUID()}`
  connect(state, uri, {
    ...opened,
    greeting: { connection: uri },
    isAcknowledging: false,
    begin: () => Promise.resolve(),
    end: () => state.options.unsubscribe(uri),
  })
}

/** Nothing is read from the client until it is let in. Never rejects. */
async function openDurable(
  state: State,
  opened: Opened,
  { tenant = DEFAULT_SPACE, client, secret }: Introduction & { readonly client: string },
): Promise<void> {
  const { socket } = opened
  const dismissed = ({ code, reason }: ClientRefusal): void => {
    part(socket, code, reason)
  }
  socket.pause()
  const name = { space: tenant, caller: null, client }
  const admitted = await state.options.clients.admit({ name, secret, dismissed }).catch(() => notNow)
  if ('code' in admitted) {
    dismissed(admitted)
    return
  }
  socket.on('close', () => {
    leave(state, admitted)
  })
  if (socket.readyState === socket.CLOSED) leave(state, admitted)
  else connectDurable(state, opened, admitted)
}

const notNow: ClientRefusal = { code: 1013, reason: 'the broker cannot say now whether it knows the client' }

function leave({ leaving }: State, session: ClientSession): void {
  const done = session.leave().finally(() => leaving.delete(done))
  leaving.add(done)
}

function connectDurable(state: State, opened: Opened, session: ClientSession): void {
  const { urn, isResumed, secret } = session
  const greeting: JsonObject = { connection: urn, resumed: isResumed, ...(secret !== undefined && { secret }) }
  connect(state, urn, {
    ...opened,
    greeting,
    isAcknowledging: true,
    begin: () => session.keep(),
    end: () => session.end(),
  })
  opened.socket.resume()
}

function connect(
  { options, connections }: State,
  uri: string,
  its: Omit<ConnectionOptions, 'maxBuffer' | 'now' | 'revived'>,
): void {
  const { maxBuffer, now } = options
  const revived = (): void => {
    options.arrived(uri)
  }
  const connection = createConnection({ ...its, maxBuffer, now, revived })
  its.socket.on('close', () => {
    if (connections.get(uri) === connection) connections.delete(uri)
  })
  connections.set(uri, connection)
  revived()
}

/** A client must read and must answer pings; one that does neither is not there. */
function tend(connection: Connection, { idleTimeout, drainTimeout }: State['options']): void {
  if (connection.silence() > idleTimeout || connection.congestion() > drainTimeout) connection.terminate()
  else connection.ping()
}

async function farewell({ sockets, connections, leaving }: State): Promise<void> {
  for (const connection of connections.values()) connection.close(1001, 'the broker is going down')
  const deadline = Date.now() + FAREWELL
  while (sockets.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  for (const socket of sockets) socket.terminate()
  while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  while (leaving.size > 0) await Promise.all(leaving)
}
