import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestServer } from '../net/server.ts'
import { startServer } from '../net/server.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnSharedStore, describeOnStores } from '../support/broker.ts'
import { until } from '../support/until.ts'
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
  invalidRequest,
  notFound,
  property,
  read,
} from './support.ts'

const CONTEXTS = `${API}/jsonldContexts`
/** Nobody listens there: that the broker knows it as its own is all that makes it work. */
const PUBLIC_URL = 'http://estran.littoral.invalid:1026'
const flags = { 'public-url': PUBLIC_URL }
const LEVEL = 'https://littoral.example/level'
const shore = { '@context': { level: LEVEL } }
const cachedId = (url: string): string => `${CONTEXTS}/${encodeURIComponent(url)}`

/** Clause 5.13.3.5; some are there for some kinds alone. */
interface Details {
  readonly localId: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsage: string
}

describeOnStores('contexts as a service (5.13)', (start) => {
  let broker: TestBroker
  let server: TestServer
  let answer: (response: ServerResponse) => void
  let count = 0
  before(async () => {
    server = await startServer((_request, response) => {
      answer(response)
    })
    broker = await start(flags)
  })
  after(() => server.close())
  beforeEach(() => {
    serve(shore, { 'cache-control': 'max-age=600' })
  })

  const serve = (body: Json, headers: Record<string, string> = {}, status = 200): void => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    answer = (response) => response.writeHead(status, { 'content-type': 'application/ld+json', ...headers }).end(text)
  }
  const newUrl = (): string => `${server.url}/${String((count += 1))}.jsonld`
  const post = (body: Json, media = 'application/ld+json', by = broker): Promise<Response> =>
    by.request.post(CONTEXTS).set('content-type', media).send(JSON.stringify(body))
  /** The path of a hosted context. */
  const host = async (body: Json, by = broker): Promise<string> => {
    const response = await post(body, 'application/ld+json', by)
    expect(response.status, response.text).to.equal(201)
    return String(response.headers['location'])
  }
  const publicUrlOf = (path: string): string => `${PUBLIC_URL}${path}`
  const localIdOf = (path: string): string => path.slice(CONTEXTS.length + 1)
  const detailsOf = async (path: string): Promise<Details> =>
    (await read(broker, `${path}?details=true`)) as unknown as Details
  /** An entity as it reads with a context. */
  const readWith = (url: string, name: string, by = broker): Promise<Json> =>
    read(by, `${ENTITIES}/${gaugeId(name)}?format=simplified`, { link: contextLink(url) })
  /** Makes the broker fetch a context. */
  const use = async (url: string, by = broker): Promise<Response> =>
    by.request.get(`${ENTITIES}?type=TideGauge`).set('link', contextLink(url))

  describe('a hosted context (5.13.2, 6.29.3.1)', () => {
    it('is answered with 201 and the path of it, without a body', async () => {
      const response = await post(shore)
      expect(response.status, response.text).to.equal(201)
      expect(response.headers['location']).to.match(
        /^\/ngsi-ld\/v1\/jsonldContexts\/urn:ngsi-ld:Context:[0-9a-f-]{36}$/,
      )
      expect(response.text).to.equal('')
      expect(response.headers).to.not.have.property('link')
    })

    it('is served as it came, without what stood beside it (5.13.2.3, 5.13.4)', async () => {
      const context = ['https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld', { étiage: LEVEL }]
      const path = await host({ '@context': context, '@graph': [], comment: 'niveau de la mer' })
      expect(await read(broker, path)).to.deep.equal({ '@context': context })
    })

    it('is served as json or ld+json, as is accepted (6.3.4, 6.30.3.1)', async () => {
      const path = await host(shore)
      for (const accept of ['application/json', 'application/ld+json']) {
        const response = await broker.request.get(path).set('accept', accept)
        expect(response.headers['content-type']).to.equal(accept)
        expect(JSON.parse(response.text)).to.deep.equal(shore)
      }
      const refused = await broker.request.get(path).set('accept', 'text/html')
      expect(refused.status).to.equal(406)
    })

    it('comes in either media type: the @context is the content, here (6.3.5)', async () => {
      for (const media of ['application/json', 'application/ld+json']) {
        expect((await post(shore, media)).status, media).to.equal(201)
      }
      expect((await post(shore, 'text/plain')).status).to.equal(415)
    })

    it('is a context like any other for requests that name it, and for the hosted ones that refer to it', async () => {
      const url = publicUrlOf(await host(shore))
      await create(broker, { ...gauge('Hosted'), [LEVEL]: property(4) })
      expect(await readWith(url, 'Hosted')).to.have.property('level', 4)
      const wrapper = await host({ '@context': [url, { marnage: 'https://littoral.example/marnage' }] })
      expect(await readWith(publicUrlOf(wrapper), 'Hosted')).to.have.property('level', 4)
    })

    it('is one of its own each time, whatever it holds', async () => {
      expect(await host(shore)).to.not.equal(await host(shore))
    })

    const invalid: readonly [string, Json][] = [
      ['no object', []],
      ['no @context', { level: LEVEL }],
      ['null', { '@context': null }],
      ['a number', { '@context': 4 }],
      ['an array with a number', { '@context': [LEVEL, 4] }],
      ['terms that define each other', { '@context': { a: 'b:c', b: 'a:d' } }],
      ['a scoped context (5.5.7)', { '@context': { level: { '@id': LEVEL, '@context': {} } } }],
      ['no absolute address', { '@context': 'shore.jsonld' }],
    ]
    for (const [what, body] of invalid) {
      it(`is BadRequestData when it is ${what}, and nothing is stored (5.5.4, 5.13.2.4)`, async () => {
        const before = await read(broker, CONTEXTS)
        checkProblem(await post(body), badRequestData('@context'))
        expect(await read(broker, CONTEXTS)).to.deep.equal(before)
      })
    }

    it('is LdContextNotAvailable when it refers to one that cannot be had (5.5.6)', async () => {
      const says = 'http://127.0.0.1:1/none.jsonld'
      checkProblem(await post({ '@context': [says] }), { status: 504, name: 'LdContextNotAvailable', says })
    })

    it('is bounded in bytes and in number', async () => {
      const long = { '@context': { level: `https://littoral.example/${'x'.repeat(1_048_576)}` } }
      checkProblem(await post(long), badRequestData('1048576'))
    })

    it('belongs to no tenant: its URL names none (5.5.10)', async () => {
      const response = await broker.request.post(CONTEXTS).set('ngsild-tenant', 'nowhere').send(shore)
      expect(response.status, response.text).to.equal(201)
      expect(await read(broker, String(response.headers['location']))).to.deep.equal(shore)
    })
  })

  describe('a cached context (5.13.1)', () => {
    it('is listed under its original URL, and described by it or by its local id (5.13.3, 5.13.4)', async () => {
      const url = newUrl()
      await use(url)
      expect(await read(broker, `${CONTEXTS}?kind=Cached`)).to.include(url)
      const details = await detailsOf(cachedId(url))
      expect(details).to.include({ URL: url, kind: 'Cached' })
      expect(await detailsOf(`${CONTEXTS}/${details.localId}`)).to.deep.equal(details)
      const lifetime = Date.parse(details.expiresAt) - Date.parse(details.createdAt)
      expect(lifetime).to.be.within(600_000, 610_000)
    })

    it('is not served: OperationNotSupported (5.13.4.4)', async () => {
      const url = newUrl()
      await use(url)
      checkProblem(await broker.request.get(cachedId(url)), {
        status: 422,
        name: 'OperationNotSupported',
        says: url,
      })
    })

    it('is not one that is part of a body (5.13.1), nor one that is broken, nor one that must not be kept', async () => {
      const before = await read(broker, `${CONTEXTS}?kind=Cached`)
      await create(broker, { ...gauge('Inline'), '@context': { level: LEVEL } })
      serve({ '@context': { a: 'b:c', b: 'a:d' } })
      expect((await use(newUrl())).status).to.equal(400)
      serve(shore, { 'cache-control': 'no-store' })
      expect((await use(newUrl())).status).to.equal(200)
      expect(await read(broker, `${CONTEXTS}?kind=Cached`)).to.deep.equal(before)
    })

    it('counts its uses, and says when the last one was (5.13.3.5)', async () => {
      const url = newUrl()
      await use(url)
      expect(await detailsOf(cachedId(url))).to.include({ numberOfHits: 0 })
      await use(url)
      await use(url)
      const details = await detailsOf(cachedId(url))
      expect(details).to.include({ numberOfHits: 2 })
      expect(Date.parse(details.lastUsage)).to.be.at.least(Date.parse(details.createdAt))
      expect(details).to.have.all.keys(
        ...['URL', 'localId', 'kind', 'createdAt', 'expiresAt', 'lastUsage', 'numberOfHits', 'extraInfo'],
      )
    })
  })

  describe('the list (5.13.3, 6.29.3.2)', () => {
    it('holds the URLs of all kinds, or of one', async () => {
      const hosted = publicUrlOf(await host(shore))
      const cached = newUrl()
      await use(cached)
      expect(await read(broker, CONTEXTS)).to.include.members([hosted, cached])
      expect(await read(broker, `${CONTEXTS}?kind=Hosted`))
        .to.include(hosted)
        .and.not.include(cached)
      expect(await read(broker, `${CONTEXTS}?kind=Cached&details=false`))
        .to.include(cached)
        .and.not.include(hosted)
    })

    it('holds the details instead, which say what one alone says', async () => {
      const path = await host(shore)
      const details = await detailsOf(path)
      expect(details).to.include({ URL: publicUrlOf(path), localId: localIdOf(path), kind: 'Hosted', numberOfHits: 0 })
      expect(details).to.have.all.keys('URL', 'localId', 'kind', 'createdAt', 'numberOfHits', 'extraInfo')
      expect(await read(broker, `${CONTEXTS}?details=true&kind=Hosted`)).to.deep.include(details)
    })

    it('refuses what it does not know', async () => {
      checkProblem(await broker.request.get(`${CONTEXTS}?kind=hosted`), badRequestData('kind'))
      checkProblem(await broker.request.get(`${CONTEXTS}?details=yes`), badRequestData('details'))
      checkProblem(await broker.request.get(`${CONTEXTS}?type=A`), invalidRequest('type'))
    })
  })

  describe('deletion and reload (5.13.5, 6.30.3.2)', () => {
    it('a deleted context is served to nobody, and requests that name it are LdContextNotAvailable (5.5.6)', async () => {
      const path = await host(shore)
      await create(broker, { ...gauge('Kept'), [LEVEL]: property(4) })
      expect(await readWith(publicUrlOf(path), 'Kept')).to.have.property('level', 4)
      checkNoContent(await broker.request.delete(path))
      checkProblem(await broker.request.get(path), notFound(localIdOf(path)))
      checkProblem(await use(publicUrlOf(path)), {
        status: 504,
        name: 'LdContextNotAvailable',
        says: publicUrlOf(path),
      })
      expect(await read(broker, `${ENTITIES}/${gaugeId('Kept')}?format=simplified`)).to.have.property(LEVEL, 4)
    })

    it('takes one entry, and not the one that it refers to (5.13.5.1)', async () => {
      const child = await host(shore)
      const parent = await host({ '@context': [publicUrlOf(child)] })
      checkNoContent(await broker.request.delete(parent))
      expect(await read(broker, child)).to.deep.equal(shore)
    })

    it('of a cached one makes the broker fetch it again', async () => {
      const url = newUrl()
      await create(broker, { ...gauge('Refetched'), [LEVEL]: property(4) })
      expect(await readWith(url, 'Refetched')).to.have.property('level', 4)
      checkNoContent(await broker.request.delete(cachedId(url)))
      expect(await read(broker, CONTEXTS)).to.not.include(url)
      serve({ '@context': { niveau: LEVEL } })
      expect(await readWith(url, 'Refetched')).to.have.property('niveau', 4)
    })

    it('reload puts the new content in the place of the old one, at once', async () => {
      const url = newUrl()
      await create(broker, { ...gauge('Reloaded'), [LEVEL]: property(4) })
      expect(await readWith(url, 'Reloaded')).to.have.property('level', 4)
      const before = await detailsOf(cachedId(url))
      serve({ '@context': { niveau: LEVEL } }, { 'cache-control': 'max-age=600' })
      checkNoContent(await broker.request.delete(`${cachedId(url)}?reload=true`))
      expect(await readWith(url, 'Reloaded')).to.have.property('niveau', 4)
      const after = await detailsOf(cachedId(url))
      expect(after.localId).to.equal(before.localId)
      expect(after.createdAt > before.createdAt).to.equal(true)
    })

    const failures: readonly [string, () => void][] = [
      [
        'its source is down',
        () => {
          serve('down', {}, 503)
        },
      ],
      [
        'it is no JSON any more',
        () => {
          serve('no JSON')
        },
      ],
      [
        'it is no valid context any more',
        () => {
          serve({ '@context': { a: 'b:c', b: 'a:d' } })
        },
      ],
      [
        'it must not be kept any more',
        () => {
          serve(shore, { 'cache-control': 'no-store' })
        },
      ],
    ]
    for (const [what, fail] of failures) {
      it(`reload keeps the old copy and answers LdContextNotAvailable when ${what} (5.13.5.4)`, async () => {
        const url = newUrl()
        await create(broker, { ...gauge(`Reload${String(count)}`), [LEVEL]: property(4) })
        const name = `Reload${String(count)}`
        await use(url)
        const before = await detailsOf(cachedId(url))
        fail()
        const response = await broker.request.delete(`${cachedId(url)}?reload=true`)
        checkProblem(response, { status: 504, name: 'LdContextNotAvailable', says: url })
        expect(await detailsOf(cachedId(url))).to.deep.equal(before)
        expect(await readWith(url, name)).to.have.property('level', 4)
      })
    }

    it('reload of one that is not cached is BadRequestData (5.13.5.4)', async () => {
      const path = await host(shore)
      checkProblem(await broker.request.delete(`${path}?reload=true`), badRequestData('reload'))
      expect(await read(broker, path)).to.deep.equal(shore)
    })

    it('an unknown one is ResourceNotFound, with reload or without', async () => {
      for (const path of [`${CONTEXTS}/urn:ngsi-ld:Context:none`, cachedId('https://littoral.example/none.jsonld')]) {
        checkProblem(await broker.request.delete(path), notFound('contextId'))
        checkProblem(await broker.request.delete(`${path}?reload=true`), notFound('contextId'))
        checkProblem(await broker.request.get(path), notFound('contextId'))
        checkProblem(await broker.request.get(`${path}?details=true`), notFound('contextId'))
      }
    })
  })

  it('names that objects have are terms like any other, or refused by name', async () => {
    const terms = { constructor: `${LEVEL}/a`, toString: `${LEVEL}/b`, valueOf: `${LEVEL}/c` }
    const path = await host({ '@context': terms })
    expect(await read(broker, path)).to.deep.equal({ '@context': terms })
    const hostile = await broker.request
      .post(CONTEXTS)
      .set('content-type', 'application/ld+json')
      .send('{"@context":{"__proto__":{"@id":"urn:a:b"}}}')
    checkProblem(hostile, badRequestData('__proto__'))
  })
})

