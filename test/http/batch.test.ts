import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  contextLink,
  create,
  gauge,
  gaugeId,
  invalidRequest,
  property,
  read,
  readEntity,
  SHORE,
  shoreContexts,
} from './support.ts'

const UPSERT = `${API}/entityOperations/upsert`

interface BatchOperationResult {
  readonly success: readonly string[]
  readonly errors: readonly { readonly entityId: string; readonly error: JsonObject }[]
}

describeOnStores('batch upsert (5.6.8)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
  })

  const upsert = (body: Json, query = '', media = 'application/json'): Promise<Response> =>
    Promise.resolve(broker.request.post(`${UPSERT}${query}`).set('content-type', media).send(JSON.stringify(body)))

  const checkCreated = (response: Response, names: readonly string[]): void => {
    expect(response.status, response.text).to.equal(201)
    expect(response.body).to.deep.equal(names.map(gaugeId))
  }

  /** Asserts a 207 whose errors are, in order, those of these entities, each naming what is wrong. */
  const checkPartly = (
    response: Response,
    success: readonly string[],
    errors: readonly (readonly [string, string])[],
  ): void => {
    expect(response.status, response.text).to.equal(207)
    expect(response.headers['content-type']).to.equal('application/json')
    expect(response.headers).to.not.have.property('link')
    const result = response.body as BatchOperationResult
    expect(result.success).to.deep.equal(success.map(gaugeId))
    expect(result.errors.map(({ entityId }) => entityId)).to.deep.equal(errors.map(([id]) => id))
    for (const [index, [, says]] of errors.entries()) {
      const error = result.errors[index]?.error
      expect(error).to.include({ type: 'https://uri.etsi.org/ngsi-ld/errors/BadRequestData', status: 400 })
      expect(error?.['detail']).to.contain(says)
    }
  }

  it('answers 201 with the ids of those it created, and of no others', async () => {
    await create(broker, gauge('There', { level: property(1) }))
    checkCreated(await upsert([gauge('New', { level: property(1) }), gauge('There', { level: property(2) })]), ['New'])
    expect(await readEntity(broker, 'New')).to.deep.equal(gauge('New', { level: property(1) }))
    expect(await readEntity(broker, 'There')).to.deep.equal(gauge('There', { level: property(2) }))
  })

  it('answers 204 when it created none', async () => {
    await create(broker, gauge('Known'))
    checkNoContent(await upsert([gauge('Known', { level: property(1) })]))
  })

  for (const query of ['', '?options=replace']) {
    it(`replaces everything${query}: attributes, types, scope; createdAt stays`, async () => {
      const name = `Replaced${String(query.length)}`
      await create(
        broker,
        gauge(name, { type: ['TideGauge', 'Device'], scope: '/SHOM', level: property(1), trend: property('x') }),
      )
      const before = (await readEntity(broker, name, '?options=sysAttrs')) as Record<string, JsonObject>
      checkNoContent(await upsert([gauge(name, { level: property(2) })], query))
      expect(await readEntity(broker, name)).to.deep.equal(gauge(name, { level: property(2) }))
      const after = (await readEntity(broker, name, '?options=sysAttrs')) as Record<string, JsonObject>
      expect(after['createdAt']).to.equal(before['createdAt'])
      expect(after['level']?.['createdAt']).to.equal(before['level']?.['createdAt'])
      expect(after['level']?.['modifiedAt']).to.equal(after['modifiedAt']).and.not.equal(before['modifiedAt'])
    })
  }

  it('options=update updates attributes as 5.6.2 does', async () => {
    await create(broker, gauge('Updated', { level: property(1, { unitCode: 'MTR' }), trend: property('x') }))
    checkNoContent(await upsert([gauge('Updated', { type: 'Device', level: property(2) })], '?options=update'))
    const expected = gauge('Updated', { type: ['TideGauge', 'Device'], level: property(2), trend: property('x') })
    expect(await readEntity(broker, 'Updated')).to.deep.equal(expected)
    checkCreated(await upsert([gauge('CreatedByUpdate')], '?options=update'), ['CreatedByUpdate'])
  })

  it('each item stands or falls alone: 207 says which (5.2.16)', async () => {
    await create(broker, gauge('Kept', { level: property(1) }))
    const bad: Json[] = [
      gauge('Bad', { level: { type: 'Property' } }),
      { type: 'TideGauge' },
      7,
      gauge('Kept', { level: null }),
    ]
    const response = await upsert([gauge('Good'), ...bad, gauge('AlsoGood')])
    checkPartly(
      response,
      ['Good', 'AlsoGood'],
      [
        [gaugeId('Bad'), 'level'],
        ['', 'id'],
        ['', 'object'],
        [gaugeId('Kept'), 'level'],
      ],
    )
    expect(await read(broker, `${API}/entities?type=TideGauge&idPattern=(Good|Bad)$`)).to.have.length(2)
    expect(await readEntity(broker, 'Kept')).to.deep.equal(gauge('Kept', { level: property(1) }))
  })

  it('is 207 even when every item fails (5.6.9)', async () => {
    checkPartly(await upsert([gauge('None', { level: null })]), [], [[gaugeId('None'), 'level']])
  })

  it('one entity twice is two requests in order that share one modifiedAt (5.5.11)', async () => {
    checkCreated(
      await upsert([
        gauge('Twice', { level: property(1), trend: property('x') }),
        gauge('Twice', { level: property(2) }),
      ]),
      ['Twice'],
    )
    expect(await readEntity(broker, 'Twice')).to.deep.equal(gauge('Twice', { level: property(2) }))
    const { createdAt, modifiedAt } = (await readEntity(broker, 'Twice', '?options=sysAttrs')) as JsonObject
    expect(modifiedAt).to.equal(createdAt)
    const history = (await read(broker, `${API}/temporal/entities/${gaugeId('Twice')}?options=sysAttrs`)) as Record<
      string,
      JsonObject[]
    >
    expect(history['level']?.map((instance) => instance['value'])).to.deep.equal([1, 2])
    expect(new Set(history['level']?.map((instance) => instance['modifiedAt']))).to.deep.equal(new Set([modifiedAt]))
  })

  it('a large batch goes in whole', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `Large${String(index)}`)
    checkCreated(await upsert(names.map((name, index) => gauge(name, { level: property(index) }))), names)
    const counted = await broker.request.get(`${API}/entities?type=TideGauge&idPattern=Large&limit=0&count=true`)
    expect(counted.headers['ngsild-results-count']).to.equal('200')
  })

  it('items of ld+json bring their own @context, and one that is wrong hurts its own item alone (6.3.5)', async () => {
    const items = [
      { ...gauge('Shore', { type: 'Gauge', level: 1 }), '@context': SHORE },
      { ...gauge('Core', { type: 'Gauge' }), '@context': [] },
      gauge('Without'),
      { ...gauge('Broken'), '@context': { level: 7 } },
    ]
    checkPartly(
      await upsert(items, '', 'application/ld+json'),
      ['Shore', 'Core'],
      [
        [gaugeId('Without'), '@context'],
        [gaugeId('Broken'), '@context'],
      ],
    )
    const type = encodeURIComponent(shoreContexts[SHORE]['@context'].Gauge)
    const found = await read(broker, `${API}/entities?type=${type}`, { link: contextLink(SHORE) })
    expect(found).to.deep.equal([gauge('Shore', { type: 'Gauge', level: property(1) })])
  })

  it('items of json have the @context of the Link header (6.3.5)', async () => {
    const response = await broker.request
      .post(UPSERT)
      .set('link', contextLink(SHORE))
      .send([gauge('Linked', { type: 'Gauge' }), { ...gauge('Both'), '@context': SHORE }])
    checkPartly(response, ['Linked'], [[gaugeId('Both'), '@context']])
    expect(await readEntity(broker, 'Linked')).to.have.property('type', shoreContexts[SHORE]['@context'].Gauge)
  })

  const refusals: readonly (readonly [title: string, body: Json, says: string])[] = [
    ['an empty array', [], 'array'],
    ['an object', gauge('Alone'), 'array'],
    ['null among the items', [gauge('BesideNull'), null], '[1]'],
  ]
  for (const [title, body, says] of refusals) {
    it(`refuses ${title} as a whole`, async () => {
      checkProblem(await upsert(body), badRequestData(says))
      expect(await read(broker, `${API}/entities?type=TideGauge&idPattern=(Alone|BesideNull)`)).to.deep.equal([])
    })
  }

  it('refuses an option that it does not know (6.3.14)', async () => {
    checkProblem(await upsert([gauge('Optional')], '?options=merge'), invalidRequest('options'))
  })
})
