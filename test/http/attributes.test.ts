import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Problem } from './support.ts'
import {
  badRequestData,
  checkNoContent,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  notFound,
  property,
  readEntity,
  send,
} from './support.ts'

const NULL = 'urn:ngsi-ld:null'
const VOCABULARY = 'https://uri.etsi.org/ngsi-ld/default-context/'
const shom = { datasetId: 'urn:ngsi-ld:Dataset:shom' }
const port = { type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest' }
const names = { type: 'LanguageProperty', languageMap: { fr: 'Brest' } }

/** A write to the attributes of an entity that has `before`: what it has `after`, by name; the rest stays. */
interface Write {
  readonly title: string
  readonly before: JsonObject
  readonly body: Json
  readonly after: JsonObject
}

interface Refusal {
  readonly title: string
  readonly body: Json
  readonly problem: Problem
  /** Where it goes, when not to the usual place. */
  readonly path?: string
}

describeOnStores('attributes (5.6.2, 5.6.3, 5.6.4)', (start) => {
  let broker: TestBroker
  let count = 0
  before(async () => {
    broker = await start()
  })

  const pathOf = (name: string, attribute?: string): string =>
    `${ENTITIES}/${gaugeId(name)}/attrs${attribute === undefined ? '' : `/${attribute}`}`

  const freshGauge = async (members: JsonObject): Promise<string> => {
    const name = `Fresh${String(count++)}`
    await create(broker, gauge(name, members))
    return name
  }

  /** Writes, and asserts what is there then. */
  const check = async (
    to: { method: 'post' | 'patch'; attribute?: string; query?: string },
    write: Write,
  ): Promise<void> => {
    const name = await freshGauge(write.before)
    const path = `${pathOf(name, to.attribute)}${to.query ?? ''}`
    checkNoContent(await send(broker, { method: to.method, path }, write.body))
    expect(await readEntity(broker, name)).to.deep.equal(gauge(name, write.after))
  }

  /** Writes, and asserts that it is refused and has changed nothing. */
  const checkRefused = async (
    to: { method: 'post' | 'patch'; attribute?: string },
    { body, problem }: Refusal,
    before: JsonObject = { level: property(1, { unitCode: 'MTR' }) },
  ): Promise<void> => {
    const name = await freshGauge(before)
    const state = await readEntity(broker, name, '?options=sysAttrs')
    checkProblem(await send(broker, { method: to.method, path: pathOf(name, to.attribute) }, body), problem)
    expect(await readEntity(broker, name, '?options=sysAttrs')).to.deep.equal(state)
  }

  describe('append: POST /entities/{id}/attrs (5.6.3)', () => {
    const writes: readonly Write[] = [
      {
        title: 'adds what is missing',
        before: { level: property(1) },
        body: { trend: property('rising'), port },
        after: { level: property(1), trend: property('rising'), port },
      },
      {
        title: 'replaces what is there, whole, even by another kind',
        before: { level: property(1, { unitCode: 'MTR', accuracy: property(0.1) }) },
        body: { level: names },
        after: { level: names },
      },
      {
        title: 'touches only the instance with its datasetId (4.5.5)',
        before: { level: [property(1), property(2, shom)] },
        body: { level: property(3, shom) },
        after: { level: [property(1), property(3, shom)] },
      },
      {
        title: 'adds an instance with a new datasetId',
        before: { level: property(1) },
        body: { level: property(2, shom) },
        after: { level: [property(1), property(2, shom)] },
      },
      {
        title: 'reads the concise form (C.2.2)',
        before: { level: property(1) },
        body: { level: 2, trend: { value: 'rising', observedAt: '2026-11-22T09:30:00Z' } },
        after: { level: property(2), trend: property('rising', { observedAt: '2026-11-22T09:30:00Z' }) },
      },
      { title: 'sets the scope', before: {}, body: { scope: '/Finistere' }, after: { scope: '/Finistere' } },
      {
        title: 'replaces the scope',
        before: { scope: '/Finistere' },
        body: { scope: ['/SHOM', '/Brest'] },
        after: { scope: ['/SHOM', '/Brest'] },
      },
      {
        title: 'a type is only ever added (4.16, 5.5.8)',
        before: {},
        body: { type: 'Device' },
        after: { type: ['TideGauge', 'Device'] },
      },
      {
        title: 'id and type of the entity may be repeated (5.4)',
        before: {},
        body: { type: 'TideGauge', level: 1 },
        after: { level: property(1) },
      },
    ]
    for (const write of writes) it(write.title, () => check({ method: 'post' }, write))

    it('noOverwrite adds what is missing, unites scopes, and reports the rest with full IRIs (6.3.6)', async () => {
      const name = await freshGauge({ scope: '/Finistere', level: property(1), location: property('no geometry') })
      const body = { scope: '/SHOM', level: property(2), location: property('x'), trend: property('rising') }
      const response = await send(broker, { method: 'post', path: `${pathOf(name)}?options=noOverwrite` }, body)
      expect(response.status).to.equal(207)
      expect(response.headers['content-type']).to.equal('application/json')
      expect(response.headers).to.not.have.property('link')
      const result = response.body as { updated: string[]; notUpdated: JsonObject[] }
      expect(result.updated).to.deep.equal([`${VOCABULARY}trend`])
      expect(result.notUpdated.map(({ attributeName }) => attributeName)).to.deep.equal([
        `${VOCABULARY}level`,
        'https://uri.etsi.org/ngsi-ld/location',
      ])
      for (const { reason } of result.notUpdated) expect(reason).to.be.a('string').that.is.not.empty
      const after = {
        scope: ['/Finistere', '/SHOM'],
        level: property(1),
        location: property('no geometry'),
        trend: property('rising'),
      }
      expect(await readEntity(broker, name)).to.deep.equal(gauge(name, after))
    })

    it('noOverwrite with nothing left over answers 204', async () => {
      const write = {
        title: '',
        before: { level: property(1) },
        body: { level: property(2, shom) },
        after: { level: [property(1), property(2, shom)] },
      }
      await check({ method: 'post', query: '?options=noOverwrite' }, write)
    })

    const refusals: readonly Refusal[] = [
      {
        title: 'the NGSI-LD Null, which deletes in updates only (5.5.4)',
        body: { level: NULL },
        problem: badRequestData('level'),
      },
      {
        title: 'another id than that of the path (5.4)',
        body: { id: gaugeId('Other'), trend: 1 },
        problem: badRequestData('id'),
      },
      {
        title: 'a good attribute beside a bad one',
        body: { trend: 1, level: { type: 'Property' } },
        problem: badRequestData('level'),
      },
      { title: 'a list', body: [], problem: badRequestData('object') },
    ]
    for (const refusal of refusals) it(`refuses ${refusal.title}`, () => checkRefused({ method: 'post' }, refusal))
  })

  describe('update: PATCH /entities/{id}/attrs (5.6.2)', () => {
    const writes: readonly Write[] = [
      {
        title: 'replaces an attribute whole: its sub-attributes are lost',
        before: { level: property(1, { unitCode: 'MTR', accuracy: property(0.1) }), trend: property('rising') },
        body: { level: property(2) },
        after: { level: property(2), trend: property('rising') },
      },
      { title: 'appends what is missing', before: {}, body: { level: 2 }, after: { level: property(2) } },
      {
        title: 'the NGSI-LD Null deletes (4.5.0)',
        before: { level: property(1), trend: property('x') },
        body: { level: NULL },
        after: { trend: property('x') },
      },
      {
        title: 'the NGSI-LD Null as a value deletes',
        before: { level: property(1) },
        body: { level: property(NULL) },
        after: {},
      },
      {
        title: 'as a language deletes',
        before: { names },
        body: { names: { type: 'LanguageProperty', languageMap: { '@none': NULL } } },
        after: {},
      },
      {
        title: 'as a list deletes',
        before: { list: { type: 'ListProperty', valueList: [1] } },
        body: { list: { type: 'ListProperty', valueList: [NULL] } },
        after: {},
      },
      {
        title: 'deletes only the instance with its datasetId',
        before: { level: [property(1), property(2, shom)] },
        body: { level: property(NULL, shom) },
        after: { level: property(1) },
      },
      {
        title: 'deleting what is not there does nothing',
        before: { level: property(1) },
        body: { trend: NULL },
        after: { level: property(1) },
      },
      {
        title: 'changes the scope where there is one',
        before: { scope: '/Finistere' },
        body: { scope: '/SHOM' },
        after: { scope: '/SHOM' },
      },
      {
        title: 'ignores the scope where there is none',
        before: {},
        body: { scope: '/SHOM', level: 1 },
        after: { level: property(1) },
      },
      {
        title: 'a type is only ever added (4.16)',
        before: {},
        body: { type: 'Device' },
        after: { type: ['TideGauge', 'Device'] },
      },
    ]
    for (const write of writes) it(write.title, () => check({ method: 'patch' }, write))

    const refusals: readonly Refusal[] = [
      { title: 'null (4.5.0)', body: { level: null }, problem: badRequestData('level') },
      { title: 'another id than that of the path', body: { id: gaugeId('Other') }, problem: badRequestData('id') },
      {
        title: 'a good attribute beside a bad one',
        body: { level: 2, trend: { type: 'Property', object: 'x' } },
        problem: badRequestData('trend'),
      },
    ]
    for (const refusal of refusals) it(`refuses ${refusal.title}`, () => checkRefused({ method: 'patch' }, refusal))
  })

  describe('partial update: PATCH /entities/{id}/attrs/{attribute} (5.6.4)', () => {
    const full = property(1, { unitCode: 'MTR', accuracy: property(0.1) })
    const writes: readonly Write[] = [
      {
        title: 'changes the members that are listed and no other',
        before: { level: full },
        body: { value: 2 },
        after: { level: { ...full, value: 2 } },
      },
      {
        title: 'the type may be repeated',
        before: { level: full },
        body: property(2),
        after: { level: { ...full, value: 2 } },
      },
      { title: 'a bare value is the value', before: { level: full }, body: 2, after: { level: { ...full, value: 2 } } },
      {
        title: 'adds members and sub-attributes',
        before: { level: property(1) },
        body: { observedAt: '2026-11-22T09:30:00Z', accuracy: property(0.1) },
        after: { level: property(1, { observedAt: '2026-11-22T09:30:00Z', accuracy: property(0.1) }) },
      },
      {
        title: 'the NGSI-LD Null removes members',
        before: { level: full },
        body: { unitCode: NULL, accuracy: NULL },
        after: { level: property(1) },
      },
      {
        title: 'touches only the instance with its datasetId',
        before: { level: [property(1), property(2, shom)] },
        body: { value: 3, ...shom },
        after: { level: [property(1), property(3, shom)] },
      },
      {
        title: 'works on every kind by its own member',
        before: { level: port },
        body: { object: 'urn:ngsi-ld:Port:Lorient' },
        after: { level: { ...port, object: 'urn:ngsi-ld:Port:Lorient' } },
      },
    ]
    for (const write of writes) it(write.title, () => check({ method: 'patch', attribute: 'level' }, write))

    it('the attribute may be named by its IRI', async () => {
      const write = { title: '', before: { level: property(1) }, body: 2, after: { level: property(2) } }
      await check({ method: 'patch', attribute: encodeURIComponent(`${VOCABULARY}level`) }, write)
    })

    const refusals: readonly Refusal[] = [
      {
        title: 'another kind',
        body: { type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest' },
        problem: badRequestData('level'),
      },
      {
        title: 'the value member of another kind',
        body: { object: 'urn:ngsi-ld:Port:Brest' },
        problem: badRequestData('level.object'),
      },
      { title: 'a kind that is none', body: { type: 'string' }, problem: badRequestData('level.type') },
      { title: 'null', body: null, problem: badRequestData('level') },
      { title: 'an instance that is not there', body: { value: 2, ...shom }, problem: notFound(shom.datasetId) },
      {
        title: 'a datasetId nulled away (5.5.8)',
        body: { value: 2, datasetId: NULL },
        problem: badRequestData('level.datasetId'),
      },
      { title: 'an attribute that is not there', path: 'trend', body: 2, problem: notFound('trend') },
      { title: 'the scope', path: 'scope', body: '/SHOM', problem: badRequestData('scope') },
      { title: 'a name that is none', path: 'water%20level', body: 2, problem: badRequestData('water level') },
    ]
    for (const refusal of refusals) {
      it(`refuses ${refusal.title}`, () =>
        checkRefused({ method: 'patch', attribute: refusal.path ?? 'level' }, refusal))
    }
  })

  describe('every write to attributes', () => {
    const writes = [
      { method: 'post', path: 'attrs', body: { level: 2 } },
      { method: 'patch', path: 'attrs', body: { level: 2 } },
      { method: 'patch', path: 'attrs/level', body: { value: 2 } },
    ] as const
    for (const { method, path, body } of writes) {
      it(`${method.toUpperCase()} ${path}: keeps createdAt, renews modifiedAt of what it touches (4.8)`, async () => {
        const name = await freshGauge({ level: property(1), trend: property('rising') })
        const before = (await readEntity(broker, name, '?options=sysAttrs')) as Record<string, JsonObject>
        checkNoContent(await send(broker, { method, path: `${ENTITIES}/${gaugeId(name)}/${path}` }, body))
        const after = (await readEntity(broker, name, '?options=sysAttrs')) as Record<string, JsonObject>
        expect(after['createdAt']).to.equal(before['createdAt'])
        expect(after['modifiedAt']).to.not.equal(before['modifiedAt'])
        expect(after['trend']).to.deep.equal(before['trend'])
        const level = { createdAt: before['createdAt'], modifiedAt: after['modifiedAt'] }
        expect(after['level']).to.deep.equal({ type: 'Property', value: 2, ...level })
      })

      it(`${method.toUpperCase()} ${path}: an entity that is not there is a 404, one that cannot be is a 400`, async () => {
        const absent = { method, path: `${ENTITIES}/${gaugeId('Nowhere')}/${path}` }
        checkProblem(await send(broker, absent, body), notFound(gaugeId('Nowhere')))
        checkProblem(
          await send(broker, { method, path: `${ENTITIES}/Nowhere/${path}` }, body),
          badRequestData('Nowhere'),
        )
      })
    }
  })
})
