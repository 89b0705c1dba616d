import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestServer } from '../net/server.ts'
import { startServer } from '../net/server.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Headers, Problem } from './support.ts'
import {
  API,
  badRequestData,
  checkProblem,
  contextLink,
  CORE_CONTEXT,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  property,
  read,
  readEntity,
  SHORE,
  shoreContexts,
} from './support.ts'

const JSON_MEDIA = 'application/json'
const LD_MEDIA = 'application/ld+json'
const CONTEXT_REL = 'http://www.w3.org/ns/json-ld#context'
const SUBSCRIPTION = 'urn:ngsi-ld:Subscription:Brest'
/** Port 1 of the loopback interface: nothing listens there. */
const UNREACHABLE = 'http://127.0.0.1:1/none.jsonld'
const ORTHODOX = 'https://littoral.example/orthodox.jsonld'

const contexts = {
  ...shoreContexts,
  [ORTHODOX]: {
    '@context': {
      location: 'https://littoral.example/elsewhere',
      Property: 'https://littoral.example/Property',
      value: 'https://littoral.example/value',
      title: 'https://littoral.example/title',
      observedAt: { '@id': 'https://littoral.example/seenAt', '@type': '@id' },
    },
  },
}

const subscription = {
  id: SUBSCRIPTION,
  type: 'Subscription',
  entities: [{ type: 'TideGauge' }],
  notification: { endpoint: { uri: 'http://127.0.0.1:9/brest' } },
}

/** The bodies that the tests of request contexts spoil, and where they go. */
interface Route {
  readonly method: 'post' | 'patch'
  readonly path: string
  readonly body: JsonObject
}

const routes: readonly Route[] = [
  { method: 'post', path: '/entities', body: gauge('Spoilt', { level: property(1) }) },
  { method: 'post', path: `/entities/${gaugeId('Brest')}/attrs`, body: { trend: property('falling') } },
  { method: 'patch', path: `/entities/${gaugeId('Brest')}/attrs`, body: { level: property(2) } },
  { method: 'patch', path: `/entities/${gaugeId('Brest')}/attrs/level`, body: { value: 2 } },
  { method: 'post', path: '/subscriptions', body: { ...subscription, id: 'urn:ngsi-ld:Subscription:Spoilt' } },
  { method: 'patch', path: `/subscriptions/${SUBSCRIPTION}`, body: { isActive: false } },
]

