import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Headers, Problem } from './support.ts'
import {
  API,
  badRequestData,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  invalidRequest,
  property,
  read,
} from './support.ts'

const BREST = gaugeId('Brest')
const SUBSCRIPTION = 'urn:ngsi-ld:Subscription:Brest'
const MAX_BODY_BYTES = 20_000
const MAX_DEPTH = 16

const subscription = {
  id: SUBSCRIPTION,
  type: 'Subscription',
  entities: [{ type: 'Ferry' }],
  notification: { endpoint: { uri: 'http://127.0.0.1:9/brest' } },
}

/** Every route that takes a body, with a body that would do were it not for what stands in the place of `fault`. */
interface Route {
  readonly title: string
  readonly method: 'post' | 'patch' | 'put'
  readonly path: string
  body(fault: string): string
  /** How a problem names the place of the fault. */
  readonly place: string
}

const routes: readonly Route[] = [
  {
    title: 'POST /entities',
    method: 'post',
    path: '/entities',
    body: (fault) => `{"id":"${gaugeId('New')}","type":"TideGauge","level":{"type":"Property","value":${fault}}}`,
    place: 'level.value',
  },
  {
    title: 'POST /entities/{id}/attrs',
    method: 'post',
    path: `/entities/${BREST}/attrs`,
    body: (fault) => `{"trend":"rising","level":{"type":"Property","value":${fault}}}`,
    place: 'level.value',
  },
  {
    title: 'PATCH /entities/{id}/attrs',
    method: 'patch',
    path: `/entities/${BREST}/attrs`,
    body: (fault) => `{"trend":"rising","level":{"type":"Property","value":${fault}}}`,
    place: 'level.value',
  },
  {
    title: 'PATCH /entities/{id}/attrs/{attribute}',
    method: 'patch',
    path: `/entities/${BREST}/attrs/level`,
    body: (fault) => `{"unitCode":"MTR","value":${fault}}`,
    place: 'value',
  },
  {
    title: 'PUT /entities/{id}/attrs/{attribute}',
    method: 'put',
    path: `/entities/${BREST}/attrs/level`,
    body: (fault) => `{"unitCode":"MTR","value":${fault}}`,
    place: 'value',
  },
  {
    title: 'PATCH /entities/{id}',
    method: 'patch',
    path: `/entities/${BREST}`,
    body: (fault) => `{"trend":"rising","level":{"type":"Property","value":${fault}}}`,
    place: 'level.value',
  },
  {
    title: 'PUT /entities/{id}',
    method: 'put',
    path: `/entities/${BREST}`,
    body: (fault) => `{"type":"Buoy","level":{"type":"Property","value":${fault}}}`,
    place: 'level.value',
  },
  {
    title: 'POST /entityOperations/merge',
    method: 'post',
    path: '/entityOperations/merge',
    body: (fault) => `[{"id":"${BREST}","trend":"rising"},{"id":"${BREST}","level":{"value":${fault}}}]`,
    place: '1.level.value',
  },
  {
    title: 'POST /entityOperations/delete',
    method: 'post',
    path: '/entityOperations/delete',
    body: (fault) => `["${BREST}",${fault}]`,
    place: '1',
  },
  {
    title: 'POST /entityOperations/upsert',
    method: 'post',
    path: '/entityOperations/upsert',
    body: (fault) =>
      `[{"id":"${BREST}","type":"TideGauge","level":9},{"id":"${gaugeId('New')}","type":"TideGauge","level":{"value":${fault}}}]`,
    place: '1.level.value',
  },
  {
    title: 'POST /subscriptions',
    method: 'post',
    path: '/subscriptions',
    body: (fault) =>
      JSON.stringify({ ...subscription, id: `${SUBSCRIPTION}:2` }).replace('{', `{"description":${fault},`),
    place: 'description',
  },
  {
    title: 'PATCH /subscriptions/{id}',
    method: 'patch',
    path: `/subscriptions/${SUBSCRIPTION}`,
    body: (fault) => `{"isActive":false,"description":${fault}}`,
    place: 'description',
  },
]

const deep = '['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1)

