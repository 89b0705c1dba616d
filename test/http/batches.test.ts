import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  contextLink,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  invalidRequest,
  property,
  read,
  readEntity,
  SHORE,
  shoreContexts,
} from './support.ts'

const NULL = 'urn:ngsi-ld:null'
const NDJSON = 'application/x-ndjson'
/** Ten thousand are in batch.test.ts of test/store/sqlite and test/store/mongodb. */
const MANY = 300

/** An error of a batch: of which entity, of which type, and what its detail says. */
type Expected = readonly [entityId: string, error: string, says: string]

describeOnStores('batches (5.6.7, 5.6.9, 5.6.10, 5.6.20)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
  })

  const post = (
    operation: string,
    body: Json | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const request = broker.request.post(`${API}/entityOperations/${operation}`)
    return Promise.resolve(request.set({ 'content-type': 'application/json', ...headers }).send(text))
  }

  /** Asserts a 207 in plain JSON with these results, in order (5.2.16, 6.3.6). */
  const checkPartly = (response: Response, success: readonly string[], errors: readonly Expected[]): void => {
    expect(response.status, response.text).to.equal(207)
    expect(response.headers['content-type']).to.equal('application/json')
    expect(response.headers).to.not.have.property('link')
    const result = response.body as { success: string[]; errors: { entityId: string; error: JsonObject }[] }
    expect(result.success).to.deep.equal(success.map(gaugeId))
    expect(result.errors.map(({ entityId }) => entityId)).to.deep.equal(errors.map(([id]) => id))
    for (const [index, [, type, says]] of errors.entries()) {
      const error = result.errors[index]?.error
      expect(error?.['type']).to.equal(`https://uri.etsi.org/ngsi-ld/errors/${type}`)
      expect(error?.['detail']).to.contain(says)
    }
  }

  const sysAttrs = async (name: string): Promise<Record<string, JsonObject>> =>
    (await readEntity(broker, name, '?options=sysAttrs')) as Record<string, JsonObject>

  describe('create (5.6.7)', () => {
    it('answers 201 with the ids as a bare array, in order', async () => {
      const response = await post('create', [gauge('C1', { level: property(1) }), gauge('C2')])
      expect(response.status, response.text).to.equal(201)
      expect(response.body).to.deep.equal([gaugeId('C1'), gaugeId('C2')])
      expect(await readEntity(broker, 'C1')).to.deep.equal(gauge('C1', { level: property(1) }))
    })

    it('what exists is an error of its item; of one id twice the first creates (5.5.11.1)', async () => {
      await create(broker, gauge('Known', { level: property(1) }))
      const response = await post('create', [
        gauge('Known', { level: 2 }),
        gauge('Twice', { level: 1 }),
        gauge('Twice', { level: 2 }),
      ])
      checkPartly(
        response,
        ['Twice'],
        [
          [gaugeId('Known'), 'AlreadyExists', 'Known'],
          [gaugeId('Twice'), 'AlreadyExists', 'Twice'],
        ],
      )
      expect(await readEntity(broker, 'Known')).to.deep.equal(gauge('Known', { level: property(1) }))
      expect(await readEntity(broker, 'Twice')).to.deep.equal(gauge('Twice', { level: property(1) }))
    })

    it('a failed item leaves nothing, and says where it stands when it has no id', async () => {
      const response = await post('create', [
        { type: 'TideGauge' },
        gauge('Half', { trend: 1, level: { type: 'Property' } }),
        gauge('Whole'),
      ])
      checkPartly(
        response,
        ['Whole'],
        [
          ['', 'BadRequestData', '[0]: id'],
          [gaugeId('Half'), 'BadRequestData', 'level'],
        ],
      )
      expect((await broker.request.get(`${ENTITIES}/${gaugeId('Half')}`)).status).to.equal(404)
    })

    it('brings its tenant into being (5.5.10)', async () => {
      const tenant = { 'ngsild-tenant': 'batched' }
      expect((await post('create', [gauge('Tenant')], tenant)).status).to.equal(201)
      expect(await read(broker, `${ENTITIES}/${gaugeId('Tenant')}`, tenant)).to.deep.equal(gauge('Tenant'))
    })
  })

  describe('upsert (5.6.8), in update mode', () => {
    it('deletes by the NGSI-LD Null as 5.6.2 does, but not in what it creates (5.5.4)', async () => {
      await create(broker, gauge('UpsertNull', { level: property(1), trend: property('x') }))
      const items = [gauge('UpsertNull', { trend: NULL }), gauge('UpsertNew', { trend: NULL })]
      const response = await post('upsert?options=update', items)
      checkPartly(response, ['UpsertNull'], [[gaugeId('UpsertNew'), 'BadRequestData', 'trend']])
      expect(await readEntity(broker, 'UpsertNull')).to.deep.equal(gauge('UpsertNull', { level: property(1) }))
    })
  })

  describe('update (5.6.9)', () => {
    it('appends and replaces attributes as 5.6.3 does; a type may be left out (5.4)', async () => {
      await create(broker, gauge('U1', { level: property(1, { unitCode: 'MTR' }), trend: property('x') }))
      await create(broker, gauge('U2'))
      checkNoContent(
        await post('update', [{ id: gaugeId('U1'), level: 2 }, gauge('U2', { type: 'Device', scope: '/a' })]),
      )
      expect(await readEntity(broker, 'U1')).to.deep.equal(gauge('U1', { level: property(2), trend: property('x') }))
      expect(await readEntity(broker, 'U2')).to.deep.equal(gauge('U2', { type: ['TideGauge', 'Device'], scope: '/a' }))
    })

    it('with noOverwrite leaves what is there, which is no error', async () => {
      await create(broker, gauge('Left', { level: property(1) }))
      checkNoContent(await post('update?options=noOverwrite', [gauge('Left', { level: 2, trend: 'x' })]))
      expect(await readEntity(broker, 'Left')).to.deep.equal(
        gauge('Left', { level: property(1), trend: property('x') }),
      )
    })

    it('all share one modifiedAt, and one id twice is two updates in order (5.5.11)', async () => {
      await create(broker, gauge('Same1', { level: property(1) }))
      await create(broker, gauge('Same2', { level: property(1) }))
      checkNoContent(
        await post('update', [
          gauge('Same1', { level: 2 }),
          gauge('Same2', { level: 2 }),
          gauge('Same1', { level: 3 }),
        ]),
      )
      const [first, second] = [await sysAttrs('Same1'), await sysAttrs('Same2')]
      expect(first['modifiedAt']).to.equal(second['modifiedAt'])
      const history = (await read(broker, `${API}/temporal/entities/${gaugeId('Same1')}`)) as Record<
        string,
        JsonObject[]
      >
      expect(history['level']?.map(({ value }) => value)).to.deep.equal([1, 2, 3])
    })

    it('what is not there, has no id or holds a null is an error of its item', async () => {
      await create(broker, gauge('UpdateNull', { level: property(1) }))
      const response = await post('update', [gauge('Absent'), { level: 1 }, gauge('UpdateNull', { level: NULL })])
      checkPartly(
        response,
        [],
        [
          [gaugeId('Absent'), 'ResourceNotFound', 'Absent'],
          ['', 'BadRequestData', '[1]: id'],
          [gaugeId('UpdateNull'), 'BadRequestData', 'level'],
        ],
      )
    })

    it('is a 404 as a whole where the tenant is unknown (5.5.10)', async () => {
      const response = await post('update', [gauge('U1')], { 'ngsild-tenant': 'nobody' })
      checkProblem(response, { status: 404, name: 'NonexistentTenant', says: 'nobody' })
    })
  })

  describe('merge (5.6.20)', () => {
    it('merges each as 5.6.17 does, one id twice in order (5.5.11.5)', async () => {
      await create(broker, gauge('M1', { level: property(1, { unitCode: 'MTR' }), trend: property('x') }))
      const items = [
        { id: gaugeId('M1'), level: 2 },
        { id: gaugeId('M1'), level: { unitCode: NULL }, trend: NULL },
      ]
      checkNoContent(await post('merge', items))
      expect(await readEntity(broker, 'M1')).to.deep.equal(gauge('M1', { level: property(2) }))
    })

    it('each item stands or falls alone', async () => {
      await create(broker, gauge('M2', { level: property(1) }))
      const response = await post('merge', [
        gauge('M2', { level: { object: 'urn:a:1' } }),
        gauge('Absent'),
        gauge('M2', { level: 3 }),
      ])
      checkPartly(
        response,
        ['M2'],
        [
          [gaugeId('M2'), 'BadRequestData', 'level.object'],
          [gaugeId('Absent'), 'ResourceNotFound', 'Absent'],
        ],
      )
      expect(await readEntity(broker, 'M2')).to.deep.equal(gauge('M2', { level: property(3) }))
    })
  })

  describe('delete (5.6.10)', () => {
    it('answers 204 when all were there', async () => {
      await create(broker, gauge('D1'))
      await create(broker, gauge('D2'))
      checkNoContent(await post('delete', [gaugeId('D1'), gaugeId('D2')], { 'content-type': 'application/ld+json' }))
      expect((await broker.request.get(`${ENTITIES}/${gaugeId('D1')}`)).status).to.equal(404)
    })

    it('what is not there is a 207, not a 404; one id twice is deleted once (5.5.11.4)', async () => {
      await create(broker, gauge('D3'))
      const response = await post('delete', [gaugeId('D3'), gaugeId('Absent'), gaugeId('D3'), 'no-uri'])
      checkPartly(
        response,
        ['D3'],
        [
          [gaugeId('Absent'), 'ResourceNotFound', 'Absent'],
          [gaugeId('D3'), 'ResourceNotFound', 'D3'],
          ['no-uri', 'BadRequestData', 'no-uri'],
        ],
      )
    })
  })

  for (const operation of ['create', 'upsert', 'update', 'merge', 'delete']) {
    const item = operation === 'delete' ? gaugeId('Whole') : gauge('Whole')
    const refusals: readonly (readonly [title: string, body: Json, says: string])[] = [
      ['an empty array', [], 'array'],
      ['what is no array', item, 'array'],
      ['null among the items', [item, null], '[1]'],
    ]
    for (const [title, body, says] of refusals) {
      it(`${operation} refuses ${title} as a whole`, async () => {
        checkProblem(await post(operation, JSON.stringify(body)), badRequestData(says))
      })
    }

    it(`${operation} refuses an option that it does not know (6.3.14)`, async () => {
      checkProblem(await post(`${operation}?options=never`, [item]), invalidRequest('options'))
    })
  }

  describe('lines of JSON (application/x-ndjson), beyond the specification', () => {
    const lines = (...items: readonly (Json | undefined)[]): string =>
      items.map((item) => (item === undefined ? '' : JSON.stringify(item))).join('\n')

    it('every line is an item; empty ones do not count', async () => {
      const body = lines(gauge('L1', { level: 1 }), undefined, gauge('L2'), undefined)
      const response = await post('create', body.replaceAll('\n', '\r\n'), { 'content-type': NDJSON })
      expect(response.status, response.text).to.equal(201)
      expect(response.body).to.deep.equal([gaugeId('L1'), gaugeId('L2')])
      checkNoContent(
        await post('merge', lines({ id: gaugeId('L1'), level: 2 }), { 'content-type': `${NDJSON}; charset=utf-8` }),
      )
      expect(await readEntity(broker, 'L1')).to.deep.equal(gauge('L1', { level: property(2) }))
      checkNoContent(await post('delete', lines(gaugeId('L1'), gaugeId('L2')), { 'content-type': NDJSON }))
    })

    it('their @context comes from the Link header (6.3.5)', async () => {
      const headers = { 'content-type': NDJSON, link: contextLink(SHORE) }
      const response = await post(
        'create',
        lines(gauge('L3', { type: 'Gauge' }), { ...gauge('L4'), '@context': SHORE }),
        headers,
      )
      checkPartly(response, ['L3'], [[gaugeId('L4'), 'BadRequestData', '@context']])
      expect(await readEntity(broker, 'L3')).to.have.property('type', shoreContexts[SHORE]['@context'].Gauge)
    })

    it('a line that is not JSON is an error of its item, which names the line', async () => {
      const response = await post('create', `${lines(gauge('L5'))}\n\n{"id":\n${lines(gauge('L6'))}`, {
        'content-type': NDJSON,
      })
      checkPartly(response, ['L5', 'L6'], [['', 'InvalidRequest', 'line 3']])
    })

    it('come without a Content-Length too (6.3.4 asks for one of json)', async () => {
      const body = Readable.from([`${lines(gauge('Chunk1'))}\n{"id":"${gaugeId('Chunk2')}",`, '"type":"TideGauge"}\n'])
      const request = httpRequest(`${broker.url}${API}/entityOperations/create`, {
        method: 'POST',
        headers: { 'content-type': NDJSON, 'transfer-encoding': 'chunked' },
      })
      const answered = once(request, 'response') as Promise<[IncomingMessage]>
      body.pipe(request)
      const [response] = await answered
      expect(await json(response)).to.deep.equal([gaugeId('Chunk1'), gaugeId('Chunk2')])
    })

    it('a body without lines, a line that is null, or another resource refuses them as a whole', async () => {
      checkProblem(await post('create', '\n \n', { 'content-type': NDJSON }), badRequestData('lines'))
      checkProblem(await post('create', lines(gauge('L7'), null), { 'content-type': NDJSON }), badRequestData('[1]'))
      const elsewhere = await broker.request
        .post(ENTITIES)
        .set('content-type', NDJSON)
        .send(lines(gauge('L8')))
      expect(elsewhere.status).to.equal(415)
    })
  })

  it(`${String(MANY)} entities in one batch`, async () => {
    const names = Array.from({ length: MANY }, (_, index) => `Many${String(index)}`)
    const tenant = { 'ngsild-tenant': 'many' }
    const response = await post(
      'create',
      names.map((name, index) => gauge(name, { level: index })),
      tenant,
    )
    expect(response.status).to.equal(201)
    expect(response.body).to.deep.equal(names.map(gaugeId))
    checkNoContent(
      await post(
        'merge',
        names.map((name) => ({ id: gaugeId(name), level: 7 })),
        tenant,
      ),
    )
    const counted = await broker.request.get(`${ENTITIES}?type=TideGauge&limit=0&count=true`).set(tenant)
    expect(counted.headers['ngsild-results-count']).to.equal(String(MANY))
    const last = `${ENTITIES}/${gaugeId(`Many${String(MANY - 1)}`)}`
    expect(await read(broker, last, tenant)).to.have.deep.property('level', property(7))
    checkNoContent(await post('delete', names.map(gaugeId), tenant))
    expect(await read(broker, `${ENTITIES}?type=TideGauge`, tenant)).to.deep.equal([])
  }).timeout(60_000)
})
