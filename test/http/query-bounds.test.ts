/** What queries may have looked at one by one (clauses 5.5.4 and 5.5.6): nothing is scanned in silence. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Start, TestBroker } from '../support/broker.ts'
import { describeOnSharedStore, describeOnSqlite, describeOnStores } from '../support/broker.ts'
import { API, checkProblem, ENTITIES, gauge, gaugeId, property } from './support.ts'

const refused = { status: 403, name: 'TooComplexQuery', says: 'maxCandidates' } as const

interface Bounded {
  readonly query: (parameters: string) => Promise<Response>
  /** How many entities were looked at while queries were answered. */
  readonly lookedAt: (...queries: readonly string[]) => Promise<number>
}

/** A broker with so many gauges, whose levels and codes are their numbers; the last one alone has something rare. */
function useGauges(
  start: Start,
  { count, maxCandidates }: Readonly<Record<'count' | 'maxCandidates', number>>,
): Bounded {
  let broker: TestBroker
  before(async () => {
    broker = await start({ 'max-candidates': String(maxCandidates) })
    const gauges = Array.from({ length: count }, (_, index) =>
      gauge(nameOf(index), {
        level: property(index),
        code: property(index),
        ...(index >= 3 && { late: property(true) }),
        ...(index <= count - 4 && { scope: '/Finistere/Brest' }),
        ...(index === count - 1 && { rare: property('here') }),
      }),
    )
    const response = await broker.request.post(`${API}/entityOperations/create`).send(gauges)
    expect(response.status, response.text).to.equal(201)
  })
  const query = async (parameters: string): Promise<Response> => broker.request.get(`${ENTITIES}?${parameters}`)
  const looked = async (): Promise<number> => {
    const { text } = await broker.request.get('/metrics')
    return Number(/^estran_candidates_evaluated_total (\d+)$/m.exec(text)?.[1])
  }
  return {
    query,
    lookedAt: async (...queries) => {
      const before = await looked()
      for (const parameters of queries) {
        const response = await query(parameters)
        expect(response.status, response.text).to.equal(200)
      }
      return (await looked()) - before
    },
  }
}

function nameOf(index: number): string {
  return String(index).padStart(3, '0')
}

/** What an index answers where nothing else is asked for, on MongoDB; and what none does. */
const single = ['q=level==19', 'q=rare=="here"', 'q=rare', 'attrs=rare', 'scopeQ=/Brest', 'q=level>18']
/** In the last two, more than may be looked at pass each part, and fewer pass both. */
const joined = ['idPattern=19$', 'q=level!=3', 'q=level>=3;code<=16', 'attrs=late&scopeQ=/Finistere/%23']

/** A page, a page in another order, and a count. */
const ofType = [
  'type=TideGauge&limit=20',
  'type=TideGauge&limit=20&local=true&orderBy=level',
  'type=TideGauge&limit=0&count=true',
]

describeOnStores('the bounds of queries', (start) => {
  const { query, lookedAt } = useGauges(start, { count: 20, maxCandidates: 15 })

  for (const filter of joined) {
    it(`refuse ${filter} where too many entities of a type would be walked (5.5.4)`, async () => {
      for (const how of ofType) checkProblem(await query(`${how}&${filter}`), refused)
    })

    it(`refuse ${filter} where too many of all entities would be walked (5.5.4)`, async () => {
      checkProblem(await query(`local=true&limit=20&${filter}`), refused)
      checkProblem(await query(`local=true&limit=1&offset=18&${filter}`), refused)
    })
  }

  it('let a page be answered that is full before, and count as far as was walked', async () => {
    const response = await query('type=TideGauge&q=level>=3&limit=2')
    expect((response.body as { id: string }[]).map(({ id }) => id)).to.deep.equal([gaugeId('003'), gaugeId('004')])
    // Those that were rejected, the page, and the one that says that there is a next page.
    expect(await lookedAt('type=TideGauge&q=level>=3&limit=2')).to.equal(6)
  })

  it('count an entity once, though the broker looks at it again', async () => {
    const pattern = encodeURIComponent('^urn:ngsi-ld:TideGauge:01.*')
    expect(await lookedAt(`type=TideGauge&local=true&idPattern=${pattern}&q=level>12&orderBy=level`)).to.equal(10)
  })

  it('take nothing for what indexes answer alone', async () => {
    const id = gaugeId('007')
    const looked = await lookedAt('type=TideGauge&limit=20', 'local=true&limit=20&count=true', `local=true&id=${id}`)
    expect(looked).to.equal(0)
  })
})

describeOnSqlite('the bounds of queries that no index answers', (start) => {
  const { query } = useGauges(start, { count: 20, maxCandidates: 15 })

  for (const filter of single) {
    it(`refuse ${filter} where too many would be walked (5.5.4)`, async () => {
      for (const how of [...ofType, 'local=true&limit=20']) checkProblem(await query(`${how}&${filter}`), refused)
    })
  }
})

describeOnSharedStore('the bounds of queries that an index answers', (start) => {
  const { query, lookedAt } = useGauges(start, { count: 400, maxCandidates: 350 })

  it('take nothing for attributes, scopes and a choice of types, however many (5.5.4)', async () => {
    const looked = await lookedAt(
      'local=true&attrs=level&limit=20&count=true',
      'local=true&attrs=code,level&limit=20&offset=370&count=true',
      'local=true&scopeQ=/Finistere/Brest&limit=20&offset=2&count=true',
      'type=TideGauge,Buoy&limit=20&count=true',
    )
    expect(looked).to.equal(0)
  })

  for (const filter of ['q=rare=="here"', 'q=rare', 'q=level==19']) {
    it(`look only where ${filter} leads`, async () => {
      expect(await lookedAt(`local=true&${filter}`)).to.equal(1)
      expect(await lookedAt(`local=true&limit=0&count=true&${filter}`)).to.equal(1)
    })
  }

  for (const filter of ['q=rare=="here"', 'q=level==399', 'q=level>398', 'q=level>=3;code>398']) {
    it(`look only where ${filter} leads, of a type too`, async () => {
      for (const how of ofType) expect(await lookedAt(`${how}&${filter}`), how).to.equal(1)
    })
  }

  it('refuse what each of several indexes has too many for, though fewer pass all (5.5.4)', async () => {
    const both = 'q=level>=45;code<=354'
    checkProblem(await query(`type=TideGauge&limit=340&${both}`), refused)
    checkProblem(await query(`local=true&limit=0&count=true&${both}`), refused)
    checkProblem(await query(`local=true&limit=0&count=true&attrs=late&scopeQ=/Finistere/Brest`), refused)
  })
})
