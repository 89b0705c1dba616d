/** What users of other brokers complain of, about queries: each complaint a test that names it. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import { API, checkProblem, create, ENTITIES, gauge, gaugeId, property, read, readEntity } from '../http/support.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'

describeOnStores('complaints about geo-queries', (start) => {
  const count = 1000
  const name = (index: number): string => `Near${String(index).padStart(4, '0')}`
  let broker: TestBroker
  before(async function () {
    this.timeout(60_000)
    // So few may be looked at one by one that a query which does not use the spatial index is refused.
    broker = await start({ 'max-candidates': '50' })
    // One after the other along the 48th parallel, 744 m apart.
    const entities = Array.from({ length: count }, (_, index) => {
      const coordinates = [-4.5 + index / 100, 48]
      return gauge(name(index), { location: { type: 'GeoProperty', value: { type: 'Point', coordinates } } })
    })
    const response = await broker.request.post(`${API}/entityOperations/upsert`).send(entities)
    expect(response.status).to.equal(201)
  })

  const near = (distance: string, more = ''): Promise<Response> =>
    Promise.resolve(
      broker.request.get(
        `${ENTITIES}?type=TideGauge&georel=near;${distance}&geometry=Point&coordinates=[0.5,48]&format=simplified${more}`,
      ),
    )

  it('Orion-LD 1408: near takes seconds on 1,000 entities, not so where an index leads to them (4.10)', async () => {
    const response = await near('maxDistance==2000')
    expect(response.status, response.text).to.equal(200)
    const found = (response.body as { id: string }[]).map(({ id }) => id)
    expect(found).to.deep.equal([498, 499, 500, 501, 502].map((index) => gaugeId(name(index))))
    const counted = await near('maxDistance==2000', '&limit=0&count=true')
    expect(counted.headers['ngsild-results-count']).to.equal('5')
  })

  it('and what no index leads to is refused rather than slow (5.5.6)', async () => {
    checkProblem(await near('minDistance==2000', '&limit=1000'), {
      status: 403,
      name: 'TooComplexQuery',
      says: 'maxCandidates',
    })
  })
})

describeOnStores('complaints about projections', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    const harbour = { type: 'Relationship', object: 'urn:ngsi-ld:Harbour:Brest' }
    await create(broker, gauge('Brest', { level: property(4, { accuracy: property(1) }), harbour }))
    await create(broker, gauge('Bare'))
  })

  const picks = [
    ...['level', 'id', 'type', 'id,type,level', 'harbour', 'absent', 'level,level', 'scope', 'createdAt'],
    ...['', ',', 'level,', ',level', '{', '}', '{}', 'level{', 'level}', 'level{}', 'harbour{id', 'harbour{id}}'],
    ...['level{value}', 'harbour{name}', 'harbour{{name}}', '*', '"', '\\', '\u0000', '__proto__', 'constructor', 'é'],
    ...['@id', '@context', 'level.value', 'level[0]', 'level;harbour', 'level|harbour', '(level)', 'x'.repeat(5000)],
    ...['a{'.repeat(500), Array.from({ length: 1000 }, (_, index) => `a${String(index)}`).join(',')],
  ]
  for (const parameter of ['pick', 'omit'] as const) {
    for (const value of picks) {
      const shown = value.length > 20 ? `${value.slice(0, 20)}…` : value
      it(`Orion-LD 1849: crash on ${parameter}, not on ${JSON.stringify(shown)} (4.21)`, async () => {
        const written = `${parameter}=${encodeURIComponent(value)}`
        const answers = [
          await broker.request.get(`${ENTITIES}?type=TideGauge&${written}`),
          await broker.request.get(`${ENTITIES}/${gaugeId('Brest')}?${written}`),
          await broker.request.get(`${ENTITIES}?type=TideGauge&${written}&format=simplified&options=sysAttrs`),
          await broker.request
            .post(`${API}/entityOperations/query`)
            .send({ type: 'Query', entities: [{ type: 'TideGauge' }], [parameter]: [value] }),
        ]
        for (const { status, text, body } of answers) {
          expect(status, text).to.be.oneOf([200, 400, 404])
          if (status !== 200) expect(body).to.have.property('detail').that.is.not.empty
        }
        expect(await readEntity(broker, 'Bare')).to.deep.equal(gauge('Bare'))
      })
    }
  }

  it('Orion-LD 1849: pick of a Relationship, the query of the complaint, shows it alone', async () => {
    expect(await read(broker, `${ENTITIES}?type=TideGauge&pick=harbour`)).to.deep.include({
      harbour: { type: 'Relationship', object: 'urn:ngsi-ld:Harbour:Brest' },
    })
  })
})