/** What JSON.parse takes and a broker must not (or does not take itself): in the place of a value. */
const faults: readonly (readonly [title: string, fault: string, problem: (place: string) => Problem])[] = [
  ['bad JSON', '}', () => invalidRequest('JSON')],
  ['JSON that breaks off', '{"a":', () => invalidRequest('JSON')],
  ['NaN', 'NaN', () => invalidRequest('JSON')],
  ['single quotes', "'x'", () => invalidRequest('JSON')],
  ['a raw control character', '"\u0001"', () => invalidRequest('JSON')],
  ['a second document', '1} {"a":1', () => invalidRequest('JSON')],
  ['absurd nesting', deep, (place) => badRequestData(place)],
  ['nesting beyond any stack', '['.repeat(9000) + ']'.repeat(9000), (place) => badRequestData(place)],
  ['__proto__', '{"__proto__":{"admin":true}}', (place) => badRequestData(`${place}.__proto__`)],
  ['__proto__ in an array', '[{"__proto__":1}]', (place) => badRequestData(`${place}.0.__proto__`)],
  ['an escaped __proto__', '{"\\u005f_proto__":1}', (place) => badRequestData(`${place}.__proto__`)],
  [
    'constructor.prototype',
    '{"constructor":{"prototype":{"admin":true}}}',
    (place) => badRequestData(`${place}.constructor`),
  ],
  ['a lone high surrogate', '"mar\\ud83c\\u00e9e"', (place) => badRequestData(place)],
  ['a lone low surrogate', '["\\udf0a"]', (place) => badRequestData(`${place}.0`)],
  ['a lone surrogate in a name', '{"mar\\ud83c":1}', (place) => badRequestData(place)],
  ['a number beyond double', '1e400', (place) => badRequestData(place)],
  ['a negative number beyond double', '[-1e400]', (place) => badRequestData(`${place}.0`)],
  ['an integer beyond 2^53', '9007199254740993', (place) => badRequestData(place)],
  ['an integer beyond 2^53 in an array', '[1,-9007199254740993]', (place) => badRequestData(`${place}.1`)],
]

