/** Clauses 5.2 to 5.5 and 6: what all operations have in common, and their binding to HTTP. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { API } from '../http/support.ts'
import type { Api, Headers } from './api.ts'
import {
  checkError,
  checkNoContent,
  CORE,
  DEFAULT,
  gauge,
  gaugeId,
  gaugePath,
  LD,
  linked,
  NGSI_NULL,
  property,
} from './api.ts'
import type { RulesOf } from './checklist.ts'
import type { Check } from './check.ts'

type Rules = RulesOf<'5.2.2 ' | '5.2.33' | '5.4' | '5.5' | '6.'>

/** A request with a body that is sent as it is, be it JSON or not. */
function sendRaw(api: Api, path: string, text: string, headers: Headers = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', 'ngsild-tenant': api.tenant, ...headers }
  return Promise.resolve(api.broker.request.post(`${API}${path}`).set(all).send(text))
}

const littoral = { level: 'https://littoral.example/level' }

async function readGauge(api: Api, name: string, query = ''): Promise<JsonObject> {
  return (await api.get(gaugePath(name, query))) as JsonObject
}

export const commonBehaviour: Readonly<Record<Rules, Check>> = {
  '5.2.2 Client createdAt/modifiedAt ignored': async (api) => {
    const past = '1999-01-01T00:00:00Z'
    await api.create(gauge('dated', { createdAt: past, level: property(1, { modifiedAt: past }) }))
    const shown = await readGauge(api, 'dated', '?options=sysAttrs')
    expect(shown['createdAt']).to.not.equal(past)
    expect(shown['level']).to.have.property('modifiedAt').that.is.not.equal(past)
  },
  '5.2.33 id may be an array in selectors, not in EntityInfo': async (api) => {
    for (const name of ['a', 'b', 'c']) await api.create(gauge(name))
    const query = { type: 'Query', entities: [{ type: 'TideGauge', id: [gaugeId('a'), gaugeId('c')] }] }
    const response = await api.send('post', '/entityOperations/query', query)
    expect(response.status, response.text).to.equal(200)
    expect(response.body).to.deep.equal([gauge('a'), gauge('c')])
  },
  '5.4 Fragment id/type optional when in the URL': async (api) => {
    await api.create(gauge('short', { level: property(1) }))
    checkNoContent(await api.send('patch', gaugePath('short'), { level: property(2) }))
    checkNoContent(await api.send('patch', gaugePath('short'), { ...gauge('short'), level: property(3) }))
    checkError(await api.send('patch', gaugePath('short'), { id: gaugeId('other') }), 'BadRequestData', 'id')
    checkNoContent(await api.send('put', gaugePath('short'), { type: 'TideGauge', level: property(4) }))
    expect((await readGauge(api, 'short'))['level']).to.deep.equal(property(4))
  },
  '5.5.3 Errors use application/json, not problem+json': async (api) => {
    const response = await api.send('get', gaugePath('missing'), undefined, { accept: LD })
    checkError(response, 'ResourceNotFound')
    expect(response.body).to.include.keys('type', 'title', 'detail', 'status')
  },
  '5.5.4 Invalid JSON: InvalidRequest; invalid model: BadRequestData': async (api) => {
    checkError(await sendRaw(api, '/entities', '{"id": '), 'InvalidRequest')
    checkError(await sendRaw(api, '/entities', '{"id": "no URI", "type": "T"}'), 'BadRequestData', 'id')
    checkError(await sendRaw(api, '/entities', '[]'), 'BadRequestData')
  },
  '5.5.4 Null outside fragments: BadRequestData': async (api) => {
    checkError(
      await api.send('post', '/entities', gauge('null', { level: property(NGSI_NULL) })),
      'BadRequestData',
      'level',
    )
    await api.create(gauge('kept', { level: property(1) }))
    const append = await api.send('post', gaugePath('kept', '/attrs'), { level: property(NGSI_NULL) })
    checkError(append, 'BadRequestData', 'level')
    const replace = await api.send('put', gaugePath('kept'), { type: 'TideGauge', level: NGSI_NULL })
    checkError(replace, 'BadRequestData', 'level')
    expect(await readGauge(api, 'kept')).to.deep.equal(gauge('kept', { level: property(1) }))
  },
  '5.5.6 Unreachable context LdContextNotAvailable 504, broken context BadRequestData': async (api) => {
    const unreachable = linked('http://127.0.0.1:1/context.jsonld')
    checkError(await api.send('get', '/entities?type=TideGauge', undefined, unreachable), 'LdContextNotAvailable')
    const broken = { '@context': { level: { '@id': 7 } }, ...gauge('broken') }
    checkError(await api.send('post', '/entities', broken, { 'content-type': LD }), 'BadRequestData', 'context')
  },
  "5.5.7 Compaction with this request's context only": async (api) => {
    await api.create({ '@context': littoral, ...gauge('compact', { level: property(1) }) })
    expect(await readGauge(api, 'compact')).to.have.property(littoral.level)
    expect(await readGauge(api, 'compact')).to.not.have.property('level')
  },
  '5.5.7 Uncompactable names returned as full IRIs': async (api) => {
    const type = 'https://littoral.example/Gauge'
    await api.create({ '@context': littoral, ...gauge('whole', { level: property(1) }), type })
    expect(await readGauge(api, 'whole')).to.deep.equal({
      id: gaugeId('whole'),
      type,
      [littoral.level]: property(1),
    })
  },
  '5.5.8 datasetId cannot be nulled away': async (api) => {
    const level = property(1, { datasetId: 'urn:ngsi-ld:dataset:radar' })
    await api.create(gauge('dataset', { level }))
    const nulled = { level: property(2, { datasetId: NGSI_NULL }) }
    checkError(await api.send('patch', gaugePath('dataset', '/attrs'), nulled), 'BadRequestData', 'datasetId')
    checkError(await api.send('patch', gaugePath('dataset'), nulled), 'BadRequestData', 'datasetId')
    expect((await readGauge(api, 'dataset'))['level']).to.deep.equal(level)
  },
  '5.5.8 type in a fragment only adds': async (api) => {
    await api.create(gauge('typed', { level: property(1) }))
    checkNoContent(await api.send('patch', gaugePath('typed', '/attrs'), { type: 'Buoy', level: property(2) }))
    checkNoContent(await api.send('patch', gaugePath('typed'), { type: 'Sensor' }))
    expect((await readGauge(api, 'typed'))['type']).to.have.members(['TideGauge', 'Buoy', 'Sensor'])
  },
  '5.5.9 prev link except first page, next except last': async (api) => {
    for (const name of ['a', 'b', 'c']) await api.create(gauge(name))
    const linksOf = async (query: string): Promise<string> => {
      const response = await api.send('get', `/entities?type=TideGauge&limit=1&${query}`)
      return String(response.headers['link'])
    }
    const [first, middle, last] = [await linksOf('offset=0'), await linksOf('offset=1'), await linksOf('offset=2')]
    expect(first)
      .to.match(/rel="next"/)
      .and.not.match(/rel="prev"/)
    expect(middle)
      .to.match(/rel="next"/)
      .and.match(/rel="prev"/)
    expect(last)
      .to.match(/rel="prev"/)
      .and.not.match(/rel="next"/)
  },
  '5.5.10 Tenant echoed in answers and notifications': async (api) => {
    await api.create(gauge('echo'))
    const found = await api.send('get', gaugePath('echo'))
    expect(found.headers['ngsild-tenant']).to.equal(api.tenant)
    expect((await api.send('get', gaugePath('none'))).headers['ngsild-tenant']).to.equal(api.tenant)
    const unknown = await api.send('get', gaugePath('echo'), undefined, { 'ngsild-tenant': `${api.tenant}-unheard` })
    checkError(unknown, 'NonexistentTenant')
  },
  '5.5.11 Array order is processing order': async (api) => {
    const items = [1, 2, 3].map((level) => gauge('ordered', { level: property(level) }))
    expect((await api.send('post', '/entityOperations/upsert', items)).status).to.equal(201)
    const shown = await readGauge(api, 'ordered', '?options=sysAttrs')
    expect(shown['level']).to.include({ value: 3 })
    expect(shown['createdAt']).to.equal(shown['modifiedAt'])
  },
  '5.5.12 Merge recurses into Property values': async (api) => {
    await api.create(gauge('merged', { place: property({ quay: 'Vauban', berth: { number: 4, depth: 6 } }) }))
    const patch = { place: property({ quay: NGSI_NULL, berth: { depth: 7 } }) }
    checkNoContent(await api.send('patch', gaugePath('merged'), patch))
    expect((await readGauge(api, 'merged'))['place']).to.deep.equal(property({ berth: { number: 4, depth: 7 } }))
  },
  '5.5.13 type=* or local allows queries without filter': async (api) => {
    await api.create(gauge('any'))
    expect(await api.find('type=*')).to.deep.equal(['any'])
    expect(await api.find('local=true')).to.deep.equal(['any'])
    checkError(await api.send('get', '/entities'), 'BadRequestData')
    checkError(await api.send('get', '/entities?type=*&local=false'), 'BadRequestData')
  },
  '6.3.2 405 carries Allow': async (api) => {
    const response = await api.send('put', '/entities', {})
    expect(response.status).to.equal(405)
    expect(response.headers['allow'])
      .to.match(/GET/)
      .and.match(/POST/)
      .and.match(/DELETE/)
      .and.not.match(/PUT/)
  },
  '6.3.4 411 and 415 have no body': async (api) => {
    const media = await api.send('post', '/entities', gauge('x'), { 'content-type': 'application/xml' })
    expect(media.status).to.equal(415)
    expect(media.text).to.equal('')
    const chunked = await fetch(`${api.broker.url}${API}/entities`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: ReadableStream.from([Buffer.from('{}')]),
      duplex: 'half',
    })
    expect(chunked.status).to.equal(411)
    expect(await chunked.text()).to.equal('')
  },
  '6.3.4 merge-patch+json only for PATCH': async (api) => {
    await api.create(gauge('patched', { level: property(1) }))
    const merge = { 'content-type': 'application/merge-patch+json' }
    checkNoContent(await api.send('patch', gaugePath('patched'), { level: property(2) }, merge))
    expect((await api.send('post', '/entities', gauge('posted'), merge)).status).to.equal(415)
    expect((await api.send('put', gaugePath('patched'), gauge('patched'), merge)).status).to.equal(415)
  },
  '6.3.5 application/json body with @context: BadRequestData': async (api) => {
    const body = { '@context': littoral, ...gauge('json') }
    checkError(await api.send('post', '/entities', body), 'BadRequestData', '@context')
  },
  '6.3.5 ld+json body without @context: BadRequestData': async (api) => {
    const response = await api.send('post', '/entities', gauge('ld'), { 'content-type': LD })
    checkError(response, 'BadRequestData', '@context')
  },
  '6.3.5 GET/DELETE take context from Link only': async (api) => {
    await api.create({ '@context': littoral, ...gauge('linked', { level: property(1) }) })
    const found = await api.get('/entities?type=TideGauge&attrs=level', linked(CORE))
    expect(found).to.deep.equal([])
    const deleted = await api.send('delete', gaugePath('linked', `/attrs/${encodeURIComponent(littoral.level)}`))
    checkNoContent(deleted)
  },
  '6.3.5 ld+json plus context Link: BadRequestData': async (api) => {
    const headers = { ...linked(CORE), 'content-type': LD }
    checkError(
      await api.send('post', '/entities', { '@context': CORE, ...gauge('two') }, headers),
      'BadRequestData',
      'Link',
    )
  },
  '6.3.6 207 bodies use full IRIs, json, no Link': async (api) => {
    await api.create(gauge('full', { level: property(1) }))
    const body = { level: property(2), depth: property(3) }
    const response = await api.send('post', gaugePath('full', '/attrs?options=noOverwrite'), body, linked(CORE))
    expect(response.status).to.equal(207)
    expect(response.headers['content-type']).to.equal('application/json')
    expect(response.headers).to.not.have.property('link')
    const result = response.body as { updated: Json; notUpdated: JsonObject[] }
    expect(result.updated).to.deep.equal([`${DEFAULT}depth`])
    expect(result.notUpdated.map((item) => item['attributeName'])).to.deep.equal([`${DEFAULT}level`])
  },
  '6.3.6 204 without Content-Length': async (api) => {
    await api.create(gauge('gone'))
    checkNoContent(await api.send('delete', gaugePath('gone')))
  },
  '6.3.7 format beats options': async (api) => {
    await api.create(gauge('format', { level: property(1) }))
    expect(await readGauge(api, 'format', '?format=simplified&options=concise')).to.deep.equal(
      gauge('format', { level: 1 }),
    )
    expect(await readGauge(api, 'format', '?format=normalized&options=keyValues')).to.deep.equal(
      gauge('format', { level: property(1) }),
    )
  },
  '6.3.10 limit=0 needs count=true': async (api) => {
    await api.create(gauge('counted'))
    checkError(await api.send('get', '/entities?type=TideGauge&limit=0'), 'BadRequestData', 'limit')
    const response = await api.send('get', '/entities?type=TideGauge&limit=0&count=true')
    expect(response.body).to.deep.equal([])
    expect(response.headers['ngsild-results-count']).to.equal('1')
  },
  '6.3.10 offset past the end: last element': async (api) => {
    for (const name of ['a', 'b', 'c']) await api.create(gauge(name))
    expect(await api.find('type=TideGauge&offset=50')).to.deep.equal(['c'])
    expect(await api.find('type=Buoy&offset=50')).to.deep.equal([])
  },
  '6.3.11 sysAttrs works on subscriptions and registrations': async (api) => {
    const subscription = {
      type: 'Subscription',
      entities: [{ type: 'TideGauge' }],
      notification: { endpoint: { uri: 'http://127.0.0.1:9/' } },
    }
    const created = await api.send('post', '/subscriptions', subscription)
    expect(created.status, created.text).to.equal(201)
    const path = created.headers['location']?.replace(API, '') ?? ''
    expect(await api.get(`${path}?options=sysAttrs`)).to.include.keys('createdAt', 'modifiedAt')
    expect(await api.get(path)).to.not.have.any.keys('createdAt', 'modifiedAt')
  },
  '6.3.13 Count header ignores limit': async (api) => {
    for (const name of ['a', 'b', 'c']) await api.create(gauge(name))
    const response = await api.send('get', '/entities?type=TideGauge&limit=1&offset=1&count=true')
    expect(response.headers['ngsild-results-count']).to.equal('3')
    expect(response.body).to.have.length(1)
  },
  '6.3.18 Via honoured on every entity and subscription path': async (api) => {
    const via = { via: '1.1 other-broker, 1.1 another (comment)' }
    await api.create(gauge('via'), via)
    expect(await api.get(gaugePath('via'), via)).to.deep.equal(gauge('via'))
    expect(await api.get('/entities?type=TideGauge', via)).to.deep.equal([gauge('via')])
    expect(await api.get('/subscriptions', via)).to.deep.equal([])
  },
  '6.5.3.4 observedAt parameter must be a DateTime': async (api) => {
    const observed = (at: string): JsonObject => property(1, { observedAt: at })
    await api.create(gauge('observed', { level: observed('2026-03-20T05:50:00Z'), depth: property(1) }))
    const patch = { level: { value: 2 }, depth: { value: 2 } }
    const wrong = await api.send('patch', gaugePath('observed', '?observedAt=yesterday'), patch)
    checkError(wrong, 'BadRequestData', 'observedAt')
    checkNoContent(await api.send('patch', gaugePath('observed', '?observedAt=2026-03-20T06:50:00Z'), patch))
    const { level, depth } = await readGauge(api, 'observed')
    expect(level).to.deep.equal(property(2, { observedAt: '2026-03-20T06:50:00Z' }))
    expect(depth).to.deep.equal(property(2))
  },
  '6.33 sourceIdentity is answered; 501 only where it is not supported': async (api) => {
    const identity = await api.get('/info/sourceIdentity')
    expect(identity).to.include({ type: 'ContextSourceIdentity' })
    expect(identity).to.include.keys('id', 'contextSourceAlias', 'contextSourceUptime', 'contextSourceTimeAt')
  },
}
