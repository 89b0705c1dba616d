import { expect } from 'chai'
import fc from 'fast-check'
import { isObject } from '../../src/base/json.ts'
import { routes as table } from '../support/routes.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { API, contextLink, CORE_CONTEXT, create, gauge, gaugeId, property, readEntity } from './support.ts'

const SUBSCRIPTION = 'urn:ngsi-ld:Subscription:Brest'
/** Port 1 of the loopback interface: nothing listens there. */
const UNREACHABLE = 'http://127.0.0.1:1/x'
/** Milliseconds that the drawing of requests may take, on each store. */
const TIME = 3000
const REQUESTS = 2000
const AT_ONCE = 8

/** Words that mean something to a broker; anything else is refused too early to find much. */
const words = [
  ...['id', 'type', '@id', '@type', '@context', '@value', '@list', '@none', 'scope', 'value', 'object', 'languageMap'],
  ...['vocab', 'json', 'valueList', 'objectList', 'datasetId', 'observedAt', 'unitCode', 'expiresAt', 'createdAt'],
  ...['location', 'level', 'name', 'entities', 'watchedAttributes', 'notification', 'endpoint', 'uri', 'q', 'isActive'],
  ...['notificationTrigger', 'throttling', 'format', 'attributes', 'receiverInfo', 'notifierInfo', 'constructor'],
  ...['__proto__', 'coordinates', '', ' '],
]
const values = [
  ...['Property', 'Relationship', 'GeoProperty', 'LanguageProperty', 'ListProperty', 'VocabProperty', 'Subscription'],
  ...['TideGauge', 'Point', 'Polygon', 'urn:ngsi-ld:null', '2026-11-22T09:30:00Z', '@none', 'level>1', 'level==', '('],
  ...['http://127.0.0.1:1/x', 'mqtt://127.0.0.1:1/x', 'urn:ngsi-ld:x', CORE_CONTEXT, gaugeId('Brest'), SUBSCRIPTION],
]

const leaf = fc.oneof(
  fc.constantFrom(...values),
  fc.constantFrom(...values),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)

const json = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), tie('value'), { maxKeys: 6 }),
}))

/** Mostly the first, now and then the second. */
function mostly<T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rare })
}

// Documents near enough to good ones that the whole model is reached.
const time = mostly(fc.constant('2026-11-22T09:30:00Z'), leaf)
const uri = mostly(fc.constantFrom('urn:ngsi-ld:Port:Brest', gaugeId('Brest')), leaf)
const point = mostly(fc.constant({ type: 'Point', coordinates: [-4.49, 48.38] }), json.value)
const kinds: readonly (readonly [kind: string, member: string, value: fc.Arbitrary<unknown>])[] = [
  ['Property', 'value', json.value],
  ['GeoProperty', 'value', point],
  ['LanguageProperty', 'languageMap', mostly(fc.constant({ fr: 'Brest' }), json.value)],
  ['VocabProperty', 'vocab', mostly(fc.constant('rising'), json.value)],
  ['JsonProperty', 'json', json.value],
  ['ListProperty', 'valueList', mostly(fc.array(json.value, { maxLength: 3 }), json.value)],
  ['Relationship', 'object', mostly(uri, json.value)],
  ['ListRelationship', 'objectList', mostly(fc.array(uri, { maxLength: 3 }), json.value)],
]
const normalized = kinds.map(([kind, member, value]) =>
  fc.record(
    {
      type: mostly(fc.constant(kind), leaf),
      [member]: value,
      observedAt: time,
      expiresAt: time,
      datasetId: uri,
      sub: json.value,
    },
    { requiredKeys: ['type', member] },
  ),
)
const instance = fc.oneof(...normalized, json.value)
const attribute = mostly(instance, fc.array(instance, { maxLength: 3 }))
const scope = mostly(fc.constant('/Finistere'), json.value)
const type = mostly(fc.constant('TideGauge'), json.value)
const attributes = fc.record(
  { scope, type, level: attribute, location: attribute, name: attribute },
  { requiredKeys: [] },
)
const id = mostly(fc.constant(gaugeId('Fuzz')), leaf)
const entity = fc.record({ id, type, scope, level: attribute, name: attribute }, { requiredKeys: ['id', 'type'] })
const endpoint = fc.record(
  { uri: mostly(fc.constant('http://127.0.0.1:1/x'), leaf), accept: leaf },
  { requiredKeys: ['uri'] },
)
const subscription = fc.record(
  {
    id: mostly(
      fc.nat(9).map((n) => `urn:ngsi-ld:Subscription:${String(n)}`),
      leaf,
    ),
    type: mostly(fc.constant('Subscription'), leaf),
    entities: mostly(fc.constant([{ type: 'Ferry' }]), json.value),
    watchedAttributes: mostly(fc.constant(['level']), json.value),
    notification: mostly(
      fc.record(
        {
          endpoint,
          format: mostly(fc.constantFrom('concise', 'simplified'), leaf),
          attributes: mostly(fc.constant(['level']), json.value),
        },
        { requiredKeys: ['endpoint'] },
      ),
      json.value,
    ),
    q: mostly(fc.constant('level>1'), leaf),
    isActive: mostly(fc.boolean(), leaf),
    expiresAt: time,
    throttling: mostly(fc.nat(), leaf),
  },
  { requiredKeys: ['type', 'entities', 'notification'] },
)

