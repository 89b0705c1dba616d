/** What users of other brokers complain of, about batches and tenants: each complaint a test that names it. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Headers } from '../http/support.ts'
import { API, checkNoContent, create, ENTITIES, gauge, gaugeId, property, read, readEntity } from '../http/support.ts'
import type { TestServer } from '../net/server.ts'
import { startServer } from '../net/server.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { until } from '../support/until.ts'

/** Gauges named by a prefix and a number, with a level. */
function gauges(prefix: string, count: number, level: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) => gauge(`${prefix}${String(index)}`, { level: property(level) }))
}

function idsOf(entities: readonly JsonObject[]): readonly (Json | undefined)[] {
  return entities.map(({ id }) => id)
}

describeOnStores('complaints about batches', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  const upsert = async (entities: readonly JsonObject[], headers: Headers = {}): Promise<Response> =>
    broker.request.post(`${API}/entityOperations/upsert`).set(headers).send(entities)
  const countOf = async (query: string, headers: Headers = {}): Promise<unknown> => {
    const response = await broker.request.get(`${ENTITIES}?limit=0&count=true&${query}`).set(headers)
    return response.headers['ngsild-results-count']
  }

  describe('Orion-LD 1951: an upsert of 2,000 entities', function () {
    this.timeout(60_000)
    const query = 'type=TideGauge&idPattern=:Many%5Cd'

    it('creates all of them, not the first 1,000', async () => {
      const response = await upsert(gauges('Many', 2000, 1))
      expect(response.status).to.equal(201)
      expect(response.body).to.deep.equal(idsOf(gauges('Many', 2000, 1)))
      expect(await countOf(query)).to.equal('2000')
    })

    it('changes all of them the second time, taking none for new', async () => {
      expect((await upsert(gauges('Many', 2000, 2))).status).to.equal(204)
      expect(await countOf(query)).to.equal('2000')
      const entities = await read(broker, `${ENTITIES}?${query}&limit=1000&offset=1000&format=simplified`)
      expect((entities as unknown as { level: number }[]).map(({ level }) => level)).to.deep.equal(
        Array.from({ length: 1000 }, () => 2),
      )
    })
  })

  describe('Orion-LD 1296: upsert deletes then recreates', () => {
    let receiver: TestServer
    const notified: Json[] = []
    before(async () => {
      receiver = await startServer((request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
          notified.push(...(JSON.parse(Buffer.concat(chunks).toString()) as { data: Json[] }).data)
          response.writeHead(204).end()
        })
      })
    })
    after(() => receiver.close())

    const systemTimes = async (name: string): Promise<{ createdAt: string; modifiedAt: string }> =>
      (await readEntity(broker, name, '?options=sysAttrs')) as unknown as { createdAt: string; modifiedAt: string }

    it('keeps createdAt and adds one record of history, without a deletion (5.6.8)', async () => {
      await create(broker, gauge('Kept', { level: property(1), trend: property('rising') }))
      const before = await systemTimes('Kept')
      checkNoContent(await upsert([gauge('Kept', { level: property(2), trend: property('rising') })]))
      const after = await systemTimes('Kept')
      expect(after.createdAt).to.equal(before.createdAt)
      expect(after.modifiedAt > before.modifiedAt).to.equal(true)
      const history = await read(broker, `${API}/temporal/entities/${gaugeId('Kept')}?options=sysAttrs`)
      const { level } = history as unknown as { level: JsonObject[] }
      expect(level.map(({ value }) => value)).to.have.members([1, 2])
      expect(JSON.stringify(history)).to.not.contain('deletedAt')
    })

    it('tells nobody of a deletion or a creation', async () => {
      await create(broker, gauge('Quiet', { level: property(1) }))
      const subscribe = (id: string, notificationTrigger: readonly string[]): JsonObject => ({
        ...{
          id: `urn:ngsi-ld:Subscription:${id}`,
          type: 'Subscription',
          notificationTrigger: [...notificationTrigger],
        },
        entities: [{ type: 'TideGauge', id: gaugeId('Quiet') }],
        notification: { format: 'concise', endpoint: { uri: receiver.url } },
      })
      const subscriptions = [
        subscribe('Lives', ['entityCreated', 'entityDeleted', 'attributeDeleted']),
        subscribe('Changes', ['attributeUpdated']),
      ]
      for (const body of subscriptions) await broker.request.post(`${API}/subscriptions`).send(body).expect(201)
      checkNoContent(await upsert([gauge('Quiet', { level: property(2) })]))
      await broker.request.delete(`${ENTITIES}/${gaugeId('Quiet')}`).expect(204)
      // The deletion is the last of all, so what comes before it is all that came.
      await until(
        () => notified,
        (all) => JSON.stringify(all).includes('deletedAt'),
      )
      expect(notified.filter((entity) => !JSON.stringify(entity).includes('deletedAt'))).to.deep.equal([
        gauge('Quiet', { level: 2 }),
      ])
    })

    it('is never seen without the entity by those who read meanwhile', async () => {
      await create(broker, gauge('Watched', { level: property(0) }))
      const writes = Array.from({ length: 20 }, (_, level) => upsert([gauge('Watched', { level: property(level) })]))
      const reads = Array.from({ length: 40 }, () => broker.request.get(`${ENTITIES}/${gaugeId('Watched')}`))
      const [written, answers] = [await Promise.all(writes), await Promise.all(reads)]
      expect(new Set(written.map(({ status }) => status))).to.deep.equal(new Set([204]))
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]))
    })
  })

  describe('Orion-LD 1269: E11000 duplicate key', function () {
    this.timeout(60_000)
    it('no client is refused of those who upsert the same entities at once, and each is created once', async () => {
      const batch = gauges('Crowded', 20, 1)
      const answers = await Promise.all(Array.from({ length: 8 }, () => upsert(batch)))
      for (const { status, text } of answers) expect(status, text).to.be.oneOf([201, 204])
      const created = answers.flatMap(({ status, body }) => (status === 201 ? (body as string[]) : []))
      expect(created.toSorted()).to.deep.equal(idsOf(batch).toSorted())
      expect(await countOf('type=TideGauge&idPattern=:Crowded')).to.equal('20')
    })

    it('nor on a second run', async () => {
      await upsert(gauges('Twice', 20, 1))
      checkNoContent(await upsert(gauges('Twice', 20, 1)))
    })

    it('of clients who create the same entity at once one has it, and the others hear AlreadyExists (5.6.1)', async () => {
      const posts = Array.from({ length: 8 }, () => broker.request.post(ENTITIES).send(gauge('Contested')))
      const statuses = (await Promise.all(posts)).map(({ status }) => status)
      expect(statuses.toSorted()).to.deep.equal([201, ...Array.from({ length: 7 }, () => 409)])
    })
  })

  describe('Scorpio 653: a 20-entity upsert to a new tenant', function () {
    this.timeout(60_000)
    it('brings the tenant into being, with all 20', async () => {
      const tenant = { 'ngsild-tenant': 'twenty' }
      const response = await upsert(gauges('Moved', 20, 1), tenant)
      expect(response.status, response.text).to.equal(201)
      expect(response.body).to.have.length(20)
      expect(await countOf('type=TideGauge', tenant)).to.equal('20')
    })

    it('so do five at once, to five tenants and to one', async () => {
      const tenants = ['one', 'two', 'three', 'four', 'five'].map((name) => ({ 'ngsild-tenant': name }))
      const shared = { 'ngsild-tenant': 'shared' }
      const answers = await Promise.all([
        ...tenants.map((tenant) => upsert(gauges('Moved', 20, 1), tenant)),
        ...tenants.map((_, index) => upsert(gauges(`Moved${String(index)}-`, 20, 1), shared)),
      ])
      expect(answers.map(({ status }) => status)).to.deep.equal(Array.from({ length: 10 }, () => 201))
      for (const tenant of tenants) expect(await countOf('type=TideGauge', tenant)).to.equal('20')
      expect(await countOf('type=TideGauge', shared)).to.equal('100')
    })
  })

  describe('Stellio 1455: a new tenant wants a restart', () => {
    it('its first entity is there at once for every read, and so are its subscriptions', async () => {
      const tenant = { 'ngsild-tenant': 'brand-new' }
      await create(broker, gauge('First', { level: property(1) }), tenant)
      expect(await read(broker, `${ENTITIES}/${gaugeId('First')}`, tenant)).to.have.property('level')
      expect(await read(broker, `${ENTITIES}?type=TideGauge`, tenant)).to.have.length(1)
      expect(await read(broker, `${API}/temporal/entities/${gaugeId('First')}`, tenant)).to.have.property('level')
      const notification = { endpoint: { uri: 'http://127.0.0.1:9/first' } }
      const subscription = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification }
      await broker.request.post(`${API}/subscriptions`).set(tenant).send(subscription).expect(201)
      expect(await read(broker, `${API}/subscriptions`, tenant)).to.have.length(1)
    })
  })
})
