/** What the tests of notifications share: a shore, and what a receiver is told of a gauge that changes. */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Start, TestBroker } from '../support/broker.ts'
import type { Received, Receiver } from '../support/receiver.ts'
import { startReceiver } from '../support/receiver.ts'
import type { Headers } from './support.ts'
import { API, create, ENTITIES, property, send, shoreContexts } from './support.ts'

export const NULL = 'urn:ngsi-ld:null'
export const RADAR = 'urn:ngsi-ld:dataset:radar'
export const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/

export function id(name: string): string {
  return `urn:ngsi-ld:${name}`
}

/** Members of gauges. `risen` is `level` after the write that sets off most notifications here. */
export const level = { level: property(3, { unitCode: 'MTR' }) }
export const risen = property(4, { unitCode: 'MTR' })
export const wind = { wind: property(9) }
export const port = { port: { type: 'Relationship', object: id('Port:Etel') } }
export const label = { label: { type: 'LanguageProperty', languageMap: { fr: 'barre', br: 'barrenn', en: 'bar' } } }

/** Members of a subscription, by where they stand, and headers for all requests. */
export interface Asked {
  readonly subscription?: JsonObject
  readonly notification?: JsonObject
  readonly endpoint?: JsonObject
  readonly headers?: Headers
}

export type Write = (gaugeId: string) => Promise<unknown>

/** A broker and a receiver, for one chapter. */
export interface Shore {
  readonly broker: () => TestBroker
  readonly receiver: () => Receiver
  /** Creates a subscription to gauges; the path of it. */
  readonly subscribe: (path: string, asked: Asked) => Promise<string>
  /** The first message after a write to a gauge that was there before; without one, its level rises. */
  readonly told: (asked: Asked, gauge: JsonObject, write?: Write) => Promise<Received>
  /** The only entity of that message, but for its id. */
  readonly shown: (asked: Asked, gauge: JsonObject, write?: Write) => Promise<JsonObject>
  readonly patch: (entityId: string, fragment: JsonObject, headers?: Headers) => Promise<void>
  /** Deletes an entity, or what is below it. */
  readonly remove: (path: string) => Promise<void>
}

/** To be called in a chapter of `describeOnStores`. There are a port, Étel, and its authority. */
export function useShore(start: Start): Shore {
  let broker: TestBroker | undefined
  let receiver: Receiver | undefined
  let count = 0
  const theBroker = (): TestBroker => broker ?? expect.fail('no broker yet')
  const theReceiver = (): Receiver => receiver ?? expect.fail('no receiver yet')
  before(async () => {
    receiver = await startReceiver()
    broker = await start({}, shoreContexts)
    const authority = { type: 'Relationship', object: id('Authority:Bretagne') }
    await create(broker, { id: id('Authority:Bretagne'), type: 'Authority', name: property('Bretagne') })
    await create(broker, { id: id('Port:Etel'), type: 'Port', name: property('Étel'), authority })
  })
  after(() => {
    receiver?.close()
  })

  const subscribe: Shore['subscribe'] = async (path, { subscription, notification, endpoint, headers = {} }) => {
    const document = {
      type: 'Subscription',
      entities: [{ type: 'Gauge' }],
      ...subscription,
      notification: { ...notification, endpoint: { uri: `${theReceiver().url}${path}`, ...endpoint } },
    }
    const response = await send(theBroker(), { method: 'post', path: `${API}/subscriptions`, headers }, document)
    expect(response.status, response.text).to.equal(201)
    return String(response.headers['location'])
  }
  const patch: Shore['patch'] = async (entityId, fragment, headers = {}) => {
    const target = { method: 'patch', path: `${ENTITIES}/${entityId}`, headers } as const
    const response = await send(theBroker(), target, fragment)
    expect(response.status, response.text).to.equal(204)
  }
  const told: Shore['told'] = async (asked, gauge, write) => {
    const { headers = {} } = asked
    const path = `/${String(count++)}`
    const gaugeId = id(`Gauge:${String(count)}`)
    await create(theBroker(), { id: gaugeId, type: 'Gauge', ...gauge }, headers)
    const location = await subscribe(path, asked)
    await (write === undefined ? patch(gaugeId, { level: property(4) }, headers) : write(gaugeId))
    const [first] = await theReceiver().wait(path)
    await theBroker().request.delete(location).set(headers).expect(204)
    return first ?? expect.fail('nothing came')
  }
  return {
    broker: theBroker,
    receiver: theReceiver,
    subscribe,
    told,
    shown: async (...parts) => entityOf(await told(...parts)),
    patch,
    remove: async (path) => {
      await theBroker().request.delete(`${ENTITIES}/${path}`).expect(204)
    },
  }
}

/** The entities of a message. */
export function dataOf({ body }: Received): readonly JsonObject[] {
  return body['data'] as readonly JsonObject[]
}

/** The only entity of a message, but for its id. */
export function entityOf(message: Received): JsonObject {
  const [first, ...others] = dataOf(message)
  expect(others).to.be.empty
  const { id: _varies, ...shown } = first ?? {}
  return shown
}
