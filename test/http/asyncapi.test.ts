/** The description of the channels (AsyncAPI 3.0.0): it is valid, and its examples are what the broker sends and takes. */
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import specs from '@asyncapi/specs'
import { Aedes } from 'aedes'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { isObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { listen } from '../support/event-stream.ts'
import { routes } from '../support/routes.ts'
import { until } from '../support/until.ts'
import { API, create, ENTITIES, send } from './support.ts'

interface Message {
  readonly payload: JsonObject
  readonly examples: readonly [{ readonly payload: JsonObject }]
}

interface AsyncApi {
  readonly channels: Readonly<Record<string, JsonObject>>
  readonly operations: Readonly<Record<string, { readonly messages: readonly { readonly $ref: string }[] }>>
  readonly components: { readonly messages: Readonly<Record<string, Message>> }
}

const brest = { id: 'urn:ngsi-ld:TideGauge:Brest', type: 'TideGauge' }
const waterLevel = { type: 'Property', value: 4.2, unitCode: 'MTR', observedAt: '2026-03-20T06:12:00Z' }

/** Those of the broker's own choice, and the time. */
const chosen: readonly [pattern: RegExp, name: string][] = [
  [/^urn:ngsi-ld:Notification:[0-9a-f]{32}$/, 'notification'],
  [/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'time'],
  [/^[\w-]{43}$/, 'secret'],
  [/^urn:ngsi-ld:Client:dyke-gavres:[0-9a-f]{16}$/, 'client'],
]

function masked(value: Json): Json {
  if (typeof value === 'string') return chosen.find(([pattern]) => pattern.test(value))?.[1] ?? value
  if (Array.isArray(value)) return value.map(masked)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]))
}

describeOnStores('the description of the channels', (start) => {
  let broker: TestBroker
  let document: AsyncApi
  const ajv = new Ajv2020({ strict: false, validateFormats: false })

  before(async () => {
    broker = await start()
    document = (await broker.request.get('/asyncapi.json').expect(200)).body as AsyncApi
    ajv.addSchema(document, 'channels')
    await create(broker, { ...brest, waterLevel: { ...waterLevel, value: 4 } })
  })

  const exampleOf = (name: string): JsonObject => document.components.messages[name]?.examples[0].payload ?? {}

  const checkFits = (name: string, payload: Json): void => {
    const isFitting = ajv.validate({ $ref: `channels#/components/messages/${name}/payload` }, payload)
    expect(isFitting, `${name} ${JSON.stringify(payload)}: ${ajv.errorsText()}`).to.equal(true)
  }

  /** Asserts that the broker sends what the example shows. */
  const checkSent = (name: string, payload: Json): void => {
    checkFits(name, payload)
    expect(masked(payload), name).to.deep.equal(masked(exampleOf(name)))
  }

  it('is valid AsyncAPI 3.0.0', () => {
    const official = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false })
    const isValid = official.validate(specs.schemas['3.0.0'] as unknown as JsonObject, document)
    expect(isValid, official.errorsText()).to.equal(true)
  })

  it('refers to nothing that is not there', () => {
    for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = path
        .split('/')
        .reduce<unknown>((value, name) => (value as JsonObject | undefined)?.[name], document)
      expect(found, path).to.not.equal(undefined)
    }
  })

  it('names paths that are there, and has examples that fit their schemas', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address)
    const served = routes.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))
    expect(addresses).to.include.members(['{topic}', `${API}/ws`])
    expect(served).to.include.members(addresses.filter((address) => address !== '{topic}' && address !== `${API}/ws`))
    for (const [name, { examples }] of Object.entries(document.components.messages)) {
      for (const { payload } of examples) checkFits(name, payload)
    }
  })

  it('shows the frames of WebSocket and the events of streams as they are', async () => {
    const socket = new WebSocket(`${broker.url.replace('http', 'ws')}${API}/ws?client=dyke-gavres`, 'ngsi-ld.json')
    const frames: JsonObject[] = []
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as JsonObject))
    const frame = async (index: number): Promise<JsonObject> => (await until(() => frames[index], Boolean)) ?? {}
    const say = (payload: Json): void => {
      socket.send(JSON.stringify(payload))
    }
    const first = await frame(0)
    checkSent('first', first)
    const { connection } = first['metadata'] as { connection: string }
    const client = (exampleOf('first')['metadata'] as JsonObject)['connection'] as string
    const request = JSON.parse(JSON.stringify(exampleOf('request')).replace(client, connection)) as JsonObject
    say(request)
    checkSent('answer', await frame(1))

    const stream = await listen(`${broker.url}${API}/subscriptions/urn:ngsi-ld:Subscription:HighWater/events`)
    await send(broker, { method: 'post', path: `${ENTITIES}/${brest.id}/attrs` }, { waterLevel })
    const notified = await frame(2)
    checkSent('notification', notified)
    await until(() => stream.events.length, Boolean)
    checkSent('event', JSON.parse(stream.events[0]?.data ?? '') as Json)

    const { id = null } = notified['body'] as JsonObject
    const acknowledgement = { metadata: { ack: id } }
    expect(masked(acknowledgement)).to.deep.equal(masked(exampleOf('acknowledgement')))
    say(acknowledgement)
    say(exampleOf('end'))
    const ended = await frame(3)
    checkFits('answer', ended)
    expect(ended).to.deep.equal({ metadata: { status: 204, id: 2 } })
    await until(() => stream.hasEnded, Boolean)
    checkSent('lastEvent', JSON.parse(stream.events.at(-1)?.data ?? '') as Json)
    socket.terminate()
  })

  it('shows what is published over MQTT', async () => {
    const aedes = await Aedes.createBroker()
    const mqtt = net.createServer(aedes.handle)
    await new Promise<void>((resolve) => mqtt.listen(0, '127.0.0.1', resolve))
    const published: Json[] = []
    aedes.on('publish', ({ topic, payload }) => {
      if (topic === 'brest/levels') published.push(JSON.parse(payload.toString()) as Json)
    })
    const uri = `mqtt://127.0.0.1:${String((mqtt.address() as AddressInfo).port)}/brest/levels`
    const notification = { endpoint: { uri, notifierInfo: [{ key: 'MQTT-Version', value: 'mqtt3.1.1' }] } }
    const id = 'urn:ngsi-ld:Subscription:HighWater'
    const body = { id, type: 'Subscription', entities: [{ type: 'TideGauge' }], notification }
    expect((await send(broker, { method: 'post', path: `${API}/subscriptions` }, body)).status).to.equal(201)
    await send(
      broker,
      { method: 'post', path: `${ENTITIES}/${brest.id}/attrs` },
      { waterLevel: { ...waterLevel, value: 1 } },
    )
    await send(broker, { method: 'post', path: `${ENTITIES}/${brest.id}/attrs` }, { waterLevel })
    await until(
      () => published.length,
      (count) => count === 2,
    )
    checkSent('notification', published[1] ?? null)
    await broker.stop()
    mqtt.close()
    await new Promise<void>((resolve) => {
      aedes.close(resolve)
    })
  })
})
