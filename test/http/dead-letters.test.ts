/** Dead letters over the administration: seen, sent again, removed; and who may do that. */
import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { expect } from 'chai'
import type { Response } from 'supertest'
import WebSocket from 'ws'
import type { JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnSqlite, describeOnStores } from '../support/broker.ts'
import type { MoodyReceiver } from '../support/moody-receiver.ts'
import { startMoodyReceiver } from '../support/moody-receiver.ts'
import { until } from '../support/until.ts'
import { API, create, gauge, property, read, send } from './support.ts'

const PATH = '/admin/dead-letters'
const flags = { 'max-delivery-attempts': '1', 'retry-base': '10', 'retry-max': '20' }

describeOnStores('dead letters', (start) => {
  let broker: TestBroker
  let receiver: MoodyReceiver
  let count = 0
  before(async () => {
    broker = await start(flags)
  })
  beforeEach(async () => {
    receiver = await startMoodyReceiver(422)
  })
  afterEach(async () => {
    await broker.request.delete(PATH).expect(200)
    receiver.close()
  })

  const list = async (query: Record<string, string> = {}): Promise<readonly JsonObject[]> => {
    const response = await broker.request.get(PATH).query(query)
    expect(response.status, response.text).to.equal(200)
    return response.body as JsonObject[]
  }
  /** A subscription of its own in a tenant, and so many refused notifications; answers its id. */
  const giveUp = async (letters: number, tenant = ''): Promise<string> => {
    const id = `urn:ngsi-ld:Subscription:${String(count++)}`
    const headers = tenant === '' ? {} : { 'ngsild-tenant': tenant }
    const type = `Gauge${String(count)}`
    const body = {
      ...{ id, type: 'Subscription', entities: [{ type }] },
      notification: { endpoint: { uri: receiver.url } },
    }
    const response = await send(broker, { method: 'post', path: `${API}/subscriptions`, headers }, body)
    expect(response.status, response.text).to.equal(201)
    const before = (await list({ limit: '1000' })).length
    for (let level = 0; level < letters; level++) {
      await create(broker, { ...gauge(`${String(count)}-${String(level)}`, { level: property(level) }), type }, headers)
    }
    await until(
      () => list({ limit: '1000' }),
      (found) => found.length === before + letters,
      10_000,
    )
    return id
  }

  it('are listed with what they are and why, by tenant, subscription and notification', async () => {
    const brest = await giveUp(1, 'brest')
    const id = await giveUp(2)
    const [letter, ...others] = await list({ tenant: 'brest' })
    expect(others).to.deep.equal([])
    expect(letter).to.include({ tenant: 'brest', subscription: brest, reason: 'HTTP status 422', attempts: 1 })
    expect(letter).to.include.keys('notification', 'entity', 'changedAt', 'givenUpAt')
    const ofDefault = await list({ tenant: '@none' })
    expect(ofDefault.map(({ subscription }) => subscription)).to.deep.equal([id, id])
    expect(ofDefault[0]).to.not.have.property('tenant')
    const one = ofDefault[1]?.['notification']
    expect(await list({ notification: typeof one === 'string' ? one : '' })).to.deep.equal([ofDefault[1]])
    expect(await list({ tenant: 'brest', subscription: id })).to.deep.equal([])
    expect(await read(broker, `${API}/subscriptions/${id}`)).to.have.nested.property(
      'notification.delivery.timesGivenUp',
      2,
    )
  })

  it('come a page at a time, by the next link', async () => {
    const id = await giveUp(5)
    const pages: JsonObject[][] = []
    for (let target: string | undefined = `${PATH}?subscription=${id}&limit=2&count=true`; target !== undefined;) {
      const response: Response = await broker.request.get(target).expect(200)
      expect(response.headers['ngsild-results-count']).to.equal('5')
      pages.push(response.body as JsonObject[])
      target = /<([^>]*)>; rel="next"/.exec(String(response.headers['link']))?.[1]
    }
    expect(pages.map((page) => page.length)).to.deep.equal([2, 2, 1])
    const entities = pages.flat().map(({ entity }) => entity)
    expect(new Set(entities).size).to.equal(5)
  })

  it('are sent again: one, those of a subscription, all; marked, under the same id', async () => {
    const [first, second] = [await giveUp(3), await giveUp(1)]
    const [one] = await list({ subscription: first })
    const notification = one?.['notification'] as string
    receiver.mood = 204
    const replay = async (query: Record<string, string>): Promise<unknown> =>
      (await broker.request.post(`${PATH}/replay`).query(query).expect(200)).body
    const arrive = (total: number): Promise<unknown> =>
      until(
        () => receiver.taken.length,
        (taken) => taken === total,
      )
    expect(await replay({ notification })).to.deep.equal({ replayed: 1, left: 0 })
    await arrive(1)
    expect(receiver.taken[0]).to.include({ id: notification, replay: true })
    expect(await replay({ subscription: first })).to.deep.equal({ replayed: 2, left: 0 })
    await arrive(3)
    expect(await replay({})).to.deep.equal({ replayed: 1, left: 0 })
    await arrive(4)
    expect(await list()).to.deep.equal([])
    expect(await list({ subscription: second })).to.deep.equal([])
  })

  it('that are refused again are dead letters again', async () => {
    const id = await giveUp(1)
    const [before] = await list({ subscription: id })
    expect((await broker.request.post(`${PATH}/replay`).expect(200)).body).to.deep.equal({ replayed: 1, left: 0 })
    const [after] = await until(
      () => list({ subscription: id }),
      (found) => found.length === 1 && found[0]?.['givenUpAt'] !== before?.['givenUpAt'],
    )
    expect(after).to.include({ notification: before?.['notification'] })
  })

  it('of a subscription that is gone stay until they are purged', async () => {
    const id = await giveUp(2)
    await broker.request.delete(`${API}/subscriptions/${id}`).expect(204)
    expect((await broker.request.post(`${PATH}/replay`).expect(200)).body).to.deep.equal({ replayed: 0, left: 2 })
    expect((await broker.request.delete(`${PATH}?subscription=${id}`).expect(200)).body).to.deep.equal({ purged: 2 })
    expect(await list()).to.deep.equal([])
  })

  it('are refused by the name of a parameter', async () => {
    for (const [query, says] of [
      ['tenant=a/b', 'tenant'],
      ['cursor=!', 'cursor'],
      ['subscription=maree', 'subscription'],
      ['notification=', 'notification'],
      ['limit=-1', 'limit'],
      ['colour=red', 'colour'],
    ] as const) {
      const response = await broker.request.get(`${PATH}?${query}`)
      expect(response.status, response.text).to.equal(400)
      expect(response.text).to.contain(says)
    }
  })
})

