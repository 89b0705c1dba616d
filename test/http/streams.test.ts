import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get as request } from 'node:http'
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { API, badRequestData, checkProblem, ENTITIES, gauge, gaugeId, property } from './support.ts'

const NDJSON = 'application/x-ndjson'
/** More than are read from the store at once. */
const COUNT = 1203

describeOnStores('long results as streams (beyond the specification)', (start) => {
  let broker: TestBroker
  const names = Array.from({ length: COUNT }, (_, index) => `S${String(index).padStart(5, '0')}`)
  before(async () => {
    broker = await start({ 'max-limit': '100', 'max-streamed': '1200' })
    const entities = names.map((name, index) => gauge(name, { level: property(index) }))
    const response = await broker.request.post(`${API}/entityOperations/create`).send(entities)
    expect(response.status, response.text).to.equal(201)
  })

  const get = (query: string, accept: string): Promise<Response> =>
    Promise.resolve(broker.request.get(`${ENTITIES}?${query}`).set('accept', accept).buffer(true))
  const idsOf = (response: Response): readonly unknown[] =>
    response.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as JsonObject)['id'])

  it('NDJSON takes a limit up to maxStreamed, and says where to go on', async () => {
    const response = await get('type=TideGauge&limit=1200', NDJSON)
    expect(response.status, response.text.slice(0, 200)).to.equal(200)
    expect(response.headers['content-type']).to.equal(NDJSON)
    expect(response.headers).to.not.have.property('content-length')
    expect(idsOf(response)).to.deep.equal(names.slice(0, 1200).map(gaugeId))
    const [, next = ''] = /<([^>]*)>; rel="next"/.exec(String(response.headers['link'])) ?? []
    const rest = await broker.request.get(next).set('accept', NDJSON).buffer(true)
    expect(idsOf(rest)).to.deep.equal(names.slice(1200).map(gaugeId))
    expect(String(rest.headers['link'])).to.not.contain('rel="next"')
  })

  it('begins at an offset, counts, and projects like a page', async () => {
    const response = await get('type=TideGauge&limit=700&offset=3&count=true&pick=id', NDJSON)
    expect(response.headers['ngsild-results-count']).to.equal(String(COUNT))
    expect(idsOf(response)).to.deep.equal(names.slice(3, 703).map(gaugeId))
    expect(response.text.split('\n')[0]).to.equal(JSON.stringify({ id: gaugeId('S00003') }))
  })

  it('CSV is one table with one header', async () => {
    const response = await get('type=TideGauge&limit=1200&pick=id,level', 'text/csv')
    const lines = response.text.trimEnd().split('\r\n')
    expect(lines).to.have.length(1201)
    expect(lines[0]).to.equal('id,level')
    expect(lines.at(-1)).to.equal(`${gaugeId('S01199')},1199`)
  })

  it('a document asks for them likewise (6.23)', async () => {
    const response = await broker.request
      .post(`${API}/entityOperations/query?limit=600`)
      .set('accept', NDJSON)
      .buffer(true)
      .send({ type: 'Query', entities: [{ type: 'TideGauge' }] })
    expect(idsOf(response)).to.have.length(600)
  })

  it('without a limit a page is a page', async () => {
    expect(idsOf(await get('type=TideGauge', NDJSON))).to.have.length(20)
  })

  for (const [query, accept, says] of [
    ['limit=101', 'application/json', '100'],
    ['limit=1201', NDJSON, '1200'],
    ['limit=500&join=inline', NDJSON, /limit.*join/],
    ['limit=500&local=true&orderBy=level', 'text/csv', /limit.*orderBy/],
  ] as const) {
    it(`?${query} is refused in ${accept}`, async () => {
      checkProblem(await get(`type=TideGauge&${query}`, accept), badRequestData(says))
    })
  }

  it('what a query is at fault for comes before the stream does', async () => {
    checkProblem(await get('type=TideGauge&limit=500&q=level>', NDJSON), badRequestData('q:'))
  })

  it('who breaks off ends it: the broker goes on', async () => {
    const url = `${broker.url}${ENTITIES}?type=TideGauge&limit=1200`
    const [response] = (await once(request(url, { headers: { accept: NDJSON } }), 'response')) as [IncomingMessage]
    await once(response, 'data')
    response.destroy()
    expect(idsOf(await get('type=TideGauge&limit=500', NDJSON))).to.have.length(500)
  })
})