describeOnStores('contexts over a restart (5.13.1)', (start) => {
  let server: TestServer
  let isDown = false
  before(async () => {
    server = await startServer((request, response) => {
      if (isDown) response.destroy()
      else if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
      else response.writeHead(200, { etag: '"1"', 'cache-control': 'max-age=0' }).end(JSON.stringify(shore))
    })
  })
  after(() => server.close())

  it('hosted and cached ones are there, stale copies are revalidated, and serve while their source is down', async () => {
    const url = `${server.url}/shore.jsonld`
    const readLevel = (broker: TestBroker, link: string): Promise<Json> =>
      read(broker, `${ENTITIES}/${gaugeId('Restart')}?format=simplified`, { link: contextLink(link) })
    let broker = await start(flags)
    const hosted = await broker.request.post(CONTEXTS).send(shore)
    await create(broker, { ...gauge('Restart'), [LEVEL]: property(4) }, { link: contextLink(url) })
    await readLevel(broker, url)
    await broker.stop()

    broker = await start(flags)
    expect(await read(broker, CONTEXTS)).to.have.members([`${PUBLIC_URL}${String(hosted.headers['location'])}`, url])
    expect(await read(broker, `${cachedId(url)}?details=true`)).to.include({ numberOfHits: 1 })
    expect(await readLevel(broker, `${PUBLIC_URL}${String(hosted.headers['location'])}`)).to.have.property('level', 4)
    const before = server.requests.length
    expect(await readLevel(broker, url)).to.have.property('level', 4)
    expect(server.requests.slice(before).map(({ headers }) => headers['if-none-match'])).to.deep.equal(['"1"'])
    await broker.stop()

    isDown = true
    broker = await start(flags)
    expect(await readLevel(broker, url)).to.have.property('level', 4)
  })
})

