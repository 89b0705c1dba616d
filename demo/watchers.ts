/** Two subscribers: one hears over WebSocket of every tide measurement, one over MQTT of bad air alone. */
import { once } from 'node:events'
import mqtt from 'mqtt'
import type { JsonObject } from '../src/base/json.ts'
import { CONTEXT, objectOf, post } from './api.ts'
import type { Notification } from './notification.ts'
import { readNotification } from './notification.ts'

export interface WatcherOptions {
  /** Address of the NGSI-LD broker. */
  readonly broker: string
  /** Where the watcher leaves how it is closed. */
  readonly started: AsyncDisposableStack
  readonly receive: (notification: Notification) => void
  /** Told when the watcher cannot go on. */
  readonly fail: (error: Error) => void
}

/** Micrograms per cubic metre. Above that, somebody should know. */
export const NO2_LIMIT = 40

/** Milliseconds. */
const DEADLINE = 5000
const SUBSCRIPTIONS = '/ngsi-ld/v1/subscriptions'

/** Subscribes over WebSocket to the water level of all tide gauges. Resolves to the endpoint when it is subscribed. */
export function watchTides({ broker, started, receive, fail }: WatcherOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = new WebSocket(`${broker.replace('http', 'ws')}/ngsi-ld/v1/ws`, 'ngsi-ld.json')
  const failed = (error: Error): void => {
    reject(error)
    fail(error)
  }
  const closed = (): void => {
    failed(new Error('the WebSocket connection ended'))
  }
  let endpoint = ''
  const take = (frame: JsonObject): void => {
    const metadata = objectOf(frame['metadata'], 'metadata')
    if (typeof metadata['connection'] === 'string') {
      endpoint = metadata['connection']
      const request = { method: 'POST', path: SUBSCRIPTIONS, 'Content-Type': 'application/ld+json' }
      socket.send(JSON.stringify({ metadata: request, body: tideSubscription(endpoint) }))
    } else if (metadata['status'] === undefined) receive(readNotification(frame['body'], 'waterLevel'))
    else if (metadata['status'] === 201) resolve(endpoint)
    else throw new Error(`the subscription was refused: ${JSON.stringify(frame)}`)
  }
  socket.addEventListener('message', ({ data }) => {
    guarded(failed, () => {
      take(objectOf(JSON.parse(String(data)), 'the frame'))
    })
  })
  socket.addEventListener('close', closed)
  started.defer(async () => {
    socket.removeEventListener('close', closed)
    socket.close()
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
  })
  AbortSignal.timeout(DEADLINE).addEventListener('abort', () => {
    reject(new Error('the WebSocket subscription was not answered'))
  })
  return promise
}

function tideSubscription(endpoint: string): JsonObject {
  return {
    '@context': CONTEXT,
    type: 'Subscription',
    entities: [{ type: 'WaterObserved' }],
    watchedAttributes: ['waterLevel'],
    notification: { attributes: ['waterLevel'], endpoint: { uri: endpoint } },
  }
}

/** Subscribes over MQTT to nitrogen dioxide beyond the limit. Resolves to the endpoint, a topic of the MQTT broker. */
export async function watchAir(mqttBroker: string, options: WatcherOptions): Promise<string> {
  const { broker, started, receive, fail } = options
  const endpoint = `${mqttBroker}/port-kerzen/air/no2`
  const client = await mqtt.connectAsync(mqttBroker, { protocolVersion: 4, connectTimeout: DEADLINE })
  started.defer(() => client.endAsync())
  client.on('error', fail)
  client.on('message', (_topic, payload) => {
    guarded(fail, () => {
      const { body } = objectOf(JSON.parse(payload.toString()), 'the message')
      receive(readNotification(body, 'no2'))
    })
  })
  await client.subscribeAsync('port-kerzen/air/#', { qos: 1 })
  await post(broker + SUBSCRIPTIONS, airSubscription(endpoint))
  return endpoint
}

function airSubscription(endpoint: string): JsonObject {
  // The embedded MQTT broker speaks 3.1.1.
  const notifierInfo = [
    { key: 'MQTT-Version', value: 'mqtt3.1.1' },
    { key: 'MQTT-QoS', value: '1' },
  ]
  return {
    '@context': CONTEXT,
    type: 'Subscription',
    entities: [{ type: 'AirQualityObserved' }],
    watchedAttributes: ['no2'],
    q: `no2>${String(NO2_LIMIT)}`,
    notification: { attributes: ['no2'], endpoint: { uri: endpoint, notifierInfo } },
  }
}

/** What is thrown in an event listener would end the process; it ends the demo instead, which cleans up. */
function guarded(fail: (error: Error) => void, listener: () => void): void {
  try {
    listener()
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)))
  }
}
