/** MQTT endpoints (ETSI GS CIM 009 V1.9.1, clause 7.2): `mqtt[s]://[user[:password]@]host[:port]/topic[/subtopic]*`. */
import type { Endpoint, KeyValuePair } from '../../core/model/subscription.ts'

export type MqttVersion = 4 | 5
export type MqttQos = 0 | 1 | 2

/** The broker, and as whom and how to talk to it. Whoever agrees in all of that shares a connection. */
export interface MqttBroker {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly user?: string
  readonly password?: string
  /** The protocol level on the wire: 4 is MQTT 3.1.1. */
  readonly version: MqttVersion
}

export interface MqttAddress {
  readonly broker: MqttBroker
  readonly topic: string
  readonly qos: MqttQos
}

const URI = 'notification.endpoint.uri: '
const WILD = 'the topic must not hold any of + # ?'
const NOTIFIER = 'notification.endpoint.notifierInfo: '

const versions: ReadonlyMap<string, MqttVersion> = new Map([
  ['mqtt3.1.1', 4],
  ['mqtt5.0', 5],
])
const qualities: ReadonlyMap<string, MqttQos> = new Map([
  ['0', 0],
  ['1', 1],
  ['2', 2],
])

/** MQTT 5.0, clause 1.5.4: a text has at most so many bytes. */
const MAX_TOPIC_BYTES = 65_535

/** The address, or the reason why there is none, naming the member at fault. Defaults: MQTT 5.0, QoS 0. */
export function mqttAddress({ uri, notifierInfo }: Endpoint): MqttAddress | string {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url === undefined || url.hostname === '') return `${URI}must be mqtt[s]://[user[:password]@]host[:port]/topic`
  const version = versions.get(valueOf(notifierInfo, 'MQTT-Version') ?? 'mqtt5.0')
  if (version === undefined) return `${NOTIFIER}MQTT-Version must be mqtt3.1.1 or mqtt5.0`
  const qos = qualities.get(valueOf(notifierInfo, 'MQTT-QoS') ?? '0')
  if (qos === undefined) return `${NOTIFIER}MQTT-QoS must be "0", "1" or "2"`
  const [topic, user, password] = [url.pathname.slice(1), url.username, url.password].map(decoded)
  if (topic === undefined || user === undefined || password === undefined) return `${URI}a % that encodes nothing`
  const fault = /[?#]/.test(uri) ? WILD : topicFault(topic)
  return fault === undefined ? { broker: brokerOf(url, { user, password, version }), topic, qos } : URI + fault
}

function valueOf(pairs: readonly KeyValuePair[], key: string): string | undefined {
  return pairs.find((pair) => pair.key === key)?.value
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** A message goes to one topic, by its name: no wildcards, no empty level, none of the broker's own ($SYS). */
function topicFault(topic: string): string | undefined {
  if (topic === '') return 'the topic is missing'
  if (/[+#]/.test(topic)) return WILD
  if (topic.split('/').includes('')) return 'a level of the topic is empty'
  if (topic.startsWith('$')) return 'topics that begin with $ are the broker’s own'
  if (/[\u0000-\u001f\u007f-\u009f]/.test(topic)) return 'the topic holds a control character'
  return new TextEncoder().encode(topic).length > MAX_TOPIC_BYTES ? 'the topic is too long' : undefined
}

interface Login {
  readonly user: string
  readonly password: string
  readonly version: MqttVersion
}

function brokerOf(url: URL, { user, password, version }: Login): MqttBroker {
  const tls = url.protocol === 'mqtts:'
  return {
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? 8883 : 1883) : Number(url.port),
    tls,
    ...(user !== '' && { user }),
    ...(password !== '' && { password }),
    version,
  }
}
