/** The WebSocket transport and the clients that it remembers, put together. */
import type { Config } from '../config.ts'
import type { Space } from '../core/model/space.ts'
import { parseStoredSubscription } from '../core/model/subscription.ts'
import type { Log } from '../ops/log.ts'
import { repeat } from '../ops/repeat.ts'
import type { DocumentStore } from '../store/port.ts'
import { createDurableClients } from '../subscriptions/durable-clients.ts'
import type { SubscriptionRegistry } from '../subscriptions/registry.ts'
import type { WebSocketTransport } from '../subscriptions/transports/websocket.ts'
import { createWebSocketTransport } from '../subscriptions/transports/websocket.ts'

export interface WebSocketParts {
  readonly documents: DocumentStore
  readonly registry: Pick<SubscriptionRegistry, 'drop'>
  /** Told of the URN of each client that can be notified now. */
  readonly arrived: (uri: string) => void
  readonly log: Log
}

export interface RunningWebSocket extends WebSocketTransport {
  /** Begins to follow and to forget clients. */
  start(): Promise<void>
}

/** Milliseconds between two notes of which clients are here, at most. */
const LONGEST_INTERVAL = 3_600_000

export function createWebSocket(config: Config, parts: WebSocketParts): RunningWebSocket {
  const { documents, arrived, log } = parts
  const { maxBodyBytes, wsMaxBuffer, wsIdleTimeout, wsClientAge, corsOrigins = '' } = config
  const maxAbsence = wsClientAge * 1000
  const clients = createDurableClients({
    ...{ documents, maxAbsence, now: Date.now },
    unsubscribe: (space, urn) => unsubscribe(parts, urn, space),
  })
  const transport = createWebSocketTransport({
    ...{ maxFrame: maxBodyBytes, maxBuffer: wsMaxBuffer, idleTimeout: wsIdleTimeout * 1000, now: Date.now },
    ...{ arrived, clients, unsubscribe: (uri: string) => unsubscribe(parts, uri) },
    origins: corsOrigins.split(',').map((origin) => origin.trim()),
  })
  const report = (err: unknown): void => {
    log.warn({ err }, 'WebSocket clients could not be looked after; it is tried again')
  }
  let stopTending = (): Promise<void> => Promise.resolve()
  return {
    ...transport,
    start: async () => {
      await clients.start()
      stopTending = repeat(Math.min(maxAbsence / 4, LONGEST_INTERVAL), () => clients.tend(), report)
    },
    close: async () => {
      await stopTending()
      await transport.close()
      clients.stop()
    },
  }
}

/** Ends all subscriptions that go to a client, those of every tenant where none is given. */
async function unsubscribe({ documents, registry }: WebSocketParts, uri: string, space?: Space): Promise<void> {
  for (const { space: its, id, body } of await documents.list('subscription', space)) {
    if (parseStoredSubscription(body).endpoint.uri !== uri) continue
    await documents.remove(its, 'subscription', id)
    registry.drop(its, id)
  }
}
