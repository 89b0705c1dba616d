/** One change reaches its subscribers over HTTP, MQTT and WebSocket; what came while an endpoint was away follows (5.8.6, 7.2). */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import { expect } from 'chai'
import { connect as connectMqtt } from 'mqtt'
import type { MqttClient } from 'mqtt'
import { WebSocket } from 'ws'
import type { JsonObject } from '../src/base/json.ts'
import { API, checkNoContent, create, ENTITIES, gauge, gaugeId, property, send } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnStores } from './support/broker.ts'
import { until } from './support/until.ts'

/** Waits so long for notifications after an absence: the retries of these brokers are at most half a second apart. */
const DEADLINE = 20_000
const flags = { 'retry-base': '50', 'retry-max': '500', 'notification-timeout': '1000' }

/** A subscriber that remembers the levels it was told of, in order, and can be away. */
interface Subscriber {
  readonly uri: string
  readonly notifierInfo?: readonly JsonObject[]
  readonly levels: number[]
  readonly leave: () => Promise<void>
  readonly comeBack: () => Promise<void>
  readonly close: () => Promise<void>
}

function levelsOf(notification: unknown): number[] {
  const { data } = notification as { data: { level: { value: number } }[] }
  return data.map(({ level }) => level.value)
}

async function listen(server: net.Server, port = 0): Promise<number> {
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

async function startHttp(): Promise<Subscriber> {
  const levels: number[] = []
  const open = (): Server =>
    createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        levels.push(...levelsOf(JSON.parse(Buffer.concat(chunks).toString())))
        response.writeHead(204).end()
      })
    })
  let server = open()
  const port = await listen(server)
  const leave = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const comeBack = async (): Promise<void> => {
    server = open()
    await listen(server, port)
  }
  return { uri: `http://127.0.0.1:${String(port)}/levels`, levels, leave, comeBack, close: leave }
}

interface MqttSide {
  readonly aedes: Aedes
  readonly server: net.Server
  readonly client: MqttClient
}

/** An MQTT broker (3.1.1, which is what aedes speaks) with a subscriber; away means that the MQTT broker is down. */
async function startMqtt(): Promise<Subscriber> {
  const levels: number[] = []
  const open = async (port: number): Promise<MqttSide> => {
    const aedes = await Aedes.createBroker()
    const server = net.createServer(aedes.handle)
    const bound = await listen(server, port)
    const client = connectMqtt(`mqtt://127.0.0.1:${String(bound)}`, { reconnectPeriod: 0 })
    client.on('message', (_topic, payload) => {
      const { body } = JSON.parse(payload.toString()) as { body: unknown }
      levels.push(...levelsOf(body))
    })
    await client.subscribeAsync('etel/levels', { qos: 1 })
    return { aedes, server, client }
  }
  let side = await open(0)
  const { port } = side.server.address() as AddressInfo
  const leave = async (): Promise<void> => {
    await side.client.endAsync(true)
    const closed = once(side.server, 'close')
    side.server.close()
    await new Promise<void>((resolve) => {
      side.aedes.close(resolve)
    })
    await closed
  }
  return {
    uri: `mqtt://127.0.0.1:${String(port)}/etel/levels`,
    notifierInfo: [
      { key: 'MQTT-Version', value: 'mqtt3.1.1' },
      { key: 'MQTT-QoS', value: '1' },
    ],
    levels,
    leave,
    comeBack: async () => {
      side = await open(port)
    },
    close: leave,
  }
}

/** A WebSocket client; its URN ends with its connection, so away means that it stops reading. */
async function startWebSocket(url: string): Promise<Subscriber> {
  const levels: number[] = []
  const socket = new WebSocket(`${url.replace('http', 'ws')}${API}/ws`, 'ngsi-ld.json')
  const frames: { metadata: { connection?: string }; body?: unknown }[] = []
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as (typeof frames)[number]
    frames.push(frame)
    if (frame.body !== undefined) levels.push(...levelsOf(frame.body))
  })
  const [first] = await until(
    () => frames,
    ({ length }) => length > 0,
  )
  const uri = first?.metadata.connection ?? 'no connection'
  return {
    uri,
    levels,
    leave: () => {
      socket.pause()
      return Promise.resolve()
    },
    comeBack: () => {
      socket.resume()
      return Promise.resolve()
    },
    close: () => {
      socket.terminate()
      return Promise.resolve()
    },
  }
}

async function subscribe(broker: TestBroker, { uri, notifierInfo = [] }: Subscriber): Promise<void> {
  const endpoint = { uri, ...(notifierInfo.length > 0 && { notifierInfo: [...notifierInfo] }) }
  const subscription = {
    type: 'Subscription',
    entities: [{ type: 'TideGauge' }],
    watchedAttributes: ['level'],
    notification: { endpoint },
  }
  const answer = await send(broker, { method: 'post', path: `${API}/subscriptions` }, subscription)
  expect(answer.status, answer.text).to.equal(201)
}

async function setLevel(broker: TestBroker, level: number): Promise<void> {
  const path = `${ENTITIES}/${gaugeId('Etel')}/attrs/level`
  checkNoContent(await send(broker, { method: 'patch', path }, { value: level }))
}

describeOnStores('notifications over HTTP, MQTT and WebSocket', (start) => {
  let broker: TestBroker
  let subscribers: readonly Subscriber[] = []

  const heard = async (levels: readonly number[]): Promise<void> => {
    const isComplete = (): boolean =>
      subscribers.every((subscriber) => levels.every((level) => subscriber.levels.includes(level)))
    await until(isComplete, Boolean, DEADLINE).catch(() => undefined)
    for (const subscriber of subscribers) expect([...new Set(subscriber.levels)], subscriber.uri).to.deep.equal(levels)
  }

  before(async () => {
    broker = await start(flags)
    await create(broker, gauge('Etel', { level: property(0) }))
    subscribers = [await startHttp(), await startMqtt(), await startWebSocket(broker.url)]
    for (const subscriber of subscribers) await subscribe(broker, subscriber)
  })
  after(async () => {
    await Promise.all(subscribers.map((subscriber) => subscriber.close()))
  })

  it('carry one change to all three', async () => {
    await setLevel(broker, 1)
    await heard([1])
  })

  it('say nothing when the value is the same (5.8.6)', async () => {
    await setLevel(broker, 1)
    await setLevel(broker, 2)
    await heard([1, 2])
  })

  it('bring in order what came while their endpoints were away for some seconds', async function () {
    this.timeout(60_000)
    await Promise.all(subscribers.map((subscriber) => subscriber.leave()))
    const away = performance.now()
    let level = 2
    // Changes go on for as long as the endpoints are away.
    await until(
      async () => {
        level += 1
        await setLevel(broker, level)
        return performance.now() - away
      },
      (milliseconds) => milliseconds > 3000,
    )
    await Promise.all(subscribers.map((subscriber) => subscriber.comeBack()))
    await heard(Array.from({ length: level }, (_, index) => index + 1))
  })
})
