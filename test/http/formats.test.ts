/** Media types, languages, versions and links of answers with entities, through the front door (6.3.4, 6.3.6, 6.3.15, 4.5.23). */
import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  checkProblem,
  contextLink,
  CORE_CONTEXT,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  read,
  SHORE,
  shoreContexts,
} from './support.ts'

const point = { type: 'Point', coordinates: [-4.4952, 48.3829] }
const GEO = { accept: 'application/geo+json' }
const CSV = { accept: 'text/csv' }
const LINES = { accept: 'application/x-ndjson' }
const BUOYS = 12

function buoyId(index: number): string {
  return `urn:ngsi-ld:Buoy:${String(index)}`
}

describeOnStores('formats of answers', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
    await create(
      broker,
      gauge('Brest', { location: point, level: 4, name: { languageMap: { fr: 'Penfeld', br: 'Penfell' } } }),
    )
    await create(broker, gauge('Roscoff', { level: { value: 3, unitCode: 'MTR' }, note: '=HYPERLINK("urn:x")' }))
    const next = { object: Array.from({ length: BUOYS }, (_, index) => buoyId(index)) }
    await Promise.all(next.object.map((id) => create(broker, { id, type: 'Buoy', next })))
  })

  async function text(query: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const response = await broker.request.get(`${ENTITIES}${query}`).set(headers).buffer(true)
    expect(response.status, response.text).to.equal(200)
    return response.text
  }

  it('a page in GeoJSON is a FeatureCollection with one @context, and pages on (6.3.15, 6.3.10)', async () => {
    const response = await broker.request.get(`${ENTITIES}?type=TideGauge&limit=1&format=simplified`).set(GEO)
    expect(response.headers['content-type']).to.equal('application/geo+json')
    expect(response.headers['link'])
      .to.contain('rel="next"; type="application/geo+json"')
      .and.to.not.contain('json-ld#context')
    const body = JSON.parse(response.text) as JsonObject
    expect(body).to.include({ type: 'FeatureCollection', '@context': CORE_CONTEXT })
    expect(body['features']).to.have.length(1).and.to.have.nested.property('[0].geometry').that.deep.equals(point)
  })

  it('GeoJSON with body=json has the @context in its Link header (6.3.6)', async () => {
    const headers = { ...GEO, prefer: 'body=json', link: contextLink(SHORE) }
    const response = await broker.request.get(`${ENTITIES}/${gaugeId('Brest')}`).set(headers)
    expect(response.headers['link']).to.equal(contextLink(SHORE))
    expect(response.headers['preference-applied']).to.equal('body=json')
    expect(JSON.parse(response.text)).to.include({ type: 'Feature' }).and.to.not.have.property('@context')
  })

  it('geometryProperty without the GeoProperty is null, without GeoJSON an error (4.5.16.1, 5.7.1)', async () => {
    const path = `${ENTITIES}/${gaugeId('Brest')}?geometryProperty=operationSpace`
    const response = await broker.request.get(path).set(GEO)
    expect(JSON.parse(response.text)).to.have.property('geometry', null)
    checkProblem(await broker.request.get(path), { status: 400, name: 'BadRequestData', says: 'geometryProperty' })
  })

  it('a page in NDJSON has as many lines as entities, each as JSON has it', async () => {
    const lines = (await text('?type=TideGauge', LINES)).split('\n')
    expect(lines.pop()).to.equal('')
    expect(lines.map((line) => JSON.parse(line) as Json)).to.deep.equal(
      await read(broker, `${ENTITIES}?type=TideGauge`),
    )
  })

  it('a page in CSV is a table; what a spreadsheet would run is marked', async () => {
    const query = '?type=TideGauge&pick=id,level,note&lang=fr'
    expect(await text(query, CSV)).to.equal(
      [
        'id,level,level.unitCode,note\r\n',
        `${gaugeId('Brest')},4,,\r\n`,
        `${gaugeId('Roscoff')},3,MTR,"'=HYPERLINK(""urn:x"")"\r\n`,
      ].join(''),
    )
  })

  it('lang chooses, pick names (4.15, 4.21)', async () => {
    const query = `${ENTITIES}?type=TideGauge&pick=name&format=simplified&lang=en,br;q=0.5`
    expect(await read(broker, query)).to.deep.equal([{ name: 'Penfell' }, {}])
  })

  it('an older version is a 203 that names itself, in every media type (4.3.6.8)', async () => {
    for (const accept of ['application/json', 'application/ld+json', 'application/geo+json', 'text/csv']) {
      const response = await broker.request
        .get(`${ENTITIES}/${gaugeId('Brest')}`)
        .set({ accept, prefer: 'ngsi-ld=1.3' })
        .buffer(true)
      expect(response.status, accept).to.equal(203)
      expect(response.headers['preference-applied']).to.equal('ngsi-ld=1.3')
      expect(response.text).to.not.contain('LanguageProperty')
    }
  })

  it('caches are told what an answer depends on (RFC 9110, 12.5.5)', async () => {
    const response = await broker.request.get(`${ENTITIES}/${gaugeId('Brest')}`)
    for (const name of ['Accept', 'Link', 'NGSILD-Tenant', 'Prefer']) expect(response.headers['vary']).to.contain(name)
  })

  it('of links that all lead to each other no answer shows more than it can hold (4.5.23.1)', async () => {
    for (const headers of [{}, GEO, CSV, LINES]) {
      const path = `${ENTITIES}?type=Buoy&join=inline&joinLevel=${String(BUOYS)}`
      checkProblem(await broker.request.get(path).set(headers), { status: 403, name: 'TooManyResults', says: 'join' })
    }
  })

  it('GeoJSON with join=flat is a FeatureCollection of one and all it links to (4.5.23.3)', async () => {
    const response = await broker.request.get(`${ENTITIES}/${buoyId(0)}?join=flat`).set(GEO)
    expect(JSON.parse(response.text)).to.include({ type: 'FeatureCollection' })
    expect((JSON.parse(response.text) as JsonObject)['features']).to.have.length(BUOYS)
  })
})