describeOnStores('the number of hosted contexts is bounded (maxHostedContexts)', (start) => {
  it('and room is made by deleting one', async () => {
    const broker = await start({ 'max-hosted-contexts': '1' })
    const first = await broker.request.post(CONTEXTS).send(shore).expect(201)
    const refused = await broker.request.post(CONTEXTS).send(shore)
    checkProblem(refused, { status: 422, name: 'OperationNotSupported', says: 'maxHostedContexts' })
    checkNoContent(await broker.request.delete(String(first.headers['location'])))
    await broker.request.post(CONTEXTS).send(shore).expect(201)
  })
})

describeOnStores('implicitly created contexts (5.13.1, 5.8.1.4, C.8)', (start) => {
  const WIND = 'https://littoral.example/wind'
  const inline = { level: LEVEL, wind: WIND }
  let broker: TestBroker
  let receiver: TestServer
  const received: { link: string | undefined; type: string | undefined; body: JsonObject }[] = []
  before(async () => {
    receiver = await startServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject
        const { link, 'content-type': type } = request.headers
        received.push({ link: Array.isArray(link) ? link.join() : link, type, body })
        response.writeHead(204).end()
      })
    })
    broker = await start(flags)
  })
  after(() => receiver.close())

  const subscribe = async (members: JsonObject): Promise<string> => {
    const endpoint = { uri: `${receiver.url}/notify`, accept: 'application/json' }
    const subscription = { type: 'Subscription', watchedAttributes: ['level'], notification: { endpoint }, ...members }
    const response = await broker.request
      .post(`${API}/subscriptions`)
      .set('content-type', 'application/ld+json')
      .send(subscription)
    expect(response.status, response.text).to.equal(201)
    return String(response.headers['location'])
  }
  const contextOf = async (path: string): Promise<string> =>
    ((await read(broker, path)) as { jsonldContext: string }).jsonldContext
  const created = async (): Promise<Json> => read(broker, `${CONTEXTS}?kind=ImplicitlyCreated`)

  it('stand behind the Link of notifications whose @context is no single URL', async () => {
    const path = await subscribe({ '@context': inline })
    const url = await contextOf(path)
    expect(await created()).to.deep.equal([url])
    expect(await read(broker, url.slice(PUBLIC_URL.length))).to.deep.equal({ '@context': inline })
    await create(broker, { ...gauge('Etel'), [LEVEL]: property(4) })
    const [notification] = await until(
      () => received,
      ({ length }) => length === 1,
    )
    expect(notification).to.include({ type: 'application/json', link: contextLink(url) })
    expect(notification?.body).to.not.have.property('@context')
    expect(notification?.body).to.have.nested.property('data[0].level.value', 4)
    checkNoContent(await broker.request.delete(path))
  })

  it('are made once per content, and none where one URL does', async () => {
    const before = await created()
    const paths = [
      await subscribe({ '@context': inline }),
      await subscribe({ '@context': inline }),
      await subscribe({ '@context': [CORE_CONTEXT] }),
      await subscribe({ '@context': inline, jsonldContext: CORE_CONTEXT }),
    ]
    expect(await created()).to.deep.equal(before)
    const [first, second, core, given] = await Promise.all(paths.map(contextOf))
    expect(first).to.equal(second)
    expect([core, given]).to.deep.equal([CORE_CONTEXT, CORE_CONTEXT])
  })

  it('are made by a PATCH that needs one', async () => {
    const path = await subscribe({ '@context': inline, jsonldContext: CORE_CONTEXT })
    const other = { '@context': { niveau: LEVEL }, jsonldContext: 'urn:ngsi-ld:null' }
    const patch = broker.request.patch(path).set('content-type', 'application/ld+json')
    checkNoContent(await patch.send(other))
    const url = await contextOf(path)
    expect(await read(broker, url.slice(PUBLIC_URL.length))).to.deep.equal({ '@context': other['@context'] })
  })

  it('are not made for a subscription that is refused', async () => {
    const before = await created()
    const refused = await broker.request
      .post(`${API}/subscriptions`)
      .set('content-type', 'application/ld+json')
      .send({ type: 'Subscription', watchedAttributes: ['houle'], '@context': { houle: WIND } })
    checkProblem(refused, badRequestData('notification'))
    expect(await created()).to.deep.equal(before)
  })

  describe('and of answers in json to queries that bring theirs in the body (6.3.6, 6.23)', () => {
    const query = async (context: Json, accept: string, more: JsonObject = {}): Promise<Response> =>
      broker.request
        .post(`${API}/entityOperations/query`)
        .set({ 'content-type': 'application/ld+json', accept })
        .send({ type: 'Query', entities: [{ type: 'TideGauge' }], ...more, '@context': context })

    it('link to what the broker hosts', async () => {
      await create(broker, { ...gauge('Asked'), [LEVEL]: property(4) })
      const context = { hauteur: LEVEL }
      const response = await query(context, 'application/json')
      const url = (await created()) as string[]
      const link = url.find((one) => contextLink(one) === response.headers['link'])
      expect(link, response.headers['link']).to.be.a('string')
      expect(await read(broker, String(link).slice(PUBLIC_URL.length))).to.deep.equal({ '@context': context })
      expect(JSON.stringify(response.body)).to.contain('"hauteur"').and.not.contain('@context')
    })

    it('and where the context stands in the body, one URL is enough, or the query is refused, nothing is hosted', async () => {
      const before = await created()
      const inBody = await query({ autre: LEVEL }, 'application/ld+json')
      expect(inBody.headers).to.not.have.property('link')
      expect((inBody.body as JsonObject[])[0]).to.have.deep.property('@context', { autre: LEVEL })
      const core = await query([CORE_CONTEXT], 'application/json')
      expect(core.headers['link']).to.equal(contextLink(CORE_CONTEXT))
      checkProblem(await query({ encore: LEVEL }, 'application/json', { q: '((' }), badRequestData('q'))
      expect(await created()).to.deep.equal(before)
    })
  })

  it('a jsonldContext that cannot be had refuses the subscription (5.8.1.4)', async () => {
    const says = 'http://127.0.0.1:1/none.jsonld'
    const refused = await broker.request.post(`${API}/subscriptions`).send({
      ...{ type: 'Subscription', watchedAttributes: ['level'], jsonldContext: says },
      notification: { endpoint: { uri: receiver.url } },
    })
    checkProblem(refused, { status: 504, name: 'LdContextNotAvailable', says })
  })
})

