import { expect } from 'chai'
import type { Response } from 'supertest'
import type { JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkProblem,
  contextLink,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  property,
  SHORE,
  shoreContexts,
} from './support.ts'

interface PageLink {
  readonly target: URL
  readonly attributes: string
}

/** The links of an answer by their rel. */
function linksOf(response: Response): Map<string, PageLink> {
  const links = new Map<string, PageLink>()
  const header: unknown = response.headers['link']
  for (const [, url = '', attributes = ''] of (typeof header === 'string' ? header : '').matchAll(
    /<([^>]*)>([^<]*?)(?:,\s*(?=<)|$)/g,
  )) {
    const rel = /rel="([^"]*)"/.exec(attributes)?.[1] ?? ''
    links.set(rel, { target: new URL(url, 'http://broker.example/'), attributes })
  }
  return links
}

/** Which of prev and next an answer links to. */
function waysOf(response: Response): readonly string[] {
  return ['prev', 'next'].filter((rel) => linksOf(response).has(rel))
}

function idsOf(response: Response): readonly unknown[] {
  expect(response.status, response.text).to.equal(200)
  return (response.body as JsonObject[]).map(({ id }) => id)
}

describeOnStores('paging (5.5.9, 6.3.10, 6.3.13)', (start) => {
  let broker: TestBroker
  const all = Array.from({ length: 7 }, (_, index) => gaugeId(`P${String(index)}`))
  before(async () => {
    broker = await start({ 'default-limit': '3', 'max-limit': '5' }, shoreContexts)
    for (let index = 6; index >= 0; index--)
      await create(broker, gauge(`P${String(index)}`, { level: property(index) }))
  })

  const get = (query: string): Promise<Response> => Promise.resolve(broker.request.get(`${ENTITIES}?${query}`))

  const follow = (response: Response, rel: string): Promise<Response> | undefined => {
    const link = linksOf(response).get(rel)
    return link && Promise.resolve(broker.request.get(`${link.target.pathname}${link.target.search}`))
  }

  /** The ids of a page, and of all that come after it by rel. */
  const walk = async (response: Response, rel: string): Promise<readonly (readonly unknown[])[]> => {
    const next = await follow(response, rel)
    return [idsOf(response), ...(next === undefined ? [] : await walk(next, rel))]
  }

  for (const [query, sizes] of [
    ['type=TideGauge', [3, 3, 1]],
    ['type=TideGauge&limit=5', [5, 2]],
    ['type=TideGauge&limit=1', [1, 1, 1, 1, 1, 1, 1]],
    ['type=TideGauge&limit=4&offset=2', [4, 1]],
  ] as const) {
    it(`the next links of ?${query} lead to all, each once`, async () => {
      const pages = await walk(await get(query), 'next')
      expect(pages.map(({ length }) => length)).to.deep.equal(sizes)
      expect(pages.flat()).to.deep.equal(all.slice(query.includes('offset=2') ? 2 : 0))
    })
  }

  it('the prev links lead back to the first page', async () => {
    const last = await get('type=TideGauge&limit=2&offset=6')
    expect(await walk(last, 'prev')).to.deep.equal([all.slice(6), all.slice(4, 6), all.slice(2, 4), all.slice(0, 2)])
  })

  it('the first page has no prev, the last no next, a page between has both', async () => {
    const relations = async (query: string): Promise<readonly string[]> => waysOf(await get(query))
    expect(await relations('type=TideGauge&limit=3')).to.deep.equal(['next'])
    expect(await relations('type=TideGauge&limit=3&offset=3')).to.deep.equal(['prev', 'next'])
    expect(await relations('type=TideGauge&limit=3&offset=6')).to.deep.equal(['prev'])
    expect(await relations('type=TideGauge&limit=5&offset=2')).to.deep.equal(['prev'])
    expect(await relations('type=Ferry')).to.deep.equal([])
  })

  it('links keep every parameter and name the media type (5.5.9)', async () => {
    const query = 'type=TideGauge%7CBuoy&attrs=level&idPattern=P%5Cd%2B&format=concise&options=sysAttrs&limit=2'
    const response = await broker.request.get(`${ENTITIES}?${query}`).set('accept', 'application/ld+json')
    const { target, attributes } = linksOf(response).get('next') ?? {}
    expect(attributes).to.contain('type="application/ld+json"')
    expect(target?.pathname).to.equal(ENTITIES)
    for (const [name, value] of new URLSearchParams(query)) expect(target?.searchParams.get(name), name).to.equal(value)
    expect(target?.searchParams.get('offset')).to.equal('2')
  })

  it('the Link of the @context stands beside those of the pages (6.3.6)', async () => {
    const response = await broker.request
      .get(`${ENTITIES}?type=TideGauge%7CGauge&local=true`)
      .set('link', contextLink(SHORE))
    const links = linksOf(response)
    expect(links.get('http://www.w3.org/ns/json-ld#context')?.target.href).to.equal(SHORE)
  })

  it('pages are read in one @context: another is refused (5.5.9.1)', async () => {
    const query = 'type=TideGauge%7CGauge&local=true&limit=2'
    const inShore = await broker.request.get(`${ENTITIES}?${query}`).set('link', contextLink(SHORE))
    const { target } = linksOf(inShore).get('next') ?? {}
    const path = `${String(target?.pathname)}${String(target?.search)}`
    const next = await broker.request.get(path).set('link', contextLink(SHORE))
    expect(next.status, next.text).to.equal(200)
    checkProblem(await broker.request.get(path), badRequestData('@context'))
    const inCore = linksOf(await get(query)).get('next')?.target.search ?? ''
    checkProblem(
      await broker.request.get(`${ENTITIES}${inCore}`).set('link', contextLink(SHORE)),
      badRequestData('@context'),
    )
  })

  it('entities that come and go meanwhile shift nothing on the way by next', async () => {
    const tenant = { 'ngsild-tenant': 'moving' }
    for (const name of ['B', 'C', 'D', 'E']) await create(broker, gauge(name), tenant)
    const first = await broker.request.get(`${ENTITIES}?type=TideGauge&limit=2`).set(tenant)
    expect(idsOf(first)).to.deep.equal(['B', 'C'].map(gaugeId))
    for (const name of ['A', 'AA']) await create(broker, gauge(name), tenant)
    await broker.request.delete(`${ENTITIES}/${gaugeId('C')}`).set(tenant)
    const { target } = linksOf(first).get('next') ?? {}
    const second = await broker.request.get(`${String(target?.pathname)}${String(target?.search)}`).set(tenant)
    expect(idsOf(second)).to.deep.equal(['D', 'E'].map(gaugeId))
  })

  it('count=true tells how many there are in all, whatever the page (6.3.13)', async () => {
    for (const query of [
      'type=TideGauge',
      'type=TideGauge&limit=1',
      'type=TideGauge&offset=5',
      'type=TideGauge&limit=0',
    ]) {
      const response = await get(`${query}&count=true`)
      expect(response.headers['ngsild-results-count'], query).to.equal('7')
    }
    expect((await get('type=TideGauge&idPattern=P[01]$&count=true')).headers['ngsild-results-count']).to.equal('2')
    expect((await get('type=Ferry&count=true')).headers['ngsild-results-count']).to.equal('0')
    for (const query of ['type=TideGauge', 'type=TideGauge&count=false']) {
      expect((await get(query)).headers).to.not.have.property('ngsild-results-count')
    }
  })

  it('limit=0 asks for the count alone (6.3.10)', async () => {
    const response = await get('type=TideGauge&limit=0&count=true')
    expect(idsOf(response)).to.deep.equal([])
    expect(waysOf(response)).to.deep.equal([])
  })

  for (const [query, says] of [
    ['limit=0', 'limit'],
    ['limit=0&count=false', 'limit'],
    ['limit=6', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=2.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=99999999999999999999', 'limit'],
    ['offset=-1', 'offset'],
    ['offset=x', 'offset'],
    ['count=yes', 'count'],
    ['cursor=', 'cursor'],
    ['cursor=%C3%A9', 'cursor'],
  ] as const) {
    it(`?${query} is refused`, async () => {
      checkProblem(await get(`type=TideGauge&${query}`), badRequestData(says))
    })
  }

  it('subscriptions are paged likewise', async () => {
    const notification = { endpoint: { uri: 'http://127.0.0.1:9/shore' } }
    for (const name of ['A', 'B', 'C', 'D']) {
      const id = `urn:ngsi-ld:Subscription:${name}`
      const subscription = { id, type: 'Subscription', entities: [{ type: 'Ferry' }], notification }
      expect((await broker.request.post(`${API}/subscriptions`).send(subscription)).status).to.equal(201)
    }
    const first = await broker.request.get(`${API}/subscriptions?count=true`)
    expect(first.headers['ngsild-results-count']).to.equal('4')
    const pages = await walk(first, 'next')
    expect(pages).to.deep.equal(
      [['A', 'B', 'C'], ['D']].map((page) => page.map((name) => `urn:ngsi-ld:Subscription:${name}`)),
    )
  })
})
