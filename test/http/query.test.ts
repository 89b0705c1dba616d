import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { API, badRequestData, checkProblem, create, ENTITIES, property, send } from './support.ts'

const QUERY = `${API}/entityOperations/query`

/** What each gauge and buoy is known by here: the end of its id. */
const shore: readonly JsonObject[] = [
  {
    id: 'urn:ngsi-ld:TideGauge:Brest',
    type: 'TideGauge',
    scope: '/France/Bretagne',
    level: property(4.5, { unitCode: 'MTR', accuracy: property(0.01) }),
    name: { type: 'LanguageProperty', languageMap: { fr: 'Brest', br: 'Brest-Penn-ar-Bed' } },
    location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [-4.495, 48.383] } },
  },
  {
    id: 'urn:ngsi-ld:TideGauge:Calais',
    type: 'TideGauge',
    scope: ['/France/Artois', '/Manche'],
    level: property(6.1),
    place: property({ city: { name: 'Calais' } }),
    location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [1.868, 50.969] } },
  },
  {
    id: 'urn:ngsi-ld:Buoy:Molène',
    type: ['Buoy', 'Sensor'],
    state: { type: 'VocabProperty', vocab: 'adrift' },
    calibration: { type: 'JsonProperty', json: { type: 'wave', level: 3 } },
    level: [property(1), property(2, { datasetId: 'urn:ngsi-ld:Dataset:model' })],
    location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [-5.03, 48.37] } },
  },
  { id: 'urn:ngsi-ld:Buoy:Ouessant', type: 'Buoy', depth: property(110) },
]

/** A way to ask, and the names of those that are found. */
type Case = readonly [parameters: Readonly<Record<string, string>>, names: readonly string[]]

const near = { georel: 'near;maxDistance==50000', geometry: 'Point', coordinates: '[-4.5,48.4]' }

const cases: readonly Case[] = [
  [{ type: 'TideGauge' }, ['Brest', 'Calais']],
  [{ type: '(Buoy;Sensor)' }, ['Molène']],
  [{ type: 'TideGauge|Sensor' }, ['Brest', 'Calais', 'Molène']],
  [{ type: '*' }, ['Brest', 'Calais', 'Molène', 'Ouessant']],
  [{ type: 'TideGauge', idPattern: 'Cal' }, ['Calais']],
  [{ type: 'TideGauge', id: 'urn:ngsi-ld:TideGauge:Brest', idPattern: 'Cal' }, ['Brest']],
  [{ q: 'level>4' }, ['Brest', 'Calais']],
  [{ q: 'level>4;level<6|depth' }, ['Brest', 'Ouessant']],
  [{ q: 'level.accuracy==0.01' }, ['Brest']],
  [{ q: 'place[city.name]=="Calais"' }, ['Calais']],
  [{ q: 'name[br]~="Penn"' }, ['Brest']],
  [{ q: 'calibration[level]==3', jsonKeys: 'calibration' }, ['Molène']],
  [{ q: 'state=="adrift"' }, ['Molène']],
  [{ attrs: 'level,depth', q: 'level==1' }, ['Molène']],
  [{ local: 'true', scopeQ: '/France/#' }, ['Brest', 'Calais']],
  [{ type: 'TideGauge', scopeQ: '(/France/+;/Manche)' }, ['Calais']],
  [near, ['Brest', 'Molène']],
  [{ ...near, q: 'level>4' }, ['Brest']],
  [{ type: 'TideGauge', csf: 'owner=="SHOM"' }, ['Brest', 'Calais']],
  [{ type: 'TideGauge', splitEntities: 'false', entityMap: 'false' }, ['Brest', 'Calais']],
]

function namesOf(response: Response): readonly string[] {
  expect(response.status, response.text).to.equal(200)
  return (response.body as { id: string }[]).map(({ id }) => id.split(':').at(-1) ?? '')
}

/** The document that asks for what URL parameters ask for (5.2.23). */
function documentOf({ type, id, idPattern, georel, geometry, ...others }: Case[0]): JsonObject {
  const { coordinates, attrs, entityMap, splitEntities, local: _inTheUrl, ...same } = others
  return {
    type: 'Query',
    ...same,
    ...(type !== undefined && { entities: [{ type, ...(id && { id }), ...(idPattern && { idPattern }) }] }),
    ...(georel &&
      geometry &&
      coordinates && { geoQ: { georel, geometry, coordinates: JSON.parse(coordinates) as Json } }),
    ...(attrs && { attrs: attrs.split(',') }),
    ...(entityMap && { entityMap: entityMap === 'true' }),
    ...(splitEntities && { splitEntities: splitEntities === 'true' }),
  }
}