describeOnSqlite('who may use the administration', (start) => {
  const forbidden = async (broker: TestBroker, headers: Record<string, string>, status = 403): Promise<void> => {
    const response = await broker.request.get(PATH).set(headers)
    expect(response.status, JSON.stringify(headers)).to.equal(status)
    if (status === 403) expect(response.text).to.contain('about:blank#Forbidden').and.contain('adminAccess')
  }

  it('is who asks from this machine, and neither a proxy, a page of another origin, nor a name that leads here', async () => {
    const broker = await start({ 'cors-origins': '*' })
    await forbidden(broker, {}, 200)
    await forbidden(broker, { origin: broker.url, 'sec-fetch-site': 'same-origin' }, 200)
    await forbidden(broker, { origin: 'https://evil.example' })
    await forbidden(broker, { 'sec-fetch-site': 'cross-site' })
    await forbidden(broker, { 'x-forwarded-for': '192.0.2.7' })
    await forbidden(broker, { forwarded: 'for=192.0.2.7' })
    const { port } = new URL(broker.url)
    const rebound = httpRequest({ port, path: PATH, headers: { host: 'evil.example' } }).end()
    const [response] = (await once(rebound, 'response')) as [{ statusCode?: number; resume: () => void }]
    response.resume()
    expect(response.statusCode).to.equal(403)
    await broker.stop()
  })

  it('is nobody in WebSocket frames, which a page of any origin can send', async () => {
    const broker = await start()
    const socket = new WebSocket(`${broker.url.replace('http', 'ws')}${API}/ws`, 'ngsi-ld.json')
    await once(socket, 'message')
    socket.send(JSON.stringify({ metadata: { method: 'DELETE', path: PATH } }))
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(data.toString())).to.have.nested.property('metadata.status', 403)
    socket.terminate()
    await broker.stop()
  })

  it('is whoever reaches the port where it is open, but no page; and nobody where it is off', async () => {
    const open = await start({ 'admin-access': 'open' })
    await forbidden(open, { 'x-forwarded-for': '192.0.2.7' }, 200)
    await forbidden(open, { origin: 'https://evil.example' })
    await open.stop()
    const off = await start({ 'admin-access': 'off' })
    await forbidden(off, {})
    await off.stop()
  })
})
