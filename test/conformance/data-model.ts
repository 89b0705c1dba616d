/** Clauses 4.4 to 4.8, 4.14, 4.16, 4.18, 4.22 and annex B: what an entity may be, and what comes back of it. */
import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Api } from './api.ts'
import { checkError, checkNoContent, CORE, DEFAULT, gauge, gaugeId, gaugePath, LD, property } from './api.ts'
import type { RulesOf } from './checklist.ts'
import type { Check } from './check.ts'

type Rules = RulesOf<'4.4 ' | '4.5' | '4.6' | '4.7' | '4.8' | '4.14' | '4.16' | '4.18' | '4.22' | 'B '>

/** Creation must be refused, and name the member. */
async function refuses(api: Api, members: JsonObject, says: string | RegExp): Promise<void> {
  checkError(await api.send('post', '/entities', gauge('refused', members)), 'BadRequestData', says)
  expect((await api.send('get', gaugePath('refused'))).status).to.equal(404)
}

/** The members of a gauge as they come back. */
async function read(api: Api, name: string, query = ''): Promise<JsonObject> {
  return (await api.get(`${gaugePath(name)}${query}`)) as JsonObject
}

const inPort = { type: 'Point', coordinates: [-2.03, 48.64] }
const dataset = 'urn:ngsi-ld:dataset:radar'

