import { expect } from 'chai'
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
  ENTITIES,
  gauge,
  gaugeId,
  millisOf,
  notFound,
  property,
  read,
  send,
  SHORE,
  shoreContexts,
} from './support.ts'

const NULL = 'urn:ngsi-ld:null'

describeOnStores('history: GET /temporal/entities/{id} (5.7.3)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
  })

  const historyOf = async (name: string, query = ''): Promise<Record<string, JsonObject[]>> =>
    (await read(broker, `${API}/temporal/entities/${gaugeId(name)}${query}`)) as Record<string, JsonObject[]>

  const patch = async (name: string, body: Json): Promise<void> => {
    checkNoContent(await send(broker, { method: 'patch', path: `${ENTITIES}/${gaugeId(name)}/attrs` }, body))
  }

  const remove = async (name: string): Promise<void> => {
    checkNoContent(await broker.request.delete(`${ENTITIES}/${gaugeId(name)}`))
  }

  it('tells instances as created, updated and deleted, in order (4.5.6, 4.5.7)', async () => {
    await create(broker, gauge('Told', { level: property(1), trend: property('rising') }))
    await patch('Told', { level: property(2, { unitCode: 'MTR' }) })
    await patch('Told', { level: NULL })
    const { level = [], trend = [], ...rest } = await historyOf('Told')
    expect(rest).to.deep.equal({ id: gaugeId('Told'), type: 'TideGauge' })
    const members = level.map(({ instanceId: _, deletedAt, ...member }) => ({
      ...member,
      deleted: deletedAt !== undefined,
    }))
    expect(members).to.deep.equal([
      { ...property(1), deleted: false },
      { ...property(2, { unitCode: 'MTR' }), deleted: false },
      { ...property(NULL), deleted: true },
    ])
    expect(trend.map(({ value }) => value)).to.deep.equal(['rising'])
  })

  it('keeps a measurement that says the same again', async () => {
    await create(broker, gauge('Same', { level: property(1) }))
    await patch('Same', { level: property(1) })
    expect((await historyOf('Same'))['level']?.map(({ value }) => value)).to.deep.equal([1, 1])
  })

  it('instanceIds are URIs, all different, and the same in every answer (4.5.6)', async () => {
    await create(
      broker,
      gauge('Instances', { level: [property(1), property(2, { datasetId: 'urn:ngsi-ld:Dataset:shom' })] }),
    )
    await patch('Instances', { level: property(3) })
    const [first, again] = [await historyOf('Instances'), await historyOf('Instances')]
    expect(first).to.deep.equal(again)
    const ids = (first['level'] ?? []).map(({ instanceId }) => instanceId)
    expect(new Set(ids).size).to.equal(3)
    for (const id of ids) expect(id).to.match(/^urn:ngsi-ld:\S+$/)
  })

  it('sysAttrs shows when each instance came about (6.3.11)', async () => {
    await create(broker, gauge('Times', { level: property(1) }))
    await patch('Times', { level: property(2) })
    await patch('Times', { level: NULL })
    const plain = await historyOf('Times')
    for (const member of ['createdAt', 'modifiedAt']) {
      expect(plain).to.not.have.property(member)
      for (const instance of plain['level'] ?? []) expect(instance).to.not.have.property(member)
    }
    const { createdAt, modifiedAt, level = [] } = await historyOf('Times', '?options=sysAttrs')
    const [born, changed, gone] = level
    expect(born).to.include({ createdAt, modifiedAt: createdAt })
    expect(millisOf(changed?.['modifiedAt'])).to.be.at.least(millisOf(createdAt))
    expect(changed?.['modifiedAt']).to.not.equal(createdAt)
    expect(gone?.['deletedAt']).to.equal(modifiedAt)
  })

  it('survives the deletion of the entity, and its being created again', async () => {
    await create(broker, gauge('Survivor', { level: property(1) }))
    await remove('Survivor')
    const deleted = await historyOf('Survivor', '?options=sysAttrs')
    expect(deleted['level']?.map(({ value }) => value)).to.deep.equal([1, NULL])
    expect(deleted).to.have.property('deletedAt').that.equals(deleted['level']?.[1]?.['deletedAt'])
    await create(broker, gauge('Survivor', { type: 'Buoy', level: property(2) }))
    const again = await historyOf('Survivor', '?options=sysAttrs')
    expect(again['level']?.map(({ value }) => value)).to.deep.equal([1, NULL, 2])
    expect(again).to.have.property('type', 'Buoy')
    expect(again).to.not.have.property('deletedAt')
  })

  it('a deletion has the null of its kind (4.5.0)', async () => {
    const attributes = {
      names: { type: 'LanguageProperty', languageMap: { fr: 'Brest' } },
      list: { type: 'ListProperty', valueList: [1] },
      port: { type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest' },
      state: { type: 'VocabProperty', vocab: 'rising' },
      other: property(1, { datasetId: 'urn:ngsi-ld:Dataset:shom' }),
    }
    await create(broker, gauge('Kinds', attributes))
    await remove('Kinds')
    const history = await historyOf('Kinds')
    const last = (name: string): JsonObject | undefined => history[name]?.at(-1)
    expect(last('names')).to.deep.include({ type: 'LanguageProperty', languageMap: { '@none': NULL } })
    expect(last('list')).to.deep.include({ type: 'ListProperty', valueList: [NULL] })
    expect(last('port')).to.include({ type: 'Relationship', object: NULL })
    expect(last('state')).to.include({ type: 'VocabProperty', vocab: NULL })
    expect(last('other')).to.include({ value: NULL, datasetId: 'urn:ngsi-ld:Dataset:shom' })
  })

  it('the scope is a Property that carries timestamps alone (4.5.6, 4.18)', async () => {
    await create(broker, gauge('Scope', { scope: '/Finistere' }))
    await patch('Scope', { scope: ['/SHOM', '/Brest'] })
    await patch('Scope', { level: property(1) })
    await patch('Scope', { scope: NULL })
    const { scope = [] } = await historyOf('Scope')
    expect(scope.map(({ value }) => value)).to.deep.equal([['/Finistere'], ['/SHOM', '/Brest'], NULL])
    for (const instance of scope) {
      expect(Object.keys(instance)).to.include.members(['type', 'value'])
      expect(['type', 'value', 'createdAt', 'modifiedAt', 'deletedAt']).to.include.members(Object.keys(instance))
    }
  })

  it('is told in the @context of the request, attrs chooses attributes (5.5.7)', async () => {
    const members = { type: 'Gauge', level: 1, trend: 'rising' }
    await create(broker, { ...gauge('Words', members), '@context': SHORE })
    const path = `${API}/temporal/entities/${gaugeId('Words')}?attrs=level`
    const shown = (await read(broker, path, { link: contextLink(SHORE) })) as JsonObject
    expect(Object.keys(shown)).to.deep.equal(['id', 'type', 'level'])
    expect(shown['type']).to.equal('Gauge')
    const core = await historyOf('Words')
    expect(Object.keys(core)).to.deep.equal(['id', 'type', 'https://littoral.example/level', 'trend'])
  })

  it('an entity that never was has none', async () => {
    checkProblem(await broker.request.get(`${API}/temporal/entities/${gaugeId('Never')}`), notFound(gaugeId('Never')))
    checkProblem(await broker.request.get(`${API}/temporal/entities/Never`), badRequestData('Never'))
  })

  it('a write that is refused leaves no trace', async () => {
    await create(broker, gauge('Refused', { level: property(1) }))
    const before = await historyOf('Refused', '?options=sysAttrs')
    const path = `${ENTITIES}/${gaugeId('Refused')}`
    const refused = [
      await broker.request.post(ENTITIES).send(gauge('Refused', { level: property(2) })),
      await broker.request.patch(`${path}/attrs`).send({ level: 2, trend: null }),
      await broker.request
        .patch(`${path}/attrs/level`)
        .send({ type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest' }),
    ]
    expect(refused.map(({ status }) => status)).to.deep.equal([409, 400, 400])
    expect(await historyOf('Refused', '?options=sysAttrs')).to.deep.equal(before)
  })

  it('is long: every one of many changes is there, in order', async () => {
    await create(broker, gauge('Long', { level: property(0) }))
    const count = 30
    await Promise.all(Array.from({ length: count }, (_, index) => patch('Long', { level: property(index + 1) })))
    const values = (await historyOf('Long'))['level']?.map(({ value }) => Number(value)) ?? []
    expect(values).to.have.length(count + 1)
    expect(values.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: count + 1 }, (_, index) => index))
    expect(await read(broker, `${ENTITIES}/${gaugeId('Long')}?format=simplified`)).to.have.property(
      'level',
      values.at(-1),
    )
  })
})
