/**
 * Estran's WebSocket binding: notifications and requests of the API over one connection that the client opens, so that it
 * needs no address of its own. See docs/websocket.md.
 *
 * A connection gets a URN of its own in the first frame; that is the `endpoint.uri` of the subscriptions that it wants to
 * hear of. A connection that ends never comes back under that URN: resuming is not built yet.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { Transport } from '../transport.ts'
import type { UpgradeRefusal } from './ws-upgrade.ts'
import { checkUpgrade, refuseUpgrade, SUBPROTOCOL } from './ws-upgrade.ts'
import type { Connection, ConnectionOptions } from './ws-connection.ts'
import { createConnection } from './ws-connection.ts'

export interface WebSocketTransportOptions extends Pick<ConnectionOptions, 'maxBuffer' | 'now'> {
  /** Bytes of the longest frame accepted. */
  readonly maxFrame: number
  /** Milliseconds without a sign of life after which a connection is closed. */
  readonly idleTimeout: number
  /** Milliseconds for which more than `maxBuffer` bytes may wait for a client; default ten seconds. */
  readonly drainTimeout?: number
  /** Default 10,000. */
  readonly maxConnections?: number
  /** Told of the URN of each connection when notifications can go there. */
  readonly arrived?: (uri: string) => void
  /** Origins of web pages that may connect, beside the broker's own. */
  readonly origins?: readonly string[]
}

/** What the HTTP server calls at its `upgrade` event. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface WebSocketTransport extends Transport {
  /** Takes upgrades; requests in frames go to `dispatch`, the API as HTTP would be answered. */
  handleUpgrade(dispatch: ConnectionOptions['dispatch']): UpgradeHandler
}

const CONNECTION_URN = /^urn:ngsi-ld:Connection:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Milliseconds that clients have to answer our good-bye. */
const FAREWELL = 1000

export function createWebSocketTransport(given: WebSocketTransportOptions): WebSocketTransport {
  const options = { drainTimeout: 10_000, maxConnections: 10_000, origins: [], arrived: () => undefined, ...given }
  const connections = new Map<string, Connection>()
  const server = createServer(options.maxFrame)
  const open = (socket: WebSocket, dispatch: ConnectionOptions['dispatch']): void => {
    const uri = `urn:ngsi-ld:Connection:${randomUUID()}`
    // ws closes the connection after each of these errors; without a listener they would end the process.
    socket.on('error', () => undefined)
    socket.on('close', () => connections.delete(uri))
    connections.set(uri, createConnection({ ...options, dispatch, socket, uri }))
    options.arrived(uri)
  }
  const timer = setInterval(() => {
    for (const connection of connections.values()) tend(connection, options)
  }, options.idleTimeout / 3)
  timer.unref()
  return {
    schemes: ['urn:ngsi-ld:connection'],
    refuses: ({ uri }) =>
      CONNECTION_URN.test(uri)
        ? undefined
        : 'notification.endpoint.uri: must be the URN that the first frame of a WebSocket connection tells',
    isHere: ({ uri }) => connections.has(uri),
    send: (message) => {
      const connection = connections.get(message.endpoint.uri)
      return connection?.notify(message) ?? Promise.resolve({ kind: 'retry', reason: 'the client is not connected' })
    },
    handleUpgrade: (dispatch) => (request, socket, head) => {
      const refusal = connections.size >= options.maxConnections ? tooMany : checkUpgrade(request, options.origins)
      if (refusal !== undefined) {
        refuseUpgrade(socket, refusal)
        return
      }
      server.handleUpgrade(request, socket, head, (client) => {
        open(client, dispatch)
      })
    },
    close: async () => {
      clearInterval(timer)
      await farewell(connections)
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

/** A client must read and must answer pings; one that does neither is not there. */
function tend(connection: Connection, { idleTimeout, drainTimeout }: Required<WebSocketTransportOptions>): void {
  if (connection.silence() > idleTimeout || connection.congestion() > drainTimeout) connection.terminate()
  else connection.ping()
}

async function farewell(connections: ReadonlyMap<string, Connection>): Promise<void> {
  for (const connection of connections.values()) connection.close(1001, 'the broker is going down')
  const deadline = Date.now() + FAREWELL
  while (connections.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  for (const connection of connections.values()) connection.terminate()
}