export const dataModel: Readonly<Record<Rules, Check>> = {
  '4.4 Core context applied last even if absent or listed first': async (api) => {
    const own = { observedAt: 'https://littoral.example/observedAt', level: 'https://littoral.example/level' }
    const level = property(3, { observedAt: '2026-03-20T05:50:00Z' })
    await api.create({ '@context': [CORE, own], ...gauge('first', { level }) })
    await api.create({ '@context': own, ...gauge('absent', { level }) })
    for (const name of ['first', 'absent']) {
      expect((await read(api, name))['https://littoral.example/level']).to.deep.equal(level)
    }
  },
  '4.4 Core terms cannot be redefined by users': async (api) => {
    const redefining = { value: 'https://littoral.example/worth', unitCode: 'https://littoral.example/unit' }
    await api.create({ '@context': redefining, ...gauge('redefined', { level: property(3, { unitCode: 'MTR' }) }) })
    expect((await read(api, 'redefined'))['level']).to.deep.equal(property(3, { unitCode: 'MTR' }))
  },
  '4.5.0 JSON null is never stored': async (api) => {
    await refuses(api, { level: null }, 'level')
    await refuses(api, { level: property(null) }, 'level')
    await api.create(gauge('nulls', { place: property({ quay: 'Vauban', berth: null }) }))
    expect((await read(api, 'nulls'))['place']).to.deep.equal(property({ quay: 'Vauban' }))
  },
  '4.5.1 No @context inside attributes': async (api) => {
    await refuses(api, { level: property(1, { '@context': CORE }) }, '@context')
  },
  '4.5.2.2 Integer and float are one number type; 1.0 may return as 1': async (api) => {
    await api.create(gauge('number', { level: property(1) }))
    for (const number of ['1', '1.0', '1e0']) {
      expect(await api.find(`type=TideGauge&q=level==${number}`), number).to.deep.equal(['number'])
    }
  },
  '4.5.2.2 Foreign value members (object in a Property) rejected': async (api) => {
    await refuses(api, { level: property(1, { object: 'urn:ngsi-ld:Port:1' }) }, 'object')
    await refuses(api, { owner: { type: 'Relationship', value: 'urn:ngsi-ld:Port:1' } }, 'owner')
    await refuses(api, { name: { type: 'LanguageProperty', value: 'x', languageMap: { fr: 'x' } } }, 'value')
  },
  '4.5.2.3 Concise out drops every attribute `type`': async (api) => {
    const level = property(1, { unitCode: 'MTR', accuracy: property(0.1, { unitCode: 'MTR' }) })
    await api.create(gauge('concise', { level, owner: { type: 'Relationship', object: 'urn:ngsi-ld:Port:1' } }))
    expect(await read(api, 'concise', '?format=concise')).to.deep.equal({
      ...gauge('concise'),
      level: { value: 1, unitCode: 'MTR', accuracy: { value: 0.1, unitCode: 'MTR' } },
      owner: { object: 'urn:ngsi-ld:Port:1' },
    })
  },
  '4.5.3 Relationship object may be a URI array': async (api) => {
    const owners = { type: 'Relationship', object: ['urn:ngsi-ld:Port:1', 'urn:ngsi-ld:Port:2'] }
    await api.create(gauge('owned', { owners }))
    expect((await read(api, 'owned'))['owners']).to.deep.equal(owners)
  },
  '4.5.4 Simplified keeps languageMap/vocab/json wrappers': async (api) => {
    const members = {
      name: { type: 'LanguageProperty', languageMap: { fr: 'marégraphe' } },
      state: { type: 'VocabProperty', vocab: 'working' },
      raw: { type: 'JsonProperty', json: { a: [1] } },
      level: property(2),
    }
    await api.create(gauge('wrapped', members))
    expect(await read(api, 'wrapped', '?format=simplified')).to.deep.equal({
      ...gauge('wrapped'),
      ...{
        name: { languageMap: { fr: 'marégraphe' } },
        state: { vocab: 'working' },
        raw: { json: { a: [1] } },
        level: 2,
      },
    })
  },
  '4.5.4 Multi-instance simplified uses `dataset` with @none': async (api) => {
    await api.create(gauge('several', { level: [property(1), property(2, { datasetId: dataset })] }))
    const simplified = await read(api, 'several', '?options=keyValues')
    expect(simplified['level']).to.deep.equal({ dataset: { '@none': 1, [dataset]: 2 } })
  },
  '4.5.5.1 Two default instances in one request: BadRequestData': async (api) => {
    await refuses(api, { level: [property(1), property(2)] }, 'level')
    await refuses(api, { level: [property(1), property(2, { datasetId: '@none' })] }, 'level')
  },
  '4.5.5.1 "@none" in equals no datasetId; out never shown': async (api) => {
    await api.create(gauge('default', { level: property(1, { datasetId: '@none' }) }))
    expect((await read(api, 'default'))['level']).to.deep.equal(property(1))
  },
  '4.5.5.1 One instance out: object; several: array': async (api) => {
    await api.create(
      gauge('counted', { level: [property(1)], depth: [property(1), property(2, { datasetId: dataset })] }),
    )
    const { level, depth } = await read(api, 'counted')
    expect(level).to.deep.equal(property(1))
    expect(depth).to.have.deep.members([property(1), property(2, { datasetId: dataset })])
  },
  '4.5.16.1 Missing geometry gives null, not an error': async (api) => {
    await api.create(gauge('nowhere', { level: property(1) }))
    const feature = (await api.get(gaugePath('nowhere'), { accept: 'application/geo+json' })) as JsonObject
    expect(feature).to.include({ id: gaugeId('nowhere'), type: 'Feature', geometry: null })
  },
  '4.5.16.2 Chosen GeoProperty also stays in properties': async (api) => {
    await api.create(gauge('placed', { location: { type: 'GeoProperty', value: inPort } }))
    const feature = (await api.get(gaugePath('placed'), { accept: 'application/geo+json' })) as JsonObject
    expect(feature['geometry']).to.deep.equal(inPort)
    expect(feature['properties']).to.deep.equal({ type: 'TideGauge', location: { type: 'GeoProperty', value: inPort } })
  },
  '4.5.18 languageMap values: string or string[]': async (api) => {
    const name = { type: 'LanguageProperty', languageMap: { fr: 'marégraphe', br: ['mareer', 'mare'] } }
    await api.create(gauge('named', { name }))
    expect((await read(api, 'named'))['name']).to.deep.equal(name)
    await refuses(api, { name: { type: 'LanguageProperty', languageMap: { fr: 3 } } }, 'name')
  },
  '4.5.20 vocab stored expanded, returned compacted': async (api) => {
    const context = { working: 'https://littoral.example/state#working' }
    await api.create({ '@context': context, ...gauge('vocab', { state: { type: 'VocabProperty', vocab: 'working' } }) })
    const state = (await read(api, 'vocab'))['state'] as JsonObject
    expect(state['vocab']).to.equal('https://littoral.example/state#working')
  },
  '4.5.22 objectList normalized as {object} items, concise URIs': async (api) => {
    const route = { type: 'ListRelationship', objectList: ['urn:ngsi-ld:Port:2', 'urn:ngsi-ld:Port:1'] }
    await api.create(gauge('listed', { route }))
    expect((await read(api, 'listed'))['route']).to.deep.equal({
      type: 'ListRelationship',
      objectList: [{ object: 'urn:ngsi-ld:Port:2' }, { object: 'urn:ngsi-ld:Port:1' }],
    })
    const concise = await read(api, 'listed', '?format=concise')
    expect(concise['route']).to.deep.equal({ objectList: ['urn:ngsi-ld:Port:2', 'urn:ngsi-ld:Port:1'] })
  },
  '4.5.23 Links without objectType and not local stay unexpanded': async (api) => {
    await api.create({ id: 'urn:ngsi-ld:Port:here', type: 'Port', name: property('Saint-Malo') })
    const link = (id: string): Json => ({ type: 'Relationship', object: `urn:ngsi-ld:Port:${id}` })
    await api.create(gauge('linking', { owner: link('here'), former: link('elsewhere') }))
    const { owner, former } = await read(api, 'linking', '?join=inline')
    expect(owner).to.have.nested.property('entity.name.value', 'Saint-Malo')
    expect(former).to.deep.equal(link('elsewhere'))
  },
  '4.5.24 json keys never expanded, `type`/`id` inside untouched': async (api) => {
    const raw = { type: 'JsonProperty', json: { type: 'Property', id: 7, level: { value: null }, '@id': 'x' } }
    await api.create({ '@context': { level: 'https://littoral.example/level' }, ...gauge('json', { raw }) })
    expect((await read(api, 'json'))['raw']).to.deep.equal(raw)
  },
  '4.6.2 Illegal characters in names: BadRequestData': async (api) => {
    for (const name of ['water level', 'level(1)', '1level', 'a=b', '<level>']) {
      await refuses(api, { [name]: property(1) }, name)
    }
  },
  '4.6.3 Offsets like +02:00 refused': async (api) => {
    await refuses(api, { level: property(1, { observedAt: '2026-03-20T07:50:00+02:00' }) }, 'observedAt')
  },
  '4.6.3 More than 6 fraction digits refused': async (api) => {
    await refuses(api, { level: property(1, { observedAt: '2026-03-20T07:50:00.1234567Z' }) }, 'observedAt')
    await api.create(gauge('micros', { level: property(1, { observedAt: '2026-03-20T07:50:00.123456Z' }) }))
  },
  '4.7.1 GeometryCollection refused': async (api) => {
    await refuses(
      api,
      { location: { type: 'GeoProperty', value: { type: 'GeometryCollection', geometries: [inPort] } } },
      'location',
    )
  },
  '4.7.2 Geometry given as JSON string accepted': async (api) => {
    await api.create(gauge('text', { location: { type: 'GeoProperty', value: JSON.stringify(inPort) } }))
    expect((await read(api, 'text'))['location']).to.deep.equal({ type: 'GeoProperty', value: inPort })
  },
  '4.8 Unknown timestamps omitted, never an error': async (api) => {
    await api.create(gauge('timeless', { level: property(1) }))
    const shown = (await read(api, 'timeless', '?options=sysAttrs'))['level']
    expect(shown).to.include.keys('createdAt', 'modifiedAt')
    expect(shown).to.not.have.any.keys('observedAt', 'deletedAt', 'expiresAt')
  },
  '4.14 Tenants share nothing, registrations included': async (api) => {
    await api.create(gauge('own', { level: property(1) }))
    const elsewhere = { 'ngsild-tenant': `${api.tenant}-other` }
    await api.create(gauge('other'), elsewhere)
    expect((await api.send('get', gaugePath('own'), undefined, elsewhere)).status).to.equal(404)
    expect(await api.find('type=TideGauge')).to.deep.equal(['own'])
    expect(await api.get('/subscriptions', elsewhere)).to.deep.equal([])
  },
  '4.16 Same id, other type: still the same entity': async (api) => {
    await api.create(gauge('twofold', { level: property(1) }))
    checkError(await api.send('post', '/entities', { ...gauge('twofold'), type: 'Buoy' }), 'AlreadyExists')
    checkNoContent(await api.send('post', gaugePath('twofold', '/attrs'), { type: 'Buoy', depth: property(4) }))
    const entity = await read(api, 'twofold')
    expect(entity['type']).to.have.members(['TideGauge', 'Buoy'])
    expect(entity).to.include.keys('level', 'depth')
  },
  '4.18 scope: one instance, single string or array': async (api) => {
    await api.create(gauge('single', { scope: '/Bretagne/SaintMalo' }))
    await api.create(gauge('double', { scope: ['/Bretagne', '/Ports'] }))
    expect((await read(api, 'single'))['scope']).to.equal('/Bretagne/SaintMalo')
    expect((await read(api, 'double'))['scope']).to.deep.equal(['/Bretagne', '/Ports'])
    await refuses(api, { scope: { type: 'Property', value: '/Bretagne' } }, 'scope')
  },
  '4.22 expiresAt shown only with sysAttrs': async (api) => {
    const expiresAt = '2126-01-01T00:00:00Z'
    await api.create(gauge('mortal', { expiresAt, level: property(1, { expiresAt }) }))
    const plain = await read(api, 'mortal')
    expect(plain).to.not.have.property('expiresAt')
    expect(plain['level']).to.deep.equal(property(1))
    const full = await read(api, 'mortal', '?options=sysAttrs')
    expect(full).to.include({ expiresAt })
    expect(full['level']).to.include({ expiresAt })
  },
  'B Default vocab https://uri.etsi.org/ngsi-ld/default-context/': async (api) => {
    await api.create(gauge('vocabulary', { level: property(1) }))
    const context = { tide: `${DEFAULT}level`, gauge: `${DEFAULT}TideGauge` }
    const body = [{ '@context': context, id: gaugeId('vocabulary'), type: 'gauge', tide: property(2) }]
    checkNoContent(await api.send('post', '/entityOperations/upsert', body, { 'content-type': LD }))
    expect(await read(api, 'vocabulary')).to.deep.equal(gauge('vocabulary', { level: property(2) }))
  },
}