describeOnStores('malformed requests (4.6, 5.5.4, 6.3.2, 6.3.4, 6.3.14)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({ 'max-body-bytes': String(MAX_BODY_BYTES), 'max-depth': String(MAX_DEPTH) })
    await create(broker, gauge('Brest', { level: property(1) }))
    await broker.request.post(`${API}/subscriptions`).send(subscription).expect(201)
  })

  /** All that there is: what a refused request must leave as it was. */
  const everything = async (): Promise<Json> => [
    await read(broker, `${ENTITIES}?local=true&options=sysAttrs`),
    await read(broker, `${API}/temporal/entities/${BREST}?options=sysAttrs`),
    await read(broker, `${API}/subscriptions?options=sysAttrs`),
  ]

  /** Runs a request, runs `check` on its answer, and asserts that nothing was written, not even by half. */
  const checkUntouched = async <T>(request: () => PromiseLike<T>, check: (answer: T) => void): Promise<void> => {
    const before = await everything()
    check(await request())
    expect(await everything()).to.deep.equal(before)
  }

  const sendText = (
    route: Route,
    body: string | Buffer,
    headers: Headers = { 'content-type': 'application/json' },
  ): PromiseLike<Response> => broker.request[route.method](`${API}${route.path}`).set(headers).send(body)

  for (const route of routes) {
    describe(route.title, () => {
      for (const [title, fault, problem] of faults) {
        it(`${title} is refused, naming the member`, async () => {
          const answered = (): PromiseLike<Response> => sendText(route, route.body(fault))
          await checkUntouched(answered, (response) => {
            checkProblem(response, problem(route.place))
          })
        })
      }

      it('a body that is not UTF-8 is refused', async () => {
        const bytes = Buffer.from(route.body('"mar\u00e9e"'), 'latin1')
        await checkUntouched(
          () => sendBytes(broker, route, bytes),
          ({ status, body }) => {
            expect(status).to.equal(400)
            expect(body).to.contain('errors/InvalidRequest').and.to.contain('UTF-8')
          },
        )
      })

      it('an empty body is refused', async () => {
        await checkUntouched(
          () => sendText(route, ''),
          (response) => {
            checkProblem(response, invalidRequest('empty'))
          },
        )
      })

      for (const body of ['7', '"text"', 'true', 'null', '[]', '{}', '[[]]']) {
        // An empty fragment is one, a bare value is a concise attribute, and an array the list of a batch.
        const legal = route.method !== 'post' || route.path.endsWith('attrs') ? ['{}'] : []
        const value = route.path.endsWith('attrs/level') ? ['7', '"text"', 'true', '[]', '[[]]'] : []
        const batch = route.path.startsWith('/entityOperations') ? ['[[]]'] : []
        if ([...legal, ...value, ...batch].includes(body)) continue
        it(`the body ${body} is refused`, async () => {
          await checkUntouched(
            () => sendText(route, body),
            (response) => {
              checkProblem(response, badRequestData(''))
            },
          )
        })
      }

      it('an oversize body is a 413', async () => {
        const body = route.body(JSON.stringify('x'.repeat(MAX_BODY_BYTES)))
        await checkUntouched(
          () => sendText(route, body),
          (response) => {
            checkProblem(response, { status: 413, name: 'PayloadTooLarge', says: String(MAX_BODY_BYTES) })
          },
        )
      })

      for (const type of [
        'text/plain',
        'application/xml',
        'application/json; charset=iso-8859-1',
        'application/jsonp',
        'x',
      ]) {
        it(`the media type ${type} is a 415 without a body (6.3.4)`, async () => {
          await checkUntouched(
            () => sendText(route, route.body('1'), { 'content-type': type }),
            (response) => {
              expect(response.status).to.equal(415)
              expect(response.text).to.equal('')
            },
          )
        })
      }

      it('merge-patch+json is for PATCH alone (6.3.4)', async () => {
        if (route.method === 'patch') return
        const headers = { 'content-type': 'application/merge-patch+json' }
        await checkUntouched(
          () => sendText(route, route.body('1'), headers),
          (response) => {
            expect(response.status).to.equal(415)
          },
        )
      })

      it('a body without a Content-Length is a 411 without a body (6.3.4)', async () => {
        await checkUntouched(
          () => chunked(broker, route),
          ({ status, body }) => {
            expect({ status, body }).to.deep.equal({ status: 411, body: '' })
          },
        )
      })

      it('a body that breaks off changes nothing', async () => {
        await checkUntouched(
          () => brokenOff(broker, route),
          () => undefined,
        )
      })

      it('an unknown parameter, or one given twice, is refused by its name (6.3.14)', async () => {
        for (const [query, says] of [
          ['?colour=blue', 'colour'],
          ['?__proto__=1', '__proto__'],
          ['?local=true&local=true', 'local'],
        ] as const) {
          const spoilt = { ...route, path: `${route.path}${query}` }
          await checkUntouched(
            () => sendText(spoilt, route.body('1')),
            (response) => {
              checkProblem(response, invalidRequest(says))
            },
          )
        }
      })
    })
  }

  it('the body that each fault spoils is good without it', async () => {
    for (const route of routes) {
      const response = await sendText(route, route.body('"calm"'), {
        'content-type': 'application/json',
        'ngsild-tenant': 'good',
      })
      // What is to be changed is not there in this tenant; what is to be created is.
      expect(response.status, `${route.title}: ${response.text}`).to.be.oneOf([201, 204, 207, 404])
    }
  })

  it('__proto__ in a name is no name anywhere', async () => {
    for (const body of [
      '{"id":"urn:ngsi-ld:TideGauge:New","type":"TideGauge","__proto__":{"type":"Property","value":1}}',
      '{"id":"urn:ngsi-ld:TideGauge:New","type":"__proto__"}',
      '{"id":"urn:ngsi-ld:TideGauge:New","type":"TideGauge","a":{"type":"JsonProperty","json":{"__proto__":1}}}',
      '{"id":"urn:ngsi-ld:TideGauge:New","type":"TideGauge","a":{"type":"VocabProperty","vocab":"__proto__"}}',
    ]) {
      const request = broker.request.post(ENTITIES).set('content-type', 'application/json')
      await checkUntouched(
        () => request.send(body),
        (response) => {
          checkProblem(response, badRequestData('__proto__'))
        },
      )
    }
    checkProblem(await broker.request.get(`${ENTITIES}?type=__proto__`), badRequestData('__proto__'))
    checkProblem(await broker.request.get(`${ENTITIES}?attrs=__proto__`), badRequestData('__proto__'))
    expect(Object.prototype).to.not.have.property('admin')
  })

  it('names that every object has are names like any other', async () => {
    const members = { constructor: property(1), toString: property(2), hasOwnProperty: property(3) }
    await create(broker, gauge('Inherited', members), { 'ngsild-tenant': 'inherited' })
    const stored = await read(broker, `${ENTITIES}/${gaugeId('Inherited')}`, { 'ngsild-tenant': 'inherited' })
    expect(stored).to.deep.equal(gauge('Inherited', members))
    const query = `${ENTITIES}/${gaugeId('Inherited')}?attrs=valueOf`
    expect((await broker.request.get(query).set('ngsild-tenant', 'inherited')).status).to.equal(404)
  })

  it('what a double holds comes back exactly', async () => {
    const text = '[9007199254740992,-9007199254740991,1e308,5e-324,0.1,-0.5,1152921504606846976]'
    const body = `{"id":"${gaugeId('Numbers')}","type":"TideGauge","level":{"type":"Property","value":${text}}}`
    const tenant = { 'ngsild-tenant': 'numbers' }
    const created = await broker.request
      .post(ENTITIES)
      .set({ ...tenant, 'content-type': 'application/json' })
      .send(body)
    expect(created.status, created.text).to.equal(201)
    const stored = (await read(broker, `${ENTITIES}/${gaugeId('Numbers')}?format=simplified`, tenant)) as {
      level: Json
    }
    expect(stored.level).to.deep.equal(JSON.parse(text))
  })

  for (const [method, path, allowed] of [
    ['put', ENTITIES, ['GET', 'POST', 'DELETE']],
    ['patch', `${API}/subscriptions`, ['GET', 'POST']],
    ['get', `${API}/entityOperations/upsert`, ['POST']],
    ['post', `${API}/temporal/entities/${BREST}`, ['GET']],
    ['post', '/health', ['GET']],
  ] as const) {
    it(`${method.toUpperCase()} ${path} is a 405 with Allow (6.3.2)`, async () => {
      const response = await broker.request[method](path)
      checkProblem(response, { status: 405, name: 'MethodNotAllowed', says: method.toUpperCase() })
      expect(String(response.headers['allow']).split(', ')).to.include.members(allowed)
    })
  }

  for (const path of [
    '/',
    '/ngsi-ld/v1',
    '/ngsi-ld/v2/entities',
    `${API}/entity`,
    `${ENTITIES}/${BREST}/attrs/level/value`,
  ]) {
    it(`${path} is a 404 in JSON`, async () => {
      const problem = { status: 404, name: 'ResourceNotFound', says: path } as const
      checkProblem(await broker.request.get(path), problem)
      checkProblem(await broker.request.post(path).send({}), problem)
    })
  }

  for (const path of [`${ENTITIES}/%E0%A4%A`, `${ENTITIES}/%`, `${ENTITIES}/${BREST}/attrs/%FF`]) {
    it(`the broken percent-encoding of ${path} is a 400`, async () => {
      checkProblem(await broker.request.get(path), invalidRequest('percent'))
    })
  }

  for (const query of ['colour=blue', 'joinlevel=1', 'type=Buoy&type=Buoy', 'limit=1&limit=1', 'Type=Buoy']) {
    it(`GET /entities?${query} is refused by name (6.3.14)`, async () => {
      checkProblem(
        await broker.request.get(`${ENTITIES}?local=true&${query}`),
        invalidRequest(query.split('=')[0] ?? ''),
      )
    })
  }

  it('broken percent-encoding in a parameter is refused by name', async () => {
    checkProblem(await broker.request.get(`${ENTITIES}?type=%E0%A4%A`), invalidRequest('type'))
  })

  it('what is not HTTP gets a 400 in JSON, and is cut off', async () => {
    const answer = await raw(broker, 'BONJOUR, ESTRAN\r\n\r\n')
    expect(answer)
      .to.match(/^HTTP\/1\.1 400 /)
      .and.to.contain('errors/InvalidRequest')
    expect(answer).to.contain('content-type: application/json')
  })
})

