import { expect } from 'chai'
import type { Response } from 'supertest'
import type { JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkProblem,
  contextLink,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  invalidRequest,
  notFound,
  property,
  readEntity,
  send,
  SHORE,
  shoreContexts,
} from './support.ts'

const LEVEL = 'https://littoral.example/level'

describeOnStores('what a refused write says (5.5.2, 5.5.4)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
    await create(broker, gauge('Brest', { [LEVEL]: property(1) }))
  })

  const attribute = (name: string): string => `${ENTITIES}/${gaugeId('Brest')}/attrs/${name}`
  const headers = { link: contextLink(SHORE) }
  const dataset = 'urn:ngsi-ld:Dataset:shom'

  describe('an attribute goes by the name that the client gave it (5.5.7)', () => {
    it('PATCH: a kind that cannot change, a member at fault, an instance that is not there (5.6.4)', async () => {
      const patch = (body: JsonObject): Promise<Response> =>
        send(broker, { method: 'patch', path: attribute('level'), headers }, body)
      checkProblem(await patch({ type: 'Relationship' }), badRequestData(/^level\.type: /))
      checkProblem(await patch({ unitCode: 1 }), badRequestData(/^level\.unitCode: /))
      checkProblem(await patch({ value: 1, datasetId: dataset }), notFound(/^level: /))
    })

    it('PUT: an instance that is not there (5.6.19)', async () => {
      const body = property(1, { datasetId: dataset })
      checkProblem(await send(broker, { method: 'put', path: attribute('level'), headers }, body), notFound(/^level: /))
    })

    it('DELETE: an instance that is not there (5.6.5)', async () => {
      const response = broker.request.delete(`${attribute('level')}?datasetId=${dataset}`).set(headers)
      checkProblem(await response, notFound(/^level: /))
    })
  })

  it('the NGSI-LD Null is no objectType, in a list either (5.5.4)', async () => {
    const port = { type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest', objectType: ['Port', 'urn:ngsi-ld:null'] }
    const response = send(broker, { method: 'post', path: ENTITIES }, gauge('Null', { port }))
    checkProblem(await response, badRequestData(/^port\.objectType: /))
  })

  it('a name that is a keyword of the @context goes by its parameter (5.6.4, 5.6.5, 5.6.21)', async () => {
    const patch = send(broker, { method: 'patch', path: attribute('type') }, property(1))
    checkProblem(await patch, badRequestData(/^attrId: /))
    checkProblem(await broker.request.delete(attribute('id')), badRequestData(/^attrId: /))
    checkProblem(await broker.request.delete(`${ENTITIES}?drop=id`), badRequestData(/^drop: /))
  })

  it('an unknown tenant is told in the same words by every write and read (5.5.10)', async () => {
    const nowhere = { 'ngsild-tenant': 'nowhere' }
    const item = [{ id: gaugeId('Brest'), level: 2 }]
    const answers = [
      await broker.request.get(`${ENTITIES}?type=TideGauge`).set(nowhere),
      await broker.request.delete(`${ENTITIES}/${gaugeId('Brest')}`).set(nowhere),
      await broker.request.delete(`${ENTITIES}?type=TideGauge`).set(nowhere),
      await broker.request.delete(`${API}/subscriptions/urn:ngsi-ld:Subscription:1`).set(nowhere),
      await send(broker, { method: 'post', path: `${API}/entityOperations/merge`, headers: nowhere }, item),
    ]
    for (const answer of answers) {
      checkProblem(answer, {
        status: 404,
        name: 'NonexistentTenant',
        says: "NGSILD-Tenant: there is no tenant 'nowhere'",
      })
    }
  })

  it('an upsert that is to replace and to update is refused (5.6.8)', async () => {
    const path = `${API}/entityOperations/upsert?options=replace,update`
    checkProblem(await send(broker, { method: 'post', path }, [gauge('Both')]), invalidRequest(/^options: /))
  })

  describe('ids of entities (5.6.1)', () => {
    const hard = [
      'urn:a:b/c',
      'urn:a:b%2Fc',
      'urn:a:%',
      'urn:a:b?c#d',
      'urn:a:../..',
      'urn:été:🌊',
      `urn:a:${'x'.repeat(2_000)}`,
    ]
    for (const id of hard) {
      it(`what is created as ${id.slice(0, 12)} is found at its Location`, async () => {
        const response = await send(broker, { method: 'post', path: ENTITIES }, { id, type: 'TideGauge' })
        expect(response.status, response.text).to.equal(201)
        const found = await broker.request.get(response.headers['location'] ?? '')
        expect(found.body).to.deep.equal({ id, type: 'TideGauge' })
      })
    }

    for (const id of [`urn:a:${'x'.repeat(13_000)}`, `urn:a:${'é'.repeat(3_000)}`]) {
      it(`an id of ${String(id.length)} characters is refused: no address could name it`, async () => {
        const response = await send(broker, { method: 'post', path: ENTITIES }, { id, type: 'TideGauge' })
        checkProblem(response, badRequestData(/^id: .* too long/))
        expect(response.text.length).to.be.below(1_000)
      })
    }
  })

  it('of a member that is there twice the last one counts (RFC 8259, 4)', async () => {
    const text = `{"id":"${gaugeId('Twice')}","type":"TideGauge","level":1,"level":2}`
    const response = await broker.request.post(ENTITIES).set('content-type', 'application/json').send(text)
    expect(response.status, response.text).to.equal(201)
    expect(await readEntity(broker, 'Twice')).to.deep.equal(gauge('Twice', { level: property(2) }))
  })
})
