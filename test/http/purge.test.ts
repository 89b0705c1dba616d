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
  ENTITIES,
  gauge,
  gaugeId,
  property,
  read,
  SHORE,
  shoreContexts,
} from './support.ts'

describeOnStores('purge: DELETE /entities (5.6.21, 6.4.3.3)', (start) => {
  let broker: TestBroker
  let count = 0
  before(async () => {
    broker = await start({}, shoreContexts)
  })

  /** A tenant of its own for each test, with these entities. */
  const freshCoast = async (...entities: readonly JsonObject[]): Promise<Record<string, string>> => {
    const tenant = { 'ngsild-tenant': `purge${String(count++)}` }
    for (const entity of [gauge('Brest', { level: property(1), scope: '/SHOM' }), ...entities])
      await create(broker, entity, tenant)
    return tenant
  }

  const purge = (query: string, headers: Record<string, string>): Promise<Response> =>
    Promise.resolve(broker.request.delete(`${ENTITIES}${query}`).set(headers))

  const left = (headers: Record<string, string>): Promise<Json> => read(broker, `${ENTITIES}?local=true`, headers)

  const brest = gauge('Brest', { scope: '/SHOM', level: property(1) })
  const mooring = { type: 'GeoProperty', value: { type: 'Point', coordinates: [-4.49, 48.38] } }
  const buoy = { id: 'urn:ngsi-ld:Buoy:Sein', type: 'Buoy', level: property(2), battery: property(80), mooring }
  const bare = gauge('Calais')

  const purges: readonly (readonly [title: string, query: string, after: readonly JsonObject[]])[] = [
    ['entities of a type', '?type=TideGauge', [buoy]],
    ['entities of either type', '?type=TideGauge,Buoy', []],
    ['everything, by type=*', '?type=*', []],
    ['everything, by local=true (5.5.13)', '?local=true', []],
    ['entities with an attribute', '?attrs=level', [bare]],
    ['the ids listed, of the type', `?type=TideGauge&id=${gaugeId('Brest')},${buoy.id}`, [buoy, bare]],
    ['ids alone, in local scope', `?local=true&id=${gaugeId('Brest')}`, [buoy, bare]],
    ['ids that match a pattern', '?type=*&idPattern=Sein$', [brest, bare]],
    [
      'attributes that drop names, and leaves the entities',
      '?type=*&drop=level',
      [{ id: buoy.id, type: 'Buoy', battery: property(80), mooring }, gauge('Brest', { scope: '/SHOM' }), bare],
    ],
    [
      'attributes by drop alone: only where they are (5.6.21.4 b)',
      '?drop=battery,depth',
      [{ id: buoy.id, type: 'Buoy', level: property(2), mooring }, brest, bare],
    ],
    ['the scope by drop', '?type=TideGauge&drop=scope', [buoy, gauge('Brest', { level: property(1) }), bare]],
    [
      'all but what keep names',
      '?type=*&keep=id,type,battery',
      [{ id: buoy.id, type: 'Buoy', battery: property(80) }, gauge('Brest'), bare],
    ],
    ['all but the scope', '?type=TideGauge&keep=scope', [buoy, gauge('Brest', { scope: '/SHOM' }), bare]],
    ['what a query finds (4.9)', '?q=level>1', [brest, bare]],
    ['what a scope query finds, of the type (4.19)', '?type=TideGauge&scopeQ=/SHOM', [buoy, bare]],
    [
      'what is near (4.10)',
      '?georel=near;maxDistance==1000&geometry=Point&coordinates=[-4.49,48.38]&geoproperty=mooring',
      [brest, bare],
    ],
    ['what a filter of sources cannot narrow: there are none (csf)', '?type=Buoy&csf=title=="x"', [brest, bare]],
    ['nothing where nothing matches', '?type=Lighthouse', [buoy, brest, bare]],
  ]
  for (const [title, query, after] of purges) {
    it(`deletes ${title}`, async () => {
      const tenant = await freshCoast(buoy, bare)
      checkNoContent(await purge(query, tenant))
      expect(await left(tenant)).to.have.deep.members(after)
    })
  }

  it('leaves untouched what loses nothing: modifiedAt stays', async () => {
    const tenant = await freshCoast(buoy)
    const path = `${ENTITIES}/${gaugeId('Brest')}?options=sysAttrs`
    const before = await read(broker, path, tenant)
    checkNoContent(await purge('?type=*&drop=battery', tenant))
    expect(await read(broker, path, tenant)).to.deep.equal(before)
  })

  it('reads names in the @context of the Link header (5.5.7)', async () => {
    const tenant = await freshCoast({ ...gauge('Shore', { type: 'Gauge', level: 1 }), '@context': SHORE })
    checkNoContent(await purge('?type=Gauge&drop=level', { ...tenant, link: contextLink(SHORE) }))
    expect(
      await read(broker, `${ENTITIES}/${gaugeId('Shore')}`, { ...tenant, link: contextLink(SHORE) }),
    ).to.deep.equal(gauge('Shore', { type: 'Gauge' }))
    expect(await read(broker, `${ENTITIES}/${gaugeId('Brest')}`, tenant)).to.deep.equal(brest)
  })

  it('goes on page after page, and history keeps what was there', async () => {
    const names = Array.from({ length: 450 }, (_, index) => `Paged${String(index).padStart(3, '0')}`)
    const tenant = await freshCoast()
    const batch = broker.request.post(`${API}/entityOperations/create`).set(tenant)
    await batch.send(names.map((name) => gauge(name, { depth: 1 }))).expect(201)
    checkNoContent(await purge('?attrs=depth', tenant))
    expect(await left(tenant)).to.deep.equal([brest])
    const history = (await read(broker, `${API}/temporal/entities/${gaugeId('Paged449')}`, tenant)) as Record<
      string,
      JsonObject[]
    >
    expect(history['depth']?.map(({ value }) => value)).to.deep.equal([1, 'urn:ngsi-ld:null'])
  })

  const refusals: readonly (readonly [title: string, query: string, says: string])[] = [
    ['no filter at all', '', 'type'],
    ['ids alone', `?id=${gaugeId('Brest')}`, 'type'],
    ['a pattern of ids alone', '?idPattern=.*', 'type'],
    ['keep alone', '?keep=level', 'type'],
    ['drop of the scope alone', '?drop=scope', 'type'],
    ['a scope query alone', '?scopeQ=/SHOM', 'type'],
    ['a query for a system attribute alone', '?q=createdAt>2020-01-01T00:00:00Z', 'type'],
    ['a query into linked entities', '?q=operator{name=="x"}', 'q'],
    ['a query that is none', '?q=level>>1', 'q'],
    ['a geo-query that is none', '?type=*&georel=near', 'georel'],
    ['a csf that is none', '?type=*&csf=((', 'csf'],
    ['keep together with drop', '?type=*&keep=level&drop=battery', 'keep'],
    ['an id that is no URI', '?type=*&id=Brest', 'id'],
    ['a pattern that is none', '?type=*&idPattern=(', 'idPattern'],
    ['a type selection that is none', '?type=(', 'type'],
    ['dropping the type', '?type=*&drop=type', 'type'],
    ['dropping what is no name', '?type=*&drop=a%20b', 'drop'],
    ['an empty item', '?type=*&drop=level,', 'drop'],
    ['type=* with local=false (4.17)', '?type=*&local=false', 'type'],
  ]
  for (const [title, query, says] of refusals) {
    it(`refuses ${title}, and deletes nothing`, async () => {
      const tenant = await freshCoast()
      checkProblem(await purge(query, tenant), badRequestData(says))
      expect(await left(tenant)).to.deep.equal([brest])
    })
  }

  it('refuses an entity map, of which there are none', async () => {
    const tenant = await freshCoast()
    const response = await purge('?type=*', { ...tenant, 'ngsild-entitymap': 'urn:ngsi-ld:EntityMap:1' })
    checkProblem(response, { status: 422, name: 'OperationNotSupported', says: 'NGSILD-EntityMap' })
  })

  it('is a 404 where the tenant is unknown (5.5.10)', async () => {
    const problem = { status: 404, name: 'NonexistentTenant', says: 'nobody' } as const
    checkProblem(await purge('?type=*', { 'ngsild-tenant': 'nobody' }), problem)
  })
})