/** Every route with a body, its variables bound to what is there, and what it takes. */
const bound: Readonly<Record<string, string>> = {
  ':entityId': gaugeId('Brest'),
  ':attrId': 'level',
  ':subscriptionId': SUBSCRIPTION,
}
const targets = table
  .filter(({ method }) => method === 'POST' || method === 'PATCH' || method === 'PUT')
  .map(({ method, path }) => ({
    method,
    path: path.replaceAll(/:\w+/g, (name) => bound[name] ?? 'x'),
    takes: bodyFor(path),
  }))

function bodyFor(path: string): fc.Arbitrary<unknown> {
  if (path.includes('/subscriptions')) return subscription
  if (path.endsWith(':attrId')) return instance
  if (path.endsWith('/attrs')) return attributes
  return path.endsWith('/entities') ? entity : fc.array(entity, { maxLength: 3 })
}

/** What a header can carry (RFC 9110, 5.5). */
const headerText = fc.string({
  unit: fc.constantFrom('a', 'b', '<', '>', ';', ',', '=', '"', '/', '*', ':', '.', '0', ' ', 'é', '%'),
})
const link = fc.constantFrom(...[CORE_CONTEXT, 'nowhere', UNREACHABLE].map(contextLink))
const usualHeaders = fc.record(
  {
    'content-type': fc.constant('application/json'),
    'ngsild-tenant': fc.constantFrom('', 'fuzz'),
    link: fc.constant(contextLink(CORE_CONTEXT)),
  },
  { requiredKeys: ['content-type'] },
)
const rareHeaders = fc.record(
  {
    'content-type': fc.oneof(fc.constantFrom('application/ld+json', 'application/merge-patch+json'), headerText),
    accept: headerText,
    link: fc.oneof(link, headerText),
    'ngsild-tenant': headerText,
    traceparent: headerText,
  },
  { requiredKeys: [] },
)
const headers = mostly(usualHeaders, rareHeaders) as fc.Arbitrary<Readonly<Record<string, string>>>

interface Drawn {
  readonly target: { readonly method: string; readonly path: string }
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const requests: fc.Arbitrary<Drawn> = fc.constantFrom(...targets).chain(({ takes, ...target }) => {
  const context = mostly(fc.constant({}), fc.record({ '@context': json.value }))
  const document = fc
    .tuple(mostly(takes, json.value), context)
    .map(([body, more]) => JSON.stringify(isObject(body) ? Object.assign(body, more) : body))
  const body = mostly(
    document,
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  ) as fc.Arbitrary<string>
  return fc.record({ target: fc.constant(target), headers, body })
})

describeOnStores('whatever is sent to it (5.5.4)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    await create(broker, gauge('Brest', { level: property(1) }))
    const notification = { endpoint: { uri: 'http://127.0.0.1:1/brest' } }
    const body = { id: SUBSCRIPTION, type: 'Subscription', entities: [{ type: 'Ferry' }], notification }
    await broker.request.post(`${API}/subscriptions`).send(body).expect(201)
    await create(broker, gauge('Witness', { level: property(1) }))
  })

  const answerTo = async ({ target, body, headers: sent }: Drawn): Promise<{ status: number; body: string }> => {
    const response = await fetch(`${broker.url}${target.path}`, {
      method: target.method,
      headers: trimmed(sent),
      body,
    })
    return { status: response.status, body: await response.text() }
  }

  /** Asserts that an answer is a success, or the client's fault told as JSON. */
  const check = async (drawn: Drawn): Promise<void> => {
    const { status, body } = await answerTo(drawn)
    // A @context that cannot be had is the one 5xx that a client can ask for (5.5.6).
    if (status === 504) expect(body).to.contain('errors/LdContextNotAvailable')
    else expect(status, body).to.be.below(500)
    if (status < 400 || status === 415) return
    const problem = JSON.parse(body) as Record<string, unknown>
    expect(problem).to.include.all.keys('type', 'title', 'status', 'detail')
    expect(problem['status']).to.equal(status)
  }

  it('is never its own fault', async () => {
    const seed = Number(process.env['ESTRAN_TEST_SEED'] ?? Date.now() % 2 ** 31)
    console.log(`      fuzz seed ${String(seed)} (ESTRAN_TEST_SEED repeats it)`)
    const parameters = { seed, numRuns: REQUESTS, interruptAfterTimeLimit: TIME, markInterruptAsFailure: false }
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: AT_ONCE }), async (drawn) => {
        await Promise.all(drawn.map(check))
      }),
      parameters,
    )
    expect((await broker.request.get('/health')).status).to.equal(200)
    expect(await readEntity(broker, 'Witness')).to.deep.equal(gauge('Witness', { level: property(1) }))
    expect(Object.prototype).to.not.have.property('more')
  }).timeout(TIME * 4)
})

/** As they come out of a client: without blanks at their ends. */
function trimmed(sent: Drawn['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, value.trim()]))
}
