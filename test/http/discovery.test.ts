import { expect } from 'chai'
import type { Json } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  contextLink,
  CORE_CONTEXT,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  notFound,
  property,
  read,
  send,
  SHORE,
  shoreContexts,
} from './support.ts'

const VOCABULARY = 'https://uri.etsi.org/ngsi-ld/default-context/'
const LOCATION = 'https://uri.etsi.org/ngsi-ld/location'
const SHORE_GAUGE = 'https://littoral.example/Gauge'
const SHORE_LEVEL = 'https://littoral.example/level'
const inShore = { link: contextLink(SHORE) }
const ldJson = { accept: 'application/ld+json' }
const harbour = { type: 'GeoProperty', value: { type: 'Point', coordinates: [-4.49, 48.38] } }

describeOnStores('discovery (5.7.5 to 5.7.11)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
    await create(broker, gauge('Brest', { level: property(1), location: harbour }))
    const second = property(2, { datasetId: 'urn:ngsi-ld:dataset:radar' })
    await create(broker, gauge('Roscoff', { type: ['TideGauge', 'Station'], level: [property(1), second] }))
    await create(broker, {
      id: 'urn:ngsi-ld:Buoy:Iroise',
      type: 'Buoy',
      level: { type: 'Relationship', object: gaugeId('Brest') },
    })
    await create(broker, { id: 'urn:ngsi-ld:Gauge:Shore', type: 'Gauge', level: property(3) }, inShore)
    await create(broker, { id: 'urn:ngsi-ld:Segment:Bare', type: 'CoastlineSegment' })
  })

  it('lists the types that entities have (5.7.5, 5.2.24)', async () => {
    const list = (await read(broker, `${API}/types`)) as { id: string }
    expect(list).to.deep.equal({
      id: list.id,
      type: 'EntityTypeList',
      typeList: ['Buoy', 'CoastlineSegment', 'Station', 'TideGauge', SHORE_GAUGE],
    })
    expect(list.id).to.match(/^urn:ngsi-ld:EntityTypeList:\S+$/)
  })

  it('lists types with the names of their attributes, for details=true (5.7.6, 5.2.25)', async () => {
    const type = (id: string, typeName: string, attributeNames: readonly string[]) => ({
      ...{ id, type: 'EntityType', typeName, attributeNames },
    })
    expect(await read(broker, `${API}/types?details=true`)).to.deep.equal([
      type(`${VOCABULARY}Buoy`, 'Buoy', ['level']),
      type(`${VOCABULARY}CoastlineSegment`, 'CoastlineSegment', []),
      type(`${VOCABULARY}Station`, 'Station', ['level']),
      type(`${VOCABULARY}TideGauge`, 'TideGauge', ['level', 'location']),
      type(SHORE_GAUGE, SHORE_GAUGE, [SHORE_LEVEL]),
    ])
    expect(await read(broker, `${API}/types?details=false`)).to.have.property('type', 'EntityTypeList')
  })

  it('tells of one type how many entities it has, and its attributes by kind (5.7.7, 5.2.26)', async () => {
    const attribute = (id: string, attributeName: string, attributeTypes: readonly string[]) => ({
      ...{ id, type: 'Attribute', attributeName, attributeTypes },
    })
    expect(await read(broker, `${API}/types/TideGauge`)).to.deep.equal({
      id: `${VOCABULARY}TideGauge`,
      type: 'EntityTypeInfo',
      typeName: 'TideGauge',
      entityCount: 2,
      attributeDetails: [
        attribute(`${VOCABULARY}level`, 'level', ['Property']),
        attribute(LOCATION, 'location', ['GeoProperty']),
      ],
    })
    expect(await read(broker, `${API}/types/CoastlineSegment`)).to.deep.include({
      entityCount: 1,
      attributeDetails: [],
    })
  })

  it('lists the attributes that entities have (5.7.8, 5.2.27)', async () => {
    const list = (await read(broker, `${API}/attributes`)) as { id: string }
    expect(list).to.deep.equal({
      id: list.id,
      type: 'AttributeList',
      attributeList: [SHORE_LEVEL, 'level', 'location'].toSorted(),
    })
    expect(list.id).to.match(/^urn:ngsi-ld:AttributeList:\S+$/)
  })

  it('lists attributes with the types of their entities, and nothing else, for details=true (5.7.9, 5.2.28)', async () => {
    const attribute = (id: string, attributeName: string, typeNames: readonly string[]) => ({
      ...{ id, type: 'Attribute', attributeName, typeNames },
    })
    expect(await read(broker, `${API}/attributes?details=true`)).to.deep.equal([
      attribute(SHORE_LEVEL, SHORE_LEVEL, [SHORE_GAUGE]),
      attribute(`${VOCABULARY}level`, 'level', ['Buoy', 'Station', 'TideGauge']),
      attribute(LOCATION, 'location', ['TideGauge']),
    ])
  })

  it('tells of one attribute how many instances it has, of which kinds, on which types (5.7.10, 5.2.28)', async () => {
    expect(await read(broker, `${API}/attributes/level`)).to.deep.equal({
      id: `${VOCABULARY}level`,
      type: 'Attribute',
      attributeName: 'level',
      attributeCount: 4,
      attributeTypes: ['Property', 'Relationship'],
      typeNames: ['Buoy', 'Station', 'TideGauge'],
    })
  })

  for (const [title, path, expected] of [
    ['a type by its short name', `${API}/types/Gauge`, { typeName: 'Gauge', id: SHORE_GAUGE, entityCount: 1 }],
    ['a type by its IRI', `${API}/types/${encodeURIComponent(SHORE_GAUGE)}`, { typeName: 'Gauge', id: SHORE_GAUGE }],
    ['an attribute by its short name', `${API}/attributes/level`, { attributeName: 'level', attributeCount: 1 }],
    [
      'an attribute by its IRI',
      `${API}/attributes/${encodeURIComponent(SHORE_LEVEL)}`,
      { attributeName: 'level', id: SHORE_LEVEL, typeNames: ['Gauge'] },
    ],
  ] as const) {
    it(`finds ${title}, in the words of the request's @context (5.5.7)`, async () => {
      expect(await read(broker, path, inShore)).to.deep.include(expected)
    })
  }

  it('shows names that the @context does not know as they are (5.5.7)', async () => {
    const { typeList } = (await read(broker, `${API}/types`, inShore)) as { typeList: Json }
    expect(typeList).to.deep.equal(['Buoy', 'CoastlineSegment', 'Gauge', 'Station', 'TideGauge'])
    const { attributeList } = (await read(broker, `${API}/attributes`, inShore)) as { attributeList: Json }
    expect(attributeList).to.deep.equal(['level', 'location', `${VOCABULARY}level`].toSorted())
  })

  for (const path of ['/types', '/types/TideGauge', '/attributes', '/attributes/level']) {
    it(`links the @context of ${path} in json and carries it in ld+json (6.3.6)`, async () => {
      const json = await broker.request.get(`${API}${path}`)
      expect(json.headers['content-type']).to.equal('application/json')
      expect(json.headers['link']).to.contain(CORE_CONTEXT)
      const ld = await broker.request.get(`${API}${path}`).set(ldJson)
      expect(ld.headers['content-type']).to.equal('application/ld+json')
      expect(ld.headers).to.not.have.property('link')
      expect(ld.body).to.deep.equal({ ...(json.body as object), '@context': CORE_CONTEXT })
    })
  }

  for (const path of ['/types', '/attributes']) {
    it(`carries the @context in each item of ${path}?details=true in ld+json (6.3.6)`, async () => {
      const items = (await read(broker, `${API}${path}?details=true`, ldJson)) as readonly object[]
      for (const item of items) expect(item).to.have.property('@context', CORE_CONTEXT)
    })

    it(`refuses a value of details on ${path} that is neither true nor false (6.25, 6.27)`, async () => {
      checkProblem(await broker.request.get(`${API}${path}?details=yes`), badRequestData('details'))
    })
  }

  it('does not know a type or an attribute that no entity has (5.7.7, 5.7.10)', async () => {
    checkProblem(await broker.request.get(`${API}/types/Unheard`), notFound('Unheard'))
    checkProblem(await broker.request.get(`${API}/attributes/unheard`), notFound('unheard'))
    checkProblem(await broker.request.get(`${API}/types/level`), notFound('level'))
    checkProblem(await broker.request.get(`${API}/attributes/TideGauge`), notFound('TideGauge'))
    for (const name of ['constructor', 'toString']) {
      checkProblem(await broker.request.get(`${API}/types/${name}`), notFound(name))
      checkProblem(await broker.request.get(`${API}/attributes/${name}`), notFound(name))
    }
  })

  it('refuses what is no name (4.6.2)', async () => {
    checkProblem(await broker.request.get(`${API}/types/a%20b`), badRequestData('type'))
    checkProblem(await broker.request.get(`${API}/attributes/a%20b`), badRequestData('attrId'))
    checkProblem(await broker.request.get(`${API}/attributes/datasetId`), badRequestData('attrId'))
  })

  it('follows writes at once: a new kind, a new type, a deletion (5.7.7, 5.7.10)', async () => {
    const path = `${ENTITIES}/${gaugeId('Passing')}`
    const attribute = `${API}/attributes/surge`
    await create(broker, gauge('Passing', { surge: property(1) }))
    expect(await read(broker, attribute)).to.deep.include({ attributeCount: 1, attributeTypes: ['Property'] })
    const relation = { surge: { type: 'Relationship', object: gaugeId('Brest') } }
    checkNoContent(await send(broker, { method: 'patch', path: `${path}/attrs` }, relation))
    expect(await read(broker, attribute)).to.deep.include({ attributeCount: 1, attributeTypes: ['Relationship'] })
    checkNoContent(
      await send(broker, { method: 'post', path: `${path}/attrs` }, { type: 'Outpost', name: property('a') }),
    )
    expect(await read(broker, attribute)).to.deep.include({ typeNames: ['Outpost', 'TideGauge'] })
    checkNoContent(await broker.request.delete(path))
    checkProblem(await broker.request.get(attribute), notFound('surge'))
    checkProblem(await broker.request.get(`${API}/types/Outpost`), notFound('Outpost'))
  })

  it('knows of each tenant its own, and no unknown one (4.14, 5.5.10)', async () => {
    const brest = { 'ngsild-tenant': 'brest' }
    for (const path of ['/types', '/types/TideGauge', '/attributes', '/attributes/level']) {
      const answer = await broker.request.get(`${API}${path}`).set({ 'ngsild-tenant': 'nowhere' })
      checkProblem(answer, { status: 404, name: 'NonexistentTenant', says: 'nowhere' })
    }
    await create(broker, { id: 'urn:ngsi-ld:Buoy:1', type: 'Buoy', height: property(2) }, brest)
    expect(await read(broker, `${API}/types`, brest)).to.deep.include({ typeList: ['Buoy'] })
    expect(await read(broker, `${API}/attributes`, brest)).to.deep.include({ attributeList: ['height'] })
    checkProblem(await broker.request.get(`${API}/attributes/height`), notFound('height'))
  })

  it('survives a new start (5.7.5)', async () => {
    const before = await read(broker, `${API}/attributes?details=true`)
    await broker.stop()
    broker = await start({}, shoreContexts)
    expect(await read(broker, `${API}/attributes?details=true`)).to.deep.equal(before)
  })

  it('no longer counts an attribute in whose place came a scope or an expiresAt (5.7.8, 5.7.10)', async () => {
    const path = `${ENTITIES}/${gaugeId('Molène')}`
    for (const member of [{ scope: '/France' }, { expiresAt: '2126-01-01T00:00:00Z' }]) {
      await create(broker, gauge('Molène', { surge: property(1) }))
      expect(await read(broker, `${API}/attributes/surge`)).to.have.property('attributeCount', 1)
      checkNoContent(await send(broker, { method: 'put', path }, gauge('Molène', member)))
      checkProblem(await broker.request.get(`${API}/attributes/surge`), notFound('surge'))
      checkNoContent(await broker.request.delete(path))
    }
  })
})
