import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { API, checkProblem, create, ENTITIES, property, send } from './support.ts'

const id = (name: string): string => `urn:ngsi-ld:${name}`
const link = (object: string | string[], members: JsonObject = {}): JsonObject => ({
  type: 'Relationship',
  object: Array.isArray(object) ? object.map(id) : id(object),
  ...members,
})

/** A gauge in a port that has its authority, the authority names the gauge it trusts most: links that go round. */
const shore: readonly JsonObject[] = [
  { id: id('Gauge:Brest'), type: 'Gauge', level: property(4.5), port: link('Port:Brest') },
  { id: id('Gauge:Roscoff'), type: 'Gauge', level: property(3.2), port: link('Port:Roscoff') },
  { id: id('Port:Brest'), type: 'Port', name: property('Brest'), authority: link('Authority:Bretagne') },
  {
    id: id('Port:Roscoff'),
    type: 'Port',
    name: property('Roscoff'),
    authority: link('Authority:Bretagne', { since: link('Buoy:Trésor') }),
  },
  { id: id('Authority:Bretagne'), type: 'Authority', name: property('Bretagne'), trusts: link('Gauge:Brest') },
  { id: id('Buoy:Trésor'), type: 'Buoy', name: property('Trésor') },
  {
    id: id('Channel:1'),
    type: 'Channel',
    buoys: {
      type: 'ListRelationship',
      objectList: [{ object: id('Buoy:Trésor') }, { object: id('Buoy:Lost') }, { object: id('Port:Brest') }],
    },
    ports: link(['Port:Roscoff', 'Port:Brest', 'Port:Lost']),
  },
]

function idsOf(response: Response): readonly unknown[] {
  expect(response.status, response.text).to.equal(200)
  return (response.body as JsonObject[]).map((entity) => entity['id'])
}