describeOnStores('queries (5.7.2, 6.4.3.2, 6.23)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    for (const entity of shore) await create(broker, entity)
  })

  const get = (parameters: Case[0]): Promise<Response> =>
    Promise.resolve(broker.request.get(`${ENTITIES}?${new URLSearchParams(parameters).toString()}`))
  const post = (document: JsonObject, url = ''): Promise<Response> =>
    send(broker, { method: 'post', path: `${QUERY}${url}` }, document)

  for (const [parameters, names] of cases) {
    const asked = JSON.stringify(parameters)
    it(`${asked} finds ${names.join(', ')}, by URL and by document`, async () => {
      expect(namesOf(await get(parameters))).to.have.members(names)
      const url = parameters['local'] === undefined ? '' : '?local=true'
      expect(namesOf(await post(documentOf(parameters), url))).to.have.members(names)
    })
  }

  it('several selectors of a document are alternatives, each with its ids or its pattern (5.2.33)', async () => {
    const entities = [
      { type: 'TideGauge', id: ['urn:ngsi-ld:TideGauge:Brest', 'urn:ngsi-ld:Buoy:Ouessant'] },
      { type: 'Buoy', idPattern: 'Mol' },
    ]
    expect(namesOf(await post({ type: 'Query', entities }))).to.have.members(['Brest', 'Molène'])
  })

  it('a document in ld+json brings its own @context (6.3.5)', async () => {
    const context = { Marégraphe: 'https://uri.etsi.org/ngsi-ld/default-context/TideGauge' }
    const entities = [{ type: 'Marégraphe' }]
    const response = await post({ '@context': context, type: 'Query', entities }, '?limit=1&format=simplified')
    expect(namesOf(response)).to.deep.equal(['Brest'])
    expect(response.body).to.deep.include.members([{ ...(response.body as JsonObject[])[0], type: 'Marégraphe' }])
  })

  it('pages of a document are linked at the same path (5.5.9)', async () => {
    const document = { type: 'Query', entities: [{ type: 'Buoy' }] }
    const first = await post(document, '?limit=1&count=true')
    expect(first.headers['ngsild-results-count']).to.equal('2')
    const [, next = ''] = /<([^>]*)>; rel="next"/.exec(String(first.headers['link'])) ?? []
    expect(next).to.match(new RegExp(`^${QUERY}\\?`))
    const second = await send(broker, { method: 'post', path: next }, document)
    expect([...namesOf(first), ...namesOf(second)]).to.deep.equal(['Molène', 'Ouessant'])
  })

  describe('too wide (5.7.2.4)', () => {
    for (const parameters of [
      { scopeQ: '/France/#' },
      { idPattern: '.*' },
      { q: 'modifiedAt>2020-01-01T00:00:00Z' },
      { q: 'createdAt>2020-01-01T00:00:00Z|expiresAt' },
      { pick: 'level' },
      { csf: 'owner' },
    ]) {
      it(`${JSON.stringify(parameters)} alone is refused, by URL and by document`, async () => {
        checkProblem(await get(parameters), badRequestData('too wide'))
        const { pick, ...others } = parameters as Case[0]
        const { idPattern, ...words } = others
        const document = { ...words, ...(pick && { pick: [pick] }) }
        if (idPattern === undefined)
          checkProblem(await post({ type: 'Query', ...document }), badRequestData('too wide'))
      })
    }

    it('a system attribute beside another is narrow enough', async () => {
      expect(namesOf(await get({ q: 'createdAt>2020-01-01T00:00:00Z;depth' }))).to.deep.equal(['Ouessant'])
    })

    it('local=true takes anything', async () => {
      expect(namesOf(await get({ local: 'true' }))).to.have.length(4)
    })
  })

  describe('what is shown', () => {
    const show = async (query: string): Promise<unknown> => {
      const response = await broker.request.get(`${ENTITIES}/urn:ngsi-ld:TideGauge:Brest?${query}`)
      expect(response.status, response.text).to.equal(200)
      return response.body
    }

    it('pick shows these members alone, of a list and of one entity (4.21)', async () => {
      const shown = { id: 'urn:ngsi-ld:TideGauge:Brest', scope: '/France/Bretagne' }
      expect(await show('pick=id,scope')).to.deep.equal(shown)
      expect((await get({ type: 'TideGauge', pick: 'id|scope', limit: '1' })).body).to.deep.equal([shown])
      const document = { type: 'Query', entities: [{ type: 'TideGauge' }], pick: ['id', 'scope'] }
      expect((await post(document, '?limit=1')).body).to.deep.equal([shown])
    })

    it('omit shows the others (4.21)', async () => {
      expect(await show('omit=level,name,location,type')).to.deep.equal({
        id: 'urn:ngsi-ld:TideGauge:Brest',
        scope: '/France/Bretagne',
      })
    })

    it('pick filters no entities, attrs does (4.21, 5.7.2.4)', async () => {
      expect(namesOf(await get({ type: 'Buoy', pick: 'id,depth' }))).to.deep.equal(['Molène', 'Ouessant'])
      expect(namesOf(await get({ type: 'Buoy', attrs: 'depth' }))).to.deep.equal(['Ouessant'])
    })

    it('datasetId shows these instances, and no attribute that has none of them (4.5.5)', async () => {
      const datasetId = 'urn:ngsi-ld:Dataset:model'
      const [buoy] = (await get({ q: 'calibration', datasetId })).body as JsonObject[]
      expect(buoy).to.deep.equal({
        id: 'urn:ngsi-ld:Buoy:Molène',
        type: ['Buoy', 'Sensor'],
        level: { type: 'Property', value: 2, datasetId },
      })
      const [other] = (await get({ q: 'calibration', datasetId: '@none', pick: 'level' })).body as JsonObject[]
      expect(other).to.deep.equal({ level: { type: 'Property', value: 1 } })
    })

    it('lang chooses a language (4.15)', async () => {
      expect(await show('pick=name&lang=br')).to.deep.equal({
        name: { type: 'Property', value: 'Brest-Penn-ar-Bed', lang: 'br' },
      })
      expect(await show('pick=name&lang=en,fr;q=0.5&format=simplified')).to.deep.equal({ name: 'Brest' })
    })

    it('GeoJSON takes its geometry from geometryProperty (6.3.15)', async () => {
      const path = `${ENTITIES}/urn:ngsi-ld:TideGauge:Brest`
      const feature = (query: string): Promise<Response> =>
        Promise.resolve(broker.request.get(`${path}${query}`).set('accept', 'application/geo+json'))
      expect((await feature('')).body).to.have.nested.property('geometry.type', 'Point')
      expect((await feature('?geometryProperty=level')).body).to.have.property('geometry', null)
      checkProblem(await broker.request.get(`${path}?geometryProperty=level`), badRequestData('geometryProperty'))
      checkProblem(await get({ type: 'Buoy', geometryProperty: 'location' }), badRequestData('geometryProperty'))
    })

    it('type selects on one entity, too (4.17, 6.5.3.1)', async () => {
      expect(await show('type=TideGauge&pick=id')).to.deep.equal({ id: 'urn:ngsi-ld:TideGauge:Brest' })
      const response = await broker.request.get(`${ENTITIES}/urn:ngsi-ld:TideGauge:Brest?type=Buoy`)
      expect(response.status).to.equal(404)
    })
  })

  describe('orderBy (4.23)', () => {
    for (const [parameters, names] of [
      [{ orderBy: 'level' }, ['Molène', 'Brest', 'Calais', 'Ouessant']],
      [{ orderBy: 'level;desc' }, ['Calais', 'Brest', 'Molène', 'Ouessant']],
      [{ orderBy: 'id;desc' }, ['Calais', 'Brest', 'Ouessant', 'Molène']],
      [{ orderBy: 'location;dist-asc', orderFrom: '[-5,48.4]' }, ['Molène', 'Brest', 'Calais', 'Ouessant']],
      [{ orderBy: 'level', limit: '2', offset: '1' }, ['Brest', 'Calais']],
    ] as const) {
      it(`${JSON.stringify(parameters)} orders`, async () => {
        expect(namesOf(await get({ local: 'true', ...parameters }))).to.deep.equal(names)
      })
    }

    it('orders what a document asks for, in any-type queries without local=true (5.2.43)', async () => {
      const ordering = { orderBy: ['location;dist-desc'], coordinates: [-5, 48.4], collation: 'fr' }
      const response = await post({ type: 'Query', entities: [{ type: '*' }], ordering })
      expect(namesOf(response)).to.deep.equal(['Calais', 'Brest', 'Molène', 'Ouessant'])
    })

    it('its pages are linked by offset (5.5.9)', async () => {
      const first = await get({ local: 'true', orderBy: 'level', limit: '3' })
      const link = String(first.headers['link'])
      expect(link).to.contain('offset=3').and.contain('rel="next"').and.not.contain('cursor')
    })
  })

  it('an offset past the end answers the last entity (6.3.10)', async () => {
    const response = await get({ type: 'Buoy', offset: '50', limit: '1' })
    expect(namesOf(response)).to.deep.equal(['Ouessant'])
    expect(String(response.headers['link'])).to.contain('offset=0').and.not.contain('rel="next"')
    expect(namesOf(await get({ type: 'Ferry', offset: '50' }))).to.deep.equal([])
  })

  describe('what is refused', () => {
    const refusals: readonly (readonly [Case[0], string | RegExp])[] = [
      [{ q: 'level>' }, /^q:/],
      [{ q: 'sensor{level>1}' }, /q: .*join/],
      [{ q: 'a{b{level>1}}', join: 'inline' }, /q: .*joinLevel/],
      [{ q: 'level.observedAt>2026-03-20T08:00:00+01:00' }, /^q: .*DateTime/],
      [{ idPattern: '' }, /^idPattern:/],
      [{ scopeQ: '/a//b' }, /^scopeQ:/],
      [{ csf: '=' }, /^csf:/],
      [{ georel: 'within' }, /^geometry:/],
      [{ ...near, coordinates: '[1' }, /^coordinates:/],
      [{ attrs: 'scope' }, /^attrs:/],
      [{ pick: '' }, /^pick:/],
      [{ omit: 'level,' }, /^omit:/],
      [{ pick: 'sensor{name}' }, /pick: .*join/],
      [{ omit: 'a{b{c}}', join: 'flat' }, /omit: .*joinLevel/],
      [{ datasetId: 'model' }, /^datasetId:/],
      [{ lang: 'fr;q=2' }, /^lang:/],
      [{ join: 'all' }, /^join:/],
      [{ join: 'flat', joinLevel: '0' }, /^joinLevel:/],
      [{ join: 'flat', joinLevel: '17' }, /^joinLevel:/],
      [{ join: 'flat', containedBy: 'Brest' }, /^containedBy:/],
      [{ orderBy: 'level' }, /orderBy: .*local/],
      [{ local: 'true', orderBy: 'level;up' }, /^orderBy:/],
      [{ local: 'true', orderBy: 'location;dist-asc' }, /^orderFrom:/],
      [{ local: 'true', orderBy: 'name', collation: 'x-none-of-it' }, /^collation:/],
      [{ local: 'true', collation: 'fr' }, /^collation:/],
      [{ local: 'true', orderBy: 'level', cursor: 'dXJu' }, /^cursor:/],
      [{ splitEntities: 'maybe' }, /^splitEntities:/],
    ]
    for (const [parameters, says] of refusals) {
      it(`${JSON.stringify(parameters)} (5.7.2.4)`, async () => {
        checkProblem(await get({ type: 'TideGauge', ...parameters }), badRequestData(says))
      })
    }

    it('near and orders by distance that would hold up the broker (4.10, 4.23)', async () => {
      const zigzag = (east: number): Json =>
        Array.from({ length: 2_000 }, (_, at) => [east + (at % 2) * 10, (at % 2) * 10 + at / 1e6])
      const value = { type: 'LineString', coordinates: zigzag(0) }
      await create(broker, { id: 'urn:ngsi-ld:Shore:1', type: 'Shore', location: { type: 'GeoProperty', value } })
      const [entities, geometry, coordinates] = [[{ type: 'Shore' }], 'LineString', zigzag(1)]
      const problem = { status: 403, name: 'TooComplexQuery', says: /^coordinates/ } as const
      const geoQ = { georel: 'near;maxDistance==20000', geometry, coordinates }
      checkProblem(await post({ type: 'Query', entities, geoQ, pick: ['id'] }), problem)
      const ordering = { orderBy: ['location;dist-asc'], geometry, coordinates }
      checkProblem(
        await post({ type: 'Query', entities: [...entities, { type: 'Buoy' }], ordering, pick: ['id'] }, '?local=true'),
        problem,
      )
      await broker.request.delete(`${ENTITIES}/urn:ngsi-ld:Shore:1`)
    })

    it('what is meant for a snapshot: it is not answered from, or done to, what is there now (5.5.15, 6.3.22)', async () => {
      const problem = { status: 422, name: 'OperationNotSupported', says: /^NGSILD-Snapshot/ } as const
      const snapshot = { 'ngsild-snapshot': 'urn:ngsi-ld:Snapshot:1' }
      checkProblem(await broker.request.get(`${ENTITIES}?type=Buoy`).set(snapshot), problem)
      checkProblem(await broker.request.delete(`${ENTITIES}?type=Buoy`).set(snapshot), problem)
      expect(namesOf(await get({ type: 'Buoy' }))).to.have.length(2)
    })

    it('an entity that attrs or type leaves out, naming them (5.7.1.4)', async () => {
      for (const query of ['attrs=depth', 'type=Buoy']) {
        const response = await broker.request.get(`${ENTITIES}/urn:ngsi-ld:TideGauge:Brest?${query}`)
        checkProblem(response, { status: 404, name: 'ResourceNotFound', says: /type and attrs/ })
      }
    })

    const many = (count: number, name: string): string[] =>
      Array.from({ length: count }, (_, at) => `${name}${String(at)}`)
    const selectors = (count: number): JsonObject[] => many(count, 'Ferry').map((type) => ({ type }))
    const values = (count: number): string => `harbour==${many(count, 'Quay').join(',')}`

    it('more conditions than can be looked at (5.5.4), but not as many as that', async () => {
      const problem = { status: 403, name: 'TooComplexQuery', says: /attrs/ } as const
      for (const document of [
        { attrs: many(2_001, 'a') },
        { entities: selectors(2_001) },
        { q: values(2_001) },
        { entities: selectors(1_500), q: values(501) },
      ]) {
        checkProblem(await post({ type: 'Query', ...document }), problem)
      }
      for (const document of [
        { attrs: [...many(1_999, 'a'), 'depth'] },
        { entities: [...selectors(1_998), { type: 'Buoy', id: 'urn:ngsi-ld:Buoy:Ouessant' }] },
        { q: `${values(1_999)}|depth` },
      ]) {
        expect(namesOf(await post({ type: 'Query', ...document }))).to.deep.equal(['Ouessant'])
      }
    })

    it('entity maps, by parameter, by header and by document (4.3.6.7)', async () => {
      const problem = { status: 422, name: 'OperationNotSupported', says: /entityMap/i } as const
      checkProblem(await get({ type: 'Buoy', entityMap: 'true' }), problem)
      checkProblem(await broker.request.get(`${ENTITIES}?type=Buoy`).set('ngsild-entitymap', 'urn:x:1'), problem)
      checkProblem(await post({ type: 'Query', entities: [{ type: 'Buoy' }], entityMap: true }), problem)
    })

    const documents: readonly (readonly [JsonObject, string | RegExp])[] = [
      [{ entities: [{ type: 'Buoy' }] }, /^type:/],
      [{ type: 'Query', temporalQ: { timerel: 'before' } }, /^temporalQ:/],
      [{ type: 'Query', aggrParams: {} }, /^aggrParams:/],
      [{ type: 'Query', limit: 5 }, /^limit:/],
      [{ type: 'Query', entities: [] }, /^entities:/],
      [{ type: 'Query', entities: [{ id: 'urn:ngsi-ld:Buoy:1' }] }, /^entities\[0\]\.type:/],
      [{ type: 'Query', entities: [{ type: 'Buoy', id: 'Brest' }] }, /^entities\[0\]\.id:/],
      [{ type: 'Query', entities: [{ type: 'Buoy' }, { type: '(' }] }, /^entities\[1\]\.type:/],
      [{ type: 'Query', entities: [{ type: 'Buoy', idPattern: '(' }] }, /^entities\[0\]\.idPattern:/],
      [{ type: 'Query', entities: [{ type: 'Buoy', name: 'x' }] }, /^entities\[0\]\.name:/],
      [{ type: 'Query', geoQ: { georel: 'within' } }, /^geoQ\.geometry:/],
      [{ type: 'Query', attrs: [] }, /^attrs:/],
      [{ type: 'Query', pick: 'level' }, /^pick:/],
      [{ type: 'Query', q: 1 }, /^q:/],
      [{ type: 'Query', q: 'level', joinLevel: 1.5 }, /^joinLevel:/],
      [{ type: 'Query', q: 'level', ordering: { collation: 'fr' } }, /^ordering\.orderBy:/],
      [{ type: 'Query', entities: [{ type: 'Buoy' }], expandValues: 'a,,b' }, /^expandValues:/],
      [{ type: 'Query', entities: [{ type: 'Buoy' }], __proto__x: 1 }, /^__proto__x:/],
    ]
    for (const [document, says] of documents) {
      it(`${JSON.stringify(document)} (5.2.23)`, async () => {
        checkProblem(await post(document), badRequestData(says))
      })
    }

    it('a body that is no object (5.2.23)', async () => {
      checkProblem(await post([] as unknown as JsonObject), badRequestData('query'))
    })
  })
})
