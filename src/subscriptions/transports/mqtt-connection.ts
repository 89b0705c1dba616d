/** One connection to an MQTT broker. It never reconnects itself: who publishes next opens another one. */
import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { MqttClient } from 'mqtt'
import type { IClientOptions, IClientPublishOptions } from 'mqtt'
import type { Outcome } from '../transport.ts'
import type { MqttAddress, MqttBroker } from './mqtt-address.ts'

/** Opens a socket under the outbound policy; `net/` fulfils it. What it forbids comes as the socket's error. */
export type Connect = (target: {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Milliseconds. */
  readonly timeout: number
}) => Duplex

export interface MqttConnection {
  /** Resolves when the broker has acknowledged as the QoS wants it; QoS 0: when the message is written. Never rejects. */
  publish(publication: Publication): Promise<Outcome>
  /** Publications that wait for their acknowledgement. */
  readonly pending: number
  /** When it was last used, in milliseconds since 1970. */
  readonly usedAt: number
  end(): Promise<void>
}

/** One message, to one topic. */
export interface Publication extends Pick<MqttAddress, 'topic' | 'qos'> {
  readonly payload: string
  /** What it says about itself, by name; with MQTT 5.0 its user properties. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface MqttConnectionOptions {
  readonly broker: MqttBroker
  readonly connect: Connect
  readonly now: () => number
  /** Called once, when the connection is of no more use. */
  readonly onClosed: () => void
}

/** Milliseconds for socket and CONNACK together. */
const CONNECT_TIMEOUT = 10_000
/** Seconds between signs of life: a broker that vanished without a word is noticed within one and a half of it. */
const KEEP_ALIVE = 15
/** Of the payload: metadata and body in one JSON object, whatever the body is (clause 7.2). */
const MESSAGE_TYPE = 'application/json'

export function openMqttConnection(options: MqttConnectionOptions): MqttConnection {
  const { broker, connect, now, onClosed } = options
  const { host, port, tls } = broker
  const client = new MqttClient(() => connect({ host, port, tls, timeout: CONNECT_TIMEOUT }), clientOptions(broker))
  const connected = Promise.withResolvers<undefined>()
  const closed = Promise.withResolvers<Outcome>()
  let reason = 'the connection was closed'
  let pending = 0
  let usedAt = now()
  client.on('connect', () => {
    connected.resolve(undefined)
  })
  client.on('error', (error) => {
    reason = `MQTT: ${error.message === '' ? error.name : error.message}`
    client.end(true)
  })
  client.on('close', () => {
    closed.resolve({ kind: 'retry', reason })
    onClosed()
    client.end(true)
  })
  return {
    publish: async (publication) => {
      pending++
      usedAt = now()
      const failure = await Promise.race([connected.promise, closed.promise])
      const outcome = failure ?? (await Promise.race([published(client, publication, broker), closed.promise]))
      pending--
      return outcome
    },
    get pending() {
      return pending
    },
    get usedAt() {
      return usedAt
    },
    end: async () => {
      // Not connected, there is nobody to say good-bye to.
      await client.endAsync(!client.connected)
      closed.resolve({ kind: 'retry', reason })
    },
  }
}

function clientOptions(broker: MqttBroker): IClientOptions {
  return {
    protocolVersion: broker.version,
    clientId: `estran-${randomUUID()}`,
    clean: true,
    keepalive: KEEP_ALIVE,
    connectTimeout: CONNECT_TIMEOUT,
    reconnectPeriod: 0,
    // What is not sent now is tried again by delivery, which knows the order.
    queueQoSZero: false,
    ...(broker.user !== undefined && { username: broker.user }),
    ...(broker.password !== undefined && { password: broker.password }),
  }
}

async function published(client: MqttClient, publication: Publication, { version }: MqttBroker): Promise<Outcome> {
  const { topic, qos, payload } = publication
  try {
    await client.publishAsync(topic, payload, { qos, ...(version === 5 && { properties: propertiesOf(publication) }) })
    return { kind: 'delivered' }
  } catch (error) {
    const reason = error instanceof Error ? `MQTT: ${error.message}` : 'MQTT: the message was not published'
    // From 0x80 on a reason code of PUBACK or PUBREC is a verdict on the message (MQTT 5.0, clause 2.4).
    const isVerdict = error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code >= 0x80
    return { kind: isVerdict ? 'refused' : 'retry', reason }
  }
}

/** MQTT 5.0, clause 3.3.2.3: what the metadata say, for receivers that route or decode by it before they look inside. */
function propertiesOf({ metadata }: Publication): NonNullable<IClientPublishOptions['properties']> {
  return { payloadFormatIndicator: true, contentType: MESSAGE_TYPE, userProperties: { ...metadata } }
}
