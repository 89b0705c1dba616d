/** What users of other brokers complain of, about contexts: each complaint a test that names it. */
import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json } from '../../src/base/json.ts'
import {
  API,
  checkProblem,
  contextLink,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  property,
  read,
  readEntity,
} from '../http/support.ts'
import type { TestServer } from '../net/server.ts'
import { startServer } from '../net/server.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { until } from '../support/until.ts'

const LD_MEDIA = 'application/ld+json'
const LEVEL = 'https://littoral.example/level'
const shore = JSON.stringify({ '@context': { level: LEVEL } })

describeOnStores('complaints about contexts', (start) => {
  let broker: TestBroker
  let server: TestServer
  let answer: (response: ServerResponse) => void
  before(async () => {
    server = await startServer((_request, response) => {
      answer(response)
    })
    broker = await start()
  })
  after(() => server.close())

  const postIn = (context: Json, name: string): Promise<Response> =>
    broker.request
      .post(ENTITIES)
      .set('content-type', LD_MEDIA)
      .send(JSON.stringify({ ...gauge(name, { level: property(4) }), '@context': context }))
  const cached = (): Promise<Json> => read(broker, `${API}/jsonldContexts?kind=Cached`)

  describe('Orion-LD 952, Stellio 1159: needs the Internet for the core @context', () => {
    for (const version of ['', ...[3, 4, 5, 6, 7, 8, 9].map((minor) => `-v1.${String(minor)}`)]) {
      it(`not for ngsi-ld-core-context${version}.jsonld, in a Link or in a body: it is built in (4.4)`, async () => {
        const url = `https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context${version}.jsonld`
        const name = `Core${version}`
        expect((await postIn([url], name)).status).to.equal(201)
        const link = contextLink(url)
        expect(await read(broker, `${ENTITIES}/${gaugeId(name)}`, { link })).to.have.property('level')
        expect(await cached()).to.deep.equal([])
      })
    }
  })

  describe('Orion-LD 952, Stellio 1159: a broken context is cached as empty', () => {
    const broken: readonly [string, (response: ServerResponse) => void, number][] = [
      ['a page of errors', (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<p>'), 504],
      ['half of it', (response) => response.writeHead(200).end(shore.slice(0, 20)), 400],
      ['nothing at all', (response) => response.writeHead(200).end(), 400],
      ['terms that go in a circle', (response) => response.end('{"@context":{"a":"b:c","b":"a:d"}}'), 400],
      ['a connection that breaks', (response) => response.destroy(), 504],
    ]
    for (const [what, respond, status] of broken) {
      it(`not when the first answer is ${what}: nothing is stored, and the next answer counts (5.5.6)`, async () => {
        const url = `${server.url}/${encodeURIComponent(what)}`
        const name = what.replaceAll(' ', '')
        answer = respond
        const refused = await postIn(url, name)
        checkProblem(refused, {
          status,
          name: status === 504 ? 'LdContextNotAvailable' : 'BadRequestData',
          says: '@context',
        })
        expect((await broker.request.get(`${ENTITIES}/${gaugeId(name)}`)).status).to.equal(404)
        expect(await cached()).to.not.include(url)
        answer = (response) => response.writeHead(200, { 'content-type': LD_MEDIA }).end(shore)
        await until(
          () => postIn(url, name),
          (response) => response.status === 201,
        )
        expect(await readEntity(broker, name)).to.have.property(LEVEL)
      })
    }
  })

  describe('Orion-LD 952, Stellio 1159: text/plain contexts refused', () => {
    for (const type of ['text/plain', 'text/plain; charset=utf-8', 'application/json', 'application/octet-stream']) {
      it(`not ${type}, which file hosts answer with`, async () => {
        answer = (response) => response.writeHead(200, { 'content-type': type }).end(shore)
        const name = type.replaceAll(/\W/g, '')
        expect((await postIn(`${server.url}/${name}`, name)).status).to.equal(201)
        expect(await readEntity(broker, name)).to.have.property(LEVEL)
      })
    }
  })

  describe('Orion-LD 1075: crash on a context', () => {
    const hostile: readonly [string, Json][] = [
      ['null', null],
      ['nulls', [null, [null]]],
      ['a number', 4],
      ['an empty text', ''],
      ['no address', 'shore'],
      ['an address of another kind', 'urn:ngsi-ld:Context:1'],
      ['a file of the broker', 'file:///etc/passwd'],
      ['an address with credentials', 'http://etel:etel@127.0.0.1:1/a.jsonld'],
      ['an empty array', []],
      ['an array of empty arrays', [[], [[]]]],
      ['itself within itself', { '@context': { '@context': { '@context': {} } } }],
      ['a term that is a number', { level: 4 }],
      ['a term that is an array', { level: [LEVEL] }],
      ['a term without an @id', { level: {} }],
      ['a term that is empty', { '': LEVEL }],
      ['a term that is a keyword', { '@type': LEVEL }],
      ['a term that defines itself', { level: 'level:level' }],
      ['terms in a circle', { a: 'b:c', b: 'c:a', c: 'a:b' }],
      ['an @id that is no text', { level: { '@id': { '@id': LEVEL } } }],
      ['an @id with a blank', { level: 'https://littoral.example/a b' }],
      ['a @type that is none', { level: { '@id': LEVEL, '@type': 'nothing' } }],
      ['a @container that is none', { level: { '@id': LEVEL, '@container': '@nothing' } }],
      ['a @vocab that is a number', { '@vocab': 4 }],
      ['a @version of the future', { '@version': 9 }],
      ['@import', { '@import': 'https://littoral.example/a.jsonld' }],
      ['a scoped context', { level: { '@id': LEVEL, '@context': { level: null } } }],
      ['names of Object.prototype', { constructor: LEVEL, toString: LEVEL, hasOwnProperty: LEVEL }],
      ['a term of ten thousand letters', { ['l'.repeat(10_000)]: LEVEL }],
      [
        'ten thousand terms',
        Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`t${String(index)}`, LEVEL])),
      ],
      ['a hundred addresses that lead nowhere', Array.from({ length: 100 }, () => 'http://127.0.0.1:1/none.jsonld')],
      ['a lone surrogate', { '\ud800': LEVEL }],
    ]
    before(() => create(broker, gauge('Alive')))
    for (const [index, [what, context]] of hostile.entries()) {
      it(`not on ${what}: it is taken, or refused with a reason, and the broker lives`, async () => {
        for (const response of [
          await postIn(context, `Hostile${String(index)}`),
          await broker.request
            .post(`${API}/jsonldContexts`)
            .send(JSON.stringify({ '@context': context }))
            .type('json'),
        ]) {
          expect(response.status, response.text).to.be.oneOf([201, 400, 504])
          if (response.status !== 201) expect(response.body).to.have.property('detail').that.is.not.empty
        }
        expect(await readEntity(broker, 'Alive')).to.deep.equal(gauge('Alive'))
      })
    }
  })
})