describeOnStores('content negotiation (6.3.4, 6.3.5, 6.3.6)', (start) => {
  let broker: TestBroker
  let server: TestServer
  before(async () => {
    server = await startServer((request, response) => {
      const documents: Readonly<Record<string, string>> = {
        '/text': 'no JSON',
        '/list': '[]',
        '/wrong': '{"@context":{"a":7}}',
      }
      response.setHeader('content-type', LD_MEDIA)
      response.end(documents[request.url ?? ''] ?? '{"@context":{}}')
    })
    broker = await start({}, contexts)
    await create(broker, gauge('Brest', { level: property(1), 'https://littoral.example/level': property(2) }))
    await broker.request.post(`${API}/subscriptions`).send(subscription).expect(201)
  })
  after(async () => {
    await server.close()
  })

  const get = (path: string, headers: Headers = {}): Promise<Response> =>
    Promise.resolve(broker.request.get(path).set(headers))
  const brest = `${ENTITIES}/${gaugeId('Brest')}`
  const resources = [
    brest,
    `${ENTITIES}?type=TideGauge`,
    `${API}/temporal/entities/${gaugeId('Brest')}`,
    `${API}/subscriptions/${SUBSCRIPTION}`,
    `${API}/subscriptions`,
  ]

  describe('Accept (6.3.4)', () => {
    for (const [accept, media] of [
      [undefined, JSON_MEDIA],
      ['*/*', JSON_MEDIA],
      ['application/*', JSON_MEDIA],
      ['application/json', JSON_MEDIA],
      ['application/ld+json', LD_MEDIA],
      ['Application/LD+JSON', LD_MEDIA],
      ['application/ld+json, application/json', JSON_MEDIA],
      ['application/ld+json, application/json;q=0.5', LD_MEDIA],
      ['application/ld+json;q=0.2, application/json;q=0.1', LD_MEDIA],
      ['application/ld+json;q=0.2, */*;q=0.1', LD_MEDIA],
      ['application/json;q=0, */*', LD_MEDIA],
      ['text/html, application/ld+json;q=0.9', LD_MEDIA],
      ['application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', LD_MEDIA],
    ] as const) {
      it(`${accept ?? 'absent'} is answered in ${media}`, async () => {
        for (const path of resources) {
          const response = await get(path, accept === undefined ? {} : { accept })
          expect(response.status, response.text).to.equal(200)
          expect(response.headers['content-type'], path).to.equal(media)
        }
      })
    }

    for (const accept of ['text/html', 'application/json;q=0', 'application/*;q=0', 'image/png, audio/*']) {
      it(`${accept} is a 406 that lists what there is`, async () => {
        const says = /application\/json.*application\/ld\+json/
        for (const path of resources)
          checkProblem(await get(path, { accept }), { status: 406, name: 'NotAcceptable', says })
      })
    }

    it('errors are JSON whatever is accepted (5.5.3)', async () => {
      const response = await get(`${ENTITIES}/${gaugeId('Nowhere')}`, { accept: LD_MEDIA })
      checkProblem(response, { status: 404, name: 'ResourceNotFound', says: gaugeId('Nowhere') })
    })
  })

  describe('the @context of an answer (6.3.6)', () => {
    /** Asserts that an answer has this context, and where its media type has it. */
    const checkContext = async (path: string, context: string, headers: Headers): Promise<void> => {
      const json = await get(path, headers)
      expect(json.headers['link'], path).to.equal(contextLink(context))
      expect(json.text).to.not.contain('@context')
      const ld = await get(path, { ...headers, accept: LD_MEDIA })
      expect(ld.headers, path).to.not.have.property('link')
      const items = [ld.body as JsonObject | JsonObject[]].flat()
      expect(items).to.have.length(1)
      for (const item of items) expect(item['@context']).to.equal(context)
    }

    it('is the core URL alone when the request has none', async () => {
      for (const path of resources) await checkContext(path, CORE_CONTEXT, {})
    })

    it('is exactly that of the request, and its words are the answer’s (5.5.7)', async () => {
      for (const path of resources) await checkContext(path, SHORE, { link: contextLink(SHORE) })
      expect(await read(broker, brest, { link: contextLink(SHORE) })).to.deep.equal(
        gauge('Brest', { level: property(2), 'https://uri.etsi.org/ngsi-ld/default-context/level': property(1) }),
      )
    })

    for (const version of ['-v1.3', '-v1.6', '-v1.8', '']) {
      it(`an earlier core @context (${version || 'without version'}) is known and comes back as it was asked for`, async () => {
        const url = `https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context${version}.jsonld`
        for (const path of resources) await checkContext(path, url, { link: contextLink(url) })
      })
    }

    it('is in a list even when it is empty', async () => {
      const response = await get(`${ENTITIES}?type=Ferry`, { link: contextLink(SHORE) })
      expect(response.body).to.deep.equal([])
      expect(response.headers['link']).to.equal(contextLink(SHORE))
    })

    it('writes answer without one', async () => {
      const response = await broker.request.post(ENTITIES).set('link', contextLink(SHORE)).send(gauge('Unlinked'))
      expect(response.status).to.equal(201)
      expect(response.headers).to.not.have.property('link')
    })
  })

  describe('the @context of a request (4.4, 6.3.5)', () => {
    const full = { level: 'https://littoral.example/level', Gauge: 'https://littoral.example/Gauge' }
    const post = async (name: string, entity: JsonObject, headers: Headers): Promise<Json> => {
      const response = await broker.request.post(ENTITIES).set(headers).send(JSON.stringify(entity))
      expect(response.status, response.text).to.equal(201)
      return readEntity(broker, name)
    }

    it('is the Link header’s for json', async () => {
      const entity = gauge('ByLink', { type: 'Gauge', level: 1 })
      const stored = await post('ByLink', entity, { 'content-type': JSON_MEDIA, link: contextLink(SHORE) })
      expect(stored).to.deep.equal(gauge('ByLink', { type: full.Gauge, [full.level]: property(1) }))
    })

    const spellings: readonly (readonly [title: string, context: Json])[] = [
      ['a URL', SHORE],
      ['an object', { level: full.level, Gauge: full.Gauge }],
      ['an array of both', [{ Gauge: 'https://littoral.example/Other' }, SHORE]],
      ['arrays in arrays', [[[SHORE]], CORE_CONTEXT]],
      ['a document that wraps it', { '@context': SHORE }],
    ]
    for (const [title, context] of spellings) {
      it(`is the body’s for ld+json: ${title}`, async () => {
        const name = `ByBody${title.replaceAll(' ', '')}`
        const entity = { ...gauge(name, { type: 'Gauge', level: 1 }), '@context': context }
        const stored = await post(name, entity, { 'content-type': LD_MEDIA })
        expect(stored).to.deep.equal(gauge(name, { type: full.Gauge, [full.level]: property(1) }))
      })
    }

    for (const [title, link] of [
      ['rel without quotes', `<${SHORE}>; rel=${CONTEXT_REL}`],
      ['rel after type', `<${SHORE}>; type="${LD_MEDIA}"; rel="${CONTEXT_REL}"`],
      ['no spaces', `<${SHORE}>;rel="${CONTEXT_REL}";type="${LD_MEDIA}"`],
      ['several relations', `<${SHORE}>; rel="describedby ${CONTEXT_REL}"`],
      ['beside other links', `<https://littoral.example/a,b>; rel="next", <${SHORE}>; rel="${CONTEXT_REL}"`],
    ] as const) {
      it(`a Link with ${title} is understood (RFC 8288)`, async () => {
        const shown = await read(broker, `${brest}?format=simplified`, { link })
        expect(shown).to.have.property('level', 2)
      })
    }

    it('other links are none of its business', async () => {
      const link = '<https://littoral.example/next>; rel="next"'
      await post('OtherLink', { ...gauge('OtherLink'), '@context': SHORE }, { 'content-type': LD_MEDIA, link })
      expect(await read(broker, brest, { link })).to.have.property('level')
    })

    it('core terms cannot be given another meaning: the core @context comes last (4.4)', async () => {
      const members = {
        location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [-4.49, 48.38] } },
        title: property('Brest', { observedAt: '2026-11-22T09:30:00Z' }),
      }
      for (const context of [ORTHODOX, [CORE_CONTEXT, ORTHODOX], contexts[ORTHODOX]['@context']]) {
        const name = `Orthodox${String(JSON.stringify(context).length)}`
        const stored = await post(name, { ...gauge(name, members), '@context': context }, { 'content-type': LD_MEDIA })
        expect(stored).to.deep.equal(gauge(name, members))
      }
    })

    it('PATCH takes merge-patch+json for json (6.3.4)', async () => {
      await create(broker, gauge('MergePatch', { level: property(1) }))
      const patch = broker.request
        .patch(`${ENTITIES}/${gaugeId('MergePatch')}/attrs`)
        .set('content-type', 'application/merge-patch+json')
      expect((await patch.send('{"level":2}')).status).to.equal(204)
      expect(await readEntity(broker, 'MergePatch'))
        .to.have.property('level')
        .that.deep.equals(property(2))
    })
  })

  describe('a @context that is refused (5.5.6, 6.3.5)', () => {
    const noContext: Problem = { status: 504, name: 'LdContextNotAvailable', says: UNREACHABLE }

    /** Asserts what every route with a body makes of it. */
    const checkRoutes = async (
      spoil: (body: JsonObject) => { body: Json; headers: Headers },
      problem: Problem,
    ): Promise<void> => {
      for (const { method, path, body } of routes) {
        const spoilt = spoil(body)
        const request = broker.request[method](`${API}${path}`).set(spoilt.headers)
        checkProblem(await request.send(JSON.stringify(spoilt.body)), problem)
      }
      expect(await readEntity(broker, 'Brest', '?attrs=level')).to.deep.equal(gauge('Brest', { level: property(1) }))
      expect((await get(`${ENTITIES}/${gaugeId('Spoilt')}`)).status).to.equal(404)
      expect(await read(broker, `${API}/subscriptions`)).to.have.length(1)
    }

    const ld = (context: Json) => (body: JsonObject) => ({
      body: { ...body, '@context': context },
      headers: { 'content-type': LD_MEDIA },
    })

    it('a @context in a body of json', async () => {
      const spoil = (body: JsonObject): { body: Json; headers: Headers } => ({
        body: { ...body, '@context': SHORE },
        headers: { 'content-type': JSON_MEDIA },
      })
      await checkRoutes(spoil, badRequestData('@context'))
    })

    it('none in a body of ld+json', async () => {
      await checkRoutes((body) => ({ body, headers: { 'content-type': LD_MEDIA } }), badRequestData('@context'))
    })

    it('a Link header beside a body of ld+json', async () => {
      const spoil = (body: JsonObject): { body: Json; headers: Headers } => ({
        body: { ...body, '@context': SHORE },
        headers: { 'content-type': LD_MEDIA, link: contextLink(SHORE) },
      })
      await checkRoutes(spoil, badRequestData('Link'))
    })

    it('two Links of contexts', async () => {
      const headers = { 'content-type': JSON_MEDIA, link: `${contextLink(SHORE)}, ${contextLink(CORE_CONTEXT)}` }
      await checkRoutes((body) => ({ body, headers }), badRequestData('Link'))
    })

    it('a Link that is none', async () => {
      await checkRoutes(
        (body) => ({ body, headers: { 'content-type': JSON_MEDIA, link: SHORE } }),
        badRequestData('Link'),
      )
    })

    it('one that cannot be had is LdContextNotAvailable, in the body and in the Link', async () => {
      await checkRoutes(ld(UNREACHABLE), noContext)
      await checkRoutes(ld([{ level: 'https://littoral.example/level' }, UNREACHABLE]), noContext)
      await checkRoutes(
        (body) => ({ body, headers: { 'content-type': JSON_MEDIA, link: contextLink(UNREACHABLE) } }),
        noContext,
      )
      for (const path of resources) checkProblem(await get(path, { link: contextLink(UNREACHABLE) }), noContext)
    })

    for (const document of ['/text', '/list', '/wrong']) {
      it(`one that can be had and is broken (${document}) is BadRequestData`, async () => {
        const url = `${server.url}${document}`
        const says = document === '/wrong' ? '"a"' : url
        await checkRoutes(ld(url), badRequestData(says))
        for (const path of resources) checkProblem(await get(path, { link: contextLink(url) }), badRequestData(says))
      })
    }

    for (const [title, context, says] of [
      ['a number', 7, '@context'],
      ['null', null, '@context'],
      ['a list with a number', [SHORE, 7], '@context'],
      ['a relative address', 'shore.jsonld', 'shore.jsonld'],
      ['a term that is a number', { level: 7 }, 'level'],
      ['a cycle of terms', { a: 'b:x', b: 'a:x' }, '@context'],
      [
        'a scoped context',
        { Gauge: { '@id': 'https://littoral.example/Gauge', '@context': { level: 'x:y' } } },
        'Gauge',
      ],
    ] as const) {
      it(`${title} is BadRequestData`, () => checkRoutes(ld(context as Json), badRequestData(says)))
    }
  })
})