describeOnStores('linked entities (4.5.23)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    for (const entity of shore) await create(broker, entity)
  })

  const get = (path: string): Promise<Response> => Promise.resolve(broker.request.get(`${ENTITIES}${path}`))
  const show = async (path: string): Promise<JsonObject> => {
    const response = await get(path)
    expect(response.status, response.text).to.equal(200)
    return response.body as JsonObject
  }
  const at = (value: Json | undefined, ...path: readonly string[]): unknown =>
    path.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value)

  it('inline: one entity holds what it links to, one level deep by default (4.5.23.2)', async () => {
    const gauge = await show(`/${id('Gauge:Brest')}?join=inline`)
    expect(at(gauge, 'port', 'entity')).to.deep.equal(shore[2])
    expect(at(gauge, 'port', 'object')).to.equal(id('Port:Brest'))
  })

  it('inline: joinLevel goes deeper, and links that go round end (4.5.23.1)', async () => {
    const gauge = await show(`/${id('Gauge:Brest')}?join=inline&joinLevel=9`)
    expect(at(gauge, 'port', 'entity', 'authority', 'entity', 'trusts')).to.deep.equal(link('Gauge:Brest'))
  })

  it('inline: a list of links has a list of entities, in its order; what is not here stays a URI (4.5.23.2)', async () => {
    const channel = await show(`/${id('Channel:1')}?join=inline`)
    expect(at(channel, 'buoys', 'entityList', 'length')).to.equal(2)
    expect(at(channel, 'buoys', 'entityList', '0', 'id')).to.equal(id('Buoy:Trésor'))
    expect(at(channel, 'ports', 'entity', '0', 'id')).to.equal(id('Port:Roscoff'))
    const simplified = await show(`/${id('Channel:1')}?join=inline&format=simplified`)
    expect(at(simplified, 'buoys', '1')).to.equal(id('Buoy:Lost'))
    expect(at(simplified, 'buoys', '2', 'name')).to.equal('Brest')
  })

  it('inline: links of sub-attributes are followed (4.5.23.2)', async () => {
    const port = await show(`/${id('Port:Roscoff')}?join=inline`)
    expect(at(port, 'authority', 'since', 'entity', 'name', 'value')).to.equal('Trésor')
  })

  it('containedBy names what was met before (4.5.23.1)', async () => {
    const gauge = await show(`/${id('Gauge:Brest')}?join=inline&joinLevel=2&containedBy=${id('Authority:Bretagne')}`)
    expect(at(gauge, 'port', 'entity', 'authority')).to.deep.equal(link('Authority:Bretagne'))
    const flat = await get(`/${id('Gauge:Brest')}?join=flat&joinLevel=2&containedBy=${id('Authority:Bretagne')}`)
    expect(idsOf(flat)).to.deep.equal([id('Gauge:Brest'), id('Port:Brest')])
  })

  it('flat: one entity becomes a list with what it links to (4.5.23.3)', async () => {
    expect((await get(`/${id('Gauge:Brest')}?join=flat`)).body).to.deep.equal([shore[0], shore[2]])
    expect(idsOf(await get(`/${id('Buoy:Trésor')}?join=flat`))).to.deep.equal([id('Buoy:Trésor')])
  })

  it('flat: a query answers each entity once, however many links lead to it (4.5.23.3)', async () => {
    const response = await get('?type=Gauge&join=flat&joinLevel=3&count=true')
    const [first, second, ...others] = idsOf(response)
    expect([first, second]).to.deep.equal([id('Gauge:Brest'), id('Gauge:Roscoff')])
    expect(others).to.have.members([id('Port:Brest'), id('Port:Roscoff'), id('Authority:Bretagne'), id('Buoy:Trésor')])
    expect(response.headers['ngsild-results-count']).to.equal('2')
  })

  it('flat in GeoJSON is a FeatureCollection, of one entity too (5.7.1)', async () => {
    const response = await get(`/${id('Gauge:Brest')}?join=flat`).then(() =>
      broker.request.get(`${ENTITIES}/${id('Gauge:Brest')}?join=flat`).set('accept', 'application/geo+json'),
    )
    expect(response.body).to.have.property('type', 'FeatureCollection')
    expect(response.body).to.have.property('features').that.has.length(2)
  })

  it('@none joins nothing', async () => {
    expect(await show(`/${id('Gauge:Brest')}?join=@none&joinLevel=2`)).to.deep.equal(shore[0])
  })

  it('pick and omit are for linked entities, too, and braces for them alone (4.21)', async () => {
    expect(await show(`/${id('Gauge:Brest')}?join=inline&pick=port{name}&format=simplified`)).to.deep.equal({
      port: { name: 'Brest' },
    })
    const flat = await get(
      `/${id('Gauge:Brest')}?join=flat&joinLevel=2&pick=id,port{id,authority{name}}&format=simplified`,
    )
    expect(flat.body).to.deep.equal([
      { id: id('Gauge:Brest'), port: id('Port:Brest') },
      { id: id('Port:Brest'), authority: id('Authority:Bretagne') },
      { name: 'Bretagne' },
    ])
  })

  it('only links that are shown are followed (5.7.1.5)', async () => {
    expect(idsOf(await get(`/${id('Gauge:Brest')}?join=flat&pick=id,level`))).to.deep.equal([id('Gauge:Brest')])
    expect(idsOf(await get('?type=Gauge&attrs=level&join=flat'))).to.have.length(2)
  })

  it('attrs is for the entity alone, what it links to shows all (6.4.3.2)', async () => {
    const [, port] = (await get(`/${id('Gauge:Brest')}?join=flat&attrs=port`)).body as JsonObject[]
    expect(port).to.deep.equal(shore[2])
  })

  it('a document joins likewise (5.2.23)', async () => {
    const document = {
      type: 'Query',
      entities: [{ type: 'Gauge' }],
      join: 'flat',
      joinLevel: 1,
      pick: ['id', 'port{id}'],
    }
    const response = await send(broker, { method: 'post', path: `${API}/entityOperations/query` }, document)
    expect(idsOf(response)).to.have.members(['Gauge:Brest', 'Gauge:Roscoff', 'Port:Brest', 'Port:Roscoff'].map(id))
  })

  it('q looks into linked entities as deep as joinLevel goes (4.9)', async () => {
    const found = async (q: string, level: number): Promise<readonly unknown[]> =>
      idsOf(await get(`?q=${encodeURIComponent(q)}&join=inline&joinLevel=${String(level)}`))
    expect(await found('port{name=="Roscoff"}', 1)).to.deep.equal([id('Gauge:Roscoff')])
    expect(await found('port{authority{name=="Bretagne"}}', 2)).to.have.length(2)
  })

  it('there is an end to what grows with every way through a graph', async () => {
    const tenant = { 'ngsild-tenant': 'dense' }
    const names = Array.from({ length: 14 }, (_, index) => `Buoy:${String(index)}`)
    for (const name of names) await create(broker, { id: id(name), type: 'Buoy', next: link([...names]) }, tenant)
    const query = (join: string): Promise<Response> =>
      Promise.resolve(broker.request.get(`${ENTITIES}?type=Buoy&join=${join}&joinLevel=14`).set(tenant))
    checkProblem(await query('inline'), { status: 403, name: 'TooManyResults', says: 'join' })
    expect(idsOf(await query('flat'))).to.have.length(14)
  })
})
