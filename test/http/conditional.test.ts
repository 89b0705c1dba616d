import { expect } from 'chai'
import type { Response } from 'supertest'
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
} from './support.ts'

/** Every write to one entity that is there. */
const writes: readonly (readonly [method: 'post' | 'patch' | 'put' | 'delete', rest: string, body?: Json])[] = [
  ['patch', '', { level: 2 }],
  ['put', '', { level: 2 }],
  ['delete', ''],
  ['post', '/attrs', { level: 2 }],
  ['post', '/attrs?options=noOverwrite', { trend: 2 }],
  ['patch', '/attrs', { level: 2 }],
  ['patch', '/attrs/level', { value: 2 }],
  ['put', '/attrs/level', { value: 2 }],
  ['delete', '/attrs/level'],
]

const failed: Problem = { status: 412, name: 'PreconditionFailed', says: 'If-Match' }

describeOnStores('conditions of every write to one entity (4.17, RFC 9110 13.1.1)', (start) => {
  let broker: TestBroker
  let count = 0
  before(async () => {
    broker = await start()
  })

  const freshGauge = async (members: JsonObject = {}): Promise<string> => {
    const name = `Conditional${String(count++)}`
    await create(broker, gauge(name, { level: property(1), ...members }))
    return name
  }

  /** A tag of the version that the entity has now, as a read in some representation brought it. */
  const tagOf = async (name: string): Promise<string> => {
    const { headers } = await broker.request.get(`${ENTITIES}/${gaugeId(name)}?format=concise`)
    return String(headers['etag'])
  }

  for (const [method, rest, body] of writes) {
    const write = (
      name: string,
      { query = '', headers = {} }: { query?: string; headers?: Record<string, string> },
    ): Promise<Response> => {
      const path = `${ENTITIES}/${gaugeId(name)}${rest}${query === '' || !rest.includes('?') ? query : query.replace('?', '&')}`
      const request = broker.request[method](path).set(headers)
      return Promise.resolve(body === undefined ? request : request.send(body as object))
    }

    /** Runs a write that must fail, and asserts that it changed nothing. */
    const checkRefused = async (
      name: string,
      condition: Parameters<typeof write>[1],
      problem: Problem,
    ): Promise<void> => {
      const before = await readEntity(broker, name, '?options=sysAttrs')
      checkProblem(await write(name, condition), problem)
      expect(await readEntity(broker, name, '?options=sysAttrs')).to.deep.equal(before)
    }

    describe(`${method.toUpperCase()} /entities/{id}${rest}`, () => {
      it('happens where If-Match names the version, in any representation, weakly or among others', async () => {
        for (const shape of [(tag: string) => tag, (tag: string) => `"x-y", W/${tag}`, () => '*']) {
          const name = await freshGauge()
          checkNoContent(await write(name, { headers: { 'if-match': shape(await tagOf(name)) } }))
        }
      })

      it('is a 412 where If-Match names another version, and changes nothing', async () => {
        const name = await freshGauge()
        const stale = await tagOf(name)
        await broker.request
          .post(`${ENTITIES}/${gaugeId(name)}/attrs`)
          .send({ depth: 7 })
          .expect(204)
        await checkRefused(name, { headers: { 'if-match': stale } }, failed)
        await checkRefused(name, { headers: { 'if-match': '"none"' } }, failed)
      })

      it('of two that name one version at once, one happens', async () => {
        const name = await freshGauge()
        const headers = { 'if-match': await tagOf(name) }
        const answers = await Promise.all([write(name, { headers }), write(name, { headers })])
        const late = method === 'delete' && rest === '' ? 404 : 412
        expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([204, late])
      })

      it('is for an entity of the types selected alone (4.17)', async () => {
        const types = { type: ['TideGauge', 'Device'] }
        for (const type of ['Device', 'Buoy,TideGauge', '(TideGauge;Device)', '*']) {
          checkNoContent(await write(await freshGauge(types), { query: `?type=${type}` }))
        }
        await checkRefused(await freshGauge(types), { query: '?type=(TideGauge;Buoy)' }, notFound('type'))
        await checkRefused(await freshGauge(types), { query: '?type=(' }, badRequestData('type'))
      })

      it('is a 404 where there is nothing, whatever If-Match says (RFC 9110, 13.2.1)', async () => {
        checkProblem(await write('Nowhere', { headers: { 'if-match': '"1"' } }), notFound(gaugeId('Nowhere')))
      })

      it('is a 400 where the id is no URI', async () => {
        const request = broker.request[method](`${ENTITIES}/Brest${rest}`)
        checkProblem(await (body === undefined ? request : request.send(body as object)), badRequestData('entityId'))
      })
    })
  }
})