/** An answer had without supertest. */
interface RawAnswer {
  readonly status: number | undefined
  readonly body: string
}

function open(broker: TestBroker, { method, path }: Route, headers: Headers): ClientRequest {
  const type = { 'content-type': 'application/json' }
  return httpRequest(`${broker.url}${API}${path}`, {
    method: method.toUpperCase(),
    headers: { ...type, ...headers },
    agent: false,
  })
}

function chunked(broker: TestBroker, route: Route): Promise<RawAnswer> {
  const request = open(broker, route, { 'transfer-encoding': 'chunked' })
  return finish(request, route.body('1'))
}

function sendBytes(broker: TestBroker, route: Route, bytes: Buffer): Promise<RawAnswer> {
  return finish(open(broker, route, { 'content-length': String(bytes.length) }), bytes)
}

async function finish(request: ClientRequest, body: string | Buffer): Promise<RawAnswer> {
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}

/** Sends all of a body but its end, and hangs up. */
async function brokenOff(broker: TestBroker, route: Route): Promise<void> {
  const body = route.body('"calm"')
  const request = open(broker, route, { 'content-length': String(Buffer.byteLength(body) + 1) })
  await new Promise((resolve) => request.write(body, resolve))
  const closed = new Promise((resolve) => request.on('close', resolve))
  // Node reports the hanging up as an error.
  request.on('error', () => undefined).destroy()
  await closed
}

async function raw(broker: TestBroker, bytes: string): Promise<string> {
  const { hostname, port } = new URL(broker.url)
  const socket = connect(Number(port), hostname)
  socket.write(bytes)
  return text(socket)
}
