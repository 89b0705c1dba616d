import { expect } from 'chai'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Headers } from './support.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  notFound,
  property,
  read,
  send,
} from './support.ts'

const brest: Headers = { 'ngsild-tenant': 'brest' }
const lorient: Headers = { 'ngsild-tenant': 'lorient' }
const nowhere: Headers = { 'ngsild-tenant': 'nowhere' }
const subscription = {
  id: 'urn:ngsi-ld:Subscription:Quay',
  type: 'Subscription',
  entities: [{ type: 'TideGauge' }],
  notification: { endpoint: { uri: 'http://127.0.0.1:9/quay' } },
}

describeOnStores('tenants (4.14, 5.5.10, 6.3.14)', (start) => {
  let broker: TestBroker
  const path = `${ENTITIES}/${gaugeId('Quay')}`
  before(async () => {
    broker = await start()
    await create(broker, gauge('Quay', { level: property(0) }))
    await create(broker, gauge('Quay', { level: property(1) }), brest)
    await create(broker, gauge('Quay', { level: property(2) }), lorient)
    await create(broker, gauge('Only'), brest)
  })

  it('share no entity: one id is another entity in each', async () => {
    const levels = [{}, brest, lorient].map((headers) => read(broker, `${path}?format=simplified&attrs=level`, headers))
    expect(await Promise.all(levels)).to.deep.equal([0, 1, 2].map((level) => gauge('Quay', { level })))
    const lists = [{}, brest, lorient].map((headers) => read(broker, `${ENTITIES}?type=TideGauge`, headers))
    expect((await Promise.all(lists)).map((list) => (list as unknown[]).length)).to.deep.equal([1, 2, 1])
    checkProblem(await broker.request.get(`${ENTITIES}/${gaugeId('Only')}`).set(lorient), notFound(gaugeId('Only')))
  })

  it('share no write, no deletion, no history', async () => {
    await create(broker, gauge('Shared', { level: property(1) }), brest)
    await create(broker, gauge('Shared', { level: property(1) }), lorient)
    const shared = `${ENTITIES}/${gaugeId('Shared')}`
    checkNoContent(await send(broker, { method: 'patch', path: `${shared}/attrs`, headers: brest }, { level: 5 }))
    checkNoContent(await broker.request.delete(shared).set(brest))
    expect(await read(broker, `${shared}?format=simplified`, lorient)).to.deep.equal(gauge('Shared', { level: 1 }))
    const history = await read(broker, `${API}/temporal/entities/${gaugeId('Shared')}`, lorient)
    expect((history as { level: unknown[] }).level).to.have.length(1)
  })

  it('share no subscription', async () => {
    const response = await broker.request.post(`${API}/subscriptions`).set(brest).send(subscription)
    expect(response.status, response.text).to.equal(201)
    expect(await read(broker, `${API}/subscriptions`, brest)).to.have.length(1)
    expect(await read(broker, `${API}/subscriptions`, lorient)).to.deep.equal([])
    expect(await read(broker, `${API}/subscriptions`)).to.deep.equal([])
    const elsewhere = await broker.request.delete(`${API}/subscriptions/${subscription.id}`).set(lorient)
    checkProblem(elsewhere, notFound(subscription.id))
  })

  it('are echoed in answers; the default one is not (6.3.14)', async () => {
    const answers = [
      await broker.request.get(path).set(brest),
      await broker.request.get(`${ENTITIES}?type=TideGauge`).set(brest),
      await broker.request.patch(`${path}/attrs`).set(brest).send({ level: 1 }),
      await broker.request.post(ENTITIES).set(brest).send(gauge('Echo')),
      await broker.request.delete(`${ENTITIES}/${gaugeId('Echo')}`).set(brest),
    ]
    for (const answer of answers) expect(answer.headers['ngsild-tenant']).to.equal('brest')
    expect((await broker.request.get(path)).headers).to.not.have.property('ngsild-tenant')
  })

  it('come into being with the first thing created in them', async () => {
    await create(broker, gauge('First'), { 'ngsild-tenant': 'by-create' })
    const upsert = broker.request.post(`${API}/entityOperations/upsert`).set({ 'ngsild-tenant': 'by-upsert' })
    expect((await upsert.send([gauge('First')])).status).to.equal(201)
    const subscribe = broker.request.post(`${API}/subscriptions`).set({ 'ngsild-tenant': 'by-subscription' })
    expect((await subscribe.send(subscription)).status).to.equal(201)
    for (const tenant of ['by-create', 'by-upsert', 'by-subscription']) {
      expect((await broker.request.get(`${ENTITIES}?type=TideGauge`).set({ 'ngsild-tenant': tenant })).status).to.equal(
        200,
      )
    }
  })

  const unknown = { status: 404, name: 'NonexistentTenant', says: 'nowhere' } as const
  for (const [title, request] of [
    ['GET an entity', (agent) => agent.get(path)],
    ['GET entities', (agent) => agent.get(`${ENTITIES}?type=TideGauge`)],
    ['count entities', (agent) => agent.get(`${ENTITIES}?type=TideGauge&limit=0&count=true`)],
    ['DELETE an entity', (agent) => agent.delete(path)],
    ['POST attributes', (agent) => agent.post(`${path}/attrs`).send({ level: 1 })],
    ['PATCH attributes', (agent) => agent.patch(`${path}/attrs`).send({ level: 1 })],
    ['PATCH an attribute', (agent) => agent.patch(`${path}/attrs/level`).send({ value: 1 })],
    ['GET a history', (agent) => agent.get(`${API}/temporal/entities/${gaugeId('Quay')}`)],
    ['GET subscriptions', (agent) => agent.get(`${API}/subscriptions`)],
    ['GET a subscription', (agent) => agent.get(`${API}/subscriptions/${subscription.id}`)],
    [
      'PATCH a subscription',
      (agent) => agent.patch(`${API}/subscriptions/${subscription.id}`).send({ isActive: false }),
    ],
    ['DELETE a subscription', (agent) => agent.delete(`${API}/subscriptions/${subscription.id}`)],
  ] as const satisfies readonly (readonly [
    string,
    (agent: TestBroker['request']) => ReturnType<TestBroker['request']['get']>,
  ])[]) {
    it(`${title} of a tenant that is not there is a NonexistentTenant`, async () => {
      checkProblem(await request(broker.request).set(nowhere), unknown)
    })
  }

  it('do not come into being by a creation that is refused', async () => {
    const attempts = [
      await broker.request.post(ENTITIES).set(nowhere).send({ type: 'TideGauge' }),
      await broker.request.post(ENTITIES).set(nowhere).set('content-type', 'application/json').send('{'),
      await broker.request
        .post(`${API}/entityOperations/upsert`)
        .set(nowhere)
        .send([{ type: 'TideGauge' }]),
      await broker.request.post(`${API}/subscriptions`).set(nowhere).send({ type: 'Subscription' }),
    ]
    expect(attempts.map(({ status }) => status)).to.deep.equal([400, 400, 207, 400])
    checkProblem(await broker.request.get(path).set(nowhere), unknown)
  })

  for (const tenant of ['a/b', '../brest', 'a b', 'a$b', 'x'.repeat(129), 'é']) {
    it(`the name '${tenant.slice(0, 10)}' is refused, naming the header`, async () => {
      const header = { 'ngsild-tenant': tenant }
      checkProblem(await broker.request.get(path).set(header), badRequestData('NGSILD-Tenant'))
      checkProblem(
        await broker.request.post(ENTITIES).set(header).send(gauge('Illegal')),
        badRequestData('NGSILD-Tenant'),
      )
    })
  }
})
