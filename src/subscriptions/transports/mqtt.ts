/** Notifications over MQTT 3.1.1 and 5.0 (ETSI GS CIM 009 V1.9.1, clause 7). */
import type { Message, Outcome, Transport } from '../transport.ts'
import type { MqttAddress, MqttBroker } from './mqtt-address.ts'
import { mqttAddress } from './mqtt-address.ts'
import type { Connect, MqttConnection, Publication } from './mqtt-connection.ts'
import { openMqttConnection } from './mqtt-connection.ts'

export interface MqttTransportOptions {
  readonly connect: Connect
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds after which a connection that nobody used is closed; default one minute. */
  readonly idleTimeout?: number
}

const IDLE_TIMEOUT = 60_000

/** One connection for each broker, credentials and version, opened when it is needed, shared, and closed when idle. */
export function createMqttTransport({ connect, now, idleTimeout = IDLE_TIMEOUT }: MqttTransportOptions): Transport {
  const connections = new Map<string, MqttConnection>()
  const connectionTo = (broker: MqttBroker): MqttConnection => {
    const key = JSON.stringify(broker)
    const known = connections.get(key)
    if (known !== undefined) return known
    const onClosed = (): void => {
      if (connections.get(key) === opened) connections.delete(key)
    }
    const opened = openMqttConnection({ broker, connect, now, onClosed })
    connections.set(key, opened)
    return opened
  }
  const closeIdle = (): void => {
    for (const [key, connection] of connections) {
      if (connection.pending > 0 || now() - connection.usedAt < idleTimeout) continue
      connections.delete(key)
      void connection.end()
    }
  }
  const timer = setInterval(closeIdle, idleTimeout / 2)
  timer.unref()
  return {
    schemes: ['mqtt', 'mqtts'],
    refuses: (endpoint) => {
      const address = mqttAddress(endpoint)
      return typeof address === 'string' ? address : undefined
    },
    send: (message) => {
      const address = mqttAddress(message.endpoint)
      if (typeof address === 'string') return Promise.resolve({ kind: 'refused', reason: address })
      return within(message.timeout, connectionTo(address.broker).publish(publicationOf(address, message)))
    },
    close: async () => {
      clearInterval(timer)
      const open = [...connections.values()]
      connections.clear()
      await Promise.all(open.map((connection) => connection.end()))
    },
  }
}

/** Clause 7.2: what HTTP would carry in headers travels as metadata beside the body. */
function publicationOf({ topic, qos }: MqttAddress, { contentType, headers, notification }: Message): Publication {
  const metadata = { 'Content-Type': contentType, ...headers }
  return { topic, qos, metadata, payload: JSON.stringify({ metadata, body: notification }) }
}

async function within(milliseconds: number, outcome: Promise<Outcome>): Promise<Outcome> {
  const late = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => {
    late.resolve({ kind: 'retry', reason: `MQTT: not acknowledged within ${String(milliseconds)} ms` })
  }, milliseconds)
  try {
    return await Promise.race([outcome, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