describeOnSharedStore('contexts of two brokers on one database (5.13.1)', (start) => {
  let brest: TestBroker
  let roscoff: TestBroker
  let server: TestServer
  let term = 'level'
  before(async () => {
    server = await startServer((_request, response) => {
      const body = JSON.stringify({ '@context': { [term]: LEVEL } })
      response.writeHead(200, { 'cache-control': 'max-age=600' }).end(body)
    })
    ;[brest, roscoff] = await Promise.all([start(flags), start(flags)])
    await create(brest, { ...gauge('Both'), [LEVEL]: property(4) })
  })
  after(() => server.close())

  const shown = async (broker: TestBroker, url: string): Promise<Response> =>
    broker.request.get(`${ENTITIES}/${gaugeId('Both')}?format=simplified`).set('link', contextLink(url))

  it('one serves at once what the other hosts, and forgets what the other has deleted', async () => {
    const hosted = await brest.request.post(CONTEXTS).send(shore).expect(201)
    const path = String(hosted.headers['location'])
    expect(await read(roscoff, path)).to.deep.equal(shore)
    expect((await shown(roscoff, `${PUBLIC_URL}${path}`)).body).to.have.property('level', 4)
    checkNoContent(await brest.request.delete(path))
    checkProblem(await roscoff.request.get(path), notFound('contextId'))
    await until(
      () => shown(roscoff, `${PUBLIC_URL}${path}`),
      ({ status }) => status === 504,
    )
  })

  it('one has what the other has fetched, fetches it no second time, and follows its reload', async () => {
    const url = `${server.url}/both.jsonld`
    for (const broker of [brest, roscoff]) expect((await shown(broker, url)).body).to.have.property('level', 4)
    expect(server.requests).to.have.length(1)
    term = 'niveau'
    checkNoContent(await brest.request.delete(`${cachedId(url)}?reload=true`))
    await until(
      () => shown(roscoff, url),
      ({ body }) => Object.hasOwn(body as object, 'niveau'),
    )
    expect(server.requests).to.have.length(2)
  })

  it('uses are counted together', async () => {
    const url = `${server.url}/counted.jsonld`
    for (const broker of [brest, roscoff, brest]) await shown(broker, url)
    await read(brest, `${cachedId(url)}?details=true`)
    expect(await read(roscoff, `${cachedId(url)}?details=true`)).to.include({ numberOfHits: 2 })
  })
})
