/** What queries may have looked at one by one (clauses 5.5.4 and 5.5.6): nothing is scanned in silence. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { TestBroker } from '../support/broker.ts'
import { describeOnSqlite } from '../support/broker.ts'
import { API, checkProblem, ENTITIES, gauge, gaugeId, property } from './support.ts'

const COUNT = 20

describeOnSqlite('the bounds of queries', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({ 'max-candidates': '15' })
    const gauges = Array.from({ length: COUNT }, (_, index) =>
      gauge(String(index).padStart(2, '0'), {
        level: property(index),
        ...(index === 19 && { rare: property('here') }),
      }),
    )
    const response = await broker.request.post(`${API}/entityOperations/create`).send(gauges)
    expect(response.status, response.text).to.equal(201)
  })

  const query = async (parameters: string): Promise<Response> => broker.request.get(`${ENTITIES}?${parameters}`)

  /** How many entities were looked at while something was done. */
  async function lookedAt(run: () => Promise<unknown>): Promise<number> {
    const before = await looked()
    await run()
    return (await looked()) - before
  }

  async function looked(): Promise<number> {
    const { text } = await broker.request.get('/metrics')
    return Number(/^estran_candidates_evaluated_total (\d+)$/m.exec(text)?.[1])
  }

  const scans = [
    'q=level==19',
    'q=rare=="here"',
    'q=level>18',
    'q=rare',
    'attrs=rare',
    'scopeQ=/Brest',
    'idPattern=19$',
  ]
  for (const filter of scans) {
    it(`refuses ${filter} where too many entities would be walked (5.5.4)`, async () => {
      const refused = { status: 403, name: 'TooComplexQuery', says: 'maxCandidates' } as const
      checkProblem(await query(`type=TideGauge&limit=20&${filter}`), refused)
      checkProblem(await query(`local=true&limit=20&${filter}`), refused)
      checkProblem(await query(`type=TideGauge&limit=0&count=true&${filter}`), refused)
    })
  }

  it('answers where a page is full before, and counts as far as was walked', async () => {
    const looked = await lookedAt(async () => {
      const response = await query('type=TideGauge&q=level>=3&limit=2')
      expect(response.status).to.equal(200)
      expect((response.body as { id: string }[]).map(({ id }) => id)).to.deep.equal([gaugeId('03'), gaugeId('04')])
    })
    // Those that were rejected, the page, and the one that says that there is a next page.
    expect(looked).to.equal(6)
  })

  it('counts an entity once, though the broker looks at it again', async () => {
    const looked = await lookedAt(async () => {
      const pattern = encodeURIComponent('^urn:ngsi-ld:TideGauge:1.*')
      const response = await query(`type=TideGauge&local=true&idPattern=${pattern}&q=level>12&orderBy=level`)
      expect(response.status, response.text).to.equal(200)
    })
    expect(looked).to.equal(10)
  })

  it('takes nothing for what indexes answer alone', async () => {
    const looked = await lookedAt(async () => {
      for (const parameters of [
        'type=TideGauge&limit=20',
        'local=true&limit=20&count=true',
        `local=true&id=${gaugeId('07')}`,
      ]) {
        const response = await query(parameters)
        expect(response.status, response.text).to.equal(200)
      }
    })
    expect(looked).to.equal(0)
  })
})
