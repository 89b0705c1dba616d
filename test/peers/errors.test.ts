/** What users of other brokers complain of, about errors: each complaint a test that names it. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import { routes } from '../support/routes.ts'
import {
  API,
  badRequestData,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  property,
  readEntity,
} from '../http/support.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'

/** What only an engine, a parser or a driver says. */
const FROM_WITHIN =
  /SyntaxError|TypeError|Unexpected (?:token|end)|JSON\.parse|Mongo|E\d{5}|SQLITE|ajv|undefined|\bnode:|\[object/i

describeOnStores('complaints about errors', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    await create(broker, gauge('Brest', { level: property(1) }))
  })

  const post = (path: string, body: string): Promise<Response> =>
    Promise.resolve(broker.request.post(path).set('content-type', 'application/json').send(body))
  const detailOf = ({ body }: Response): string => (body as { detail: string }).detail

  describe('Stellio 1249: raw parser errors', () => {
    const batches = routes.filter(({ path, about }) => path.includes('/entityOperations/') && about.body !== 'Query')
    for (const { path } of batches) {
      it(`${path} says that it wants an array, when it gets one entity without []`, async () => {
        const response = await post(path, JSON.stringify(gauge('Alone')))
        checkProblem(response, badRequestData(/array/))
        expect(detailOf(response)).to.not.match(FROM_WITHIN)
      })
    }

    const broken = [
      '{',
      '[',
      '{"id":}',
      '{"id":"urn:a:b",}',
      "{'id':'urn:a:b'}",
      '"',
      'nul',
      '{"a":1}{',
      '\u0000',
      '{"a":01}',
      '// no',
    ]
    for (const text of broken) {
      it(`${JSON.stringify(text)} is said to be no JSON, in words of ours (5.5.4)`, async () => {
        const response = await post(ENTITIES, text)
        checkProblem(response, { status: 400, name: 'InvalidRequest', says: 'not JSON' })
        expect(detailOf(response)).to.not.match(FROM_WITHIN)
      })
    }

    const wrong: readonly string[] = [
      'null',
      '4',
      '"Brest"',
      'true',
      '[]',
      '[[]]',
      '{}',
      '{"id":4}',
      '{"id":"urn:a:b","type":{}}',
    ]
    for (const text of wrong) {
      it(`${text} is said to be no entity, in words of ours (5.5.4)`, async () => {
        const response = await post(ENTITIES, text)
        checkProblem(response, badRequestData(/./))
        expect(detailOf(response)).to.not.match(FROM_WITHIN)
      })
    }
  })

  describe('fiware-orion 4312: an EPSG:25832 geometry answered with a 500', () => {
    // The polygon of the complaint.
    const ring = [
      [791678.5516705504, 5833118.44135623],
      [791803.4043193655, 5832999.235715789],
      [791678.5516705504, 5833118.44135623],
    ]
    const geometries = [
      { type: 'Polygon', coordinates: [ring] },
      { type: 'Point', coordinates: ring[0] },
      { type: 'LineString', coordinates: ring },
      { type: 'MultiPoint', coordinates: ring },
      { type: 'MultiPolygon', coordinates: [[ring]] },
    ]
    const bodies = geometries.map((value) => ({ location: { type: 'GeoProperty', value } }))
    for (const [index, body] of bodies.entries()) {
      const { type } = body.location.value
      it(`a ${type} is a 400 that names the coordinates and the reference system, and nothing is stored`, async () => {
        const says = /location.*791678\.5516705504.*WGS 84/
        const name = `Utm${String(index)}`
        checkProblem(await post(ENTITIES, JSON.stringify({ ...gauge(name), ...body })), badRequestData(says))
        expect((await broker.request.get(`${ENTITIES}/${gaugeId(name)}`)).status).to.equal(404)
        const path = `${ENTITIES}/${gaugeId('Brest')}/attrs`
        checkProblem(await post(path, JSON.stringify(body)), badRequestData(says))
        checkProblem(await broker.request.patch(path).send(body), badRequestData(says))
        expect(await readEntity(broker, 'Brest')).to.not.have.property('location')
      })
    }

    it('in a batch it is the error of its own entity alone (5.6.8)', async () => {
      const response = await post(
        `${API}/entityOperations/upsert`,
        JSON.stringify([gauge('Good'), { ...gauge('Bad'), ...bodies[0] }]),
      )
      expect(response.status, response.text).to.equal(207)
      expect(response.body).to.have.nested.property('success[0]', gaugeId('Good'))
      expect(response.body).to.have.nested.property('errors[0].entityId', gaugeId('Bad'))
      expect(response.body).to.have.nested.property('errors[0].error.status', 400)
    })
  })
})
