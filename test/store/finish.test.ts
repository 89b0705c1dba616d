import { expect } from 'chai'
import type { OrderBy, Query } from '../../src/core/query/ast.ts'
import { boundsOf, budgetOf } from '../../src/store/bounds.ts'
import type { Finish, Source } from '../../src/store/finish.ts'
import { finishCount, finishPage } from '../../src/store/finish.ts'
import type { StoredEntity } from '../../src/store/port.ts'
import { asking, entity, gauge, ids, NOW, property, rejects } from './contract/fixtures.ts'

const level = { attribute: 'level', members: [], keys: [] }
const byLevel: OrderBy = { kind: 'path', path: level, descending: true }

function stored(number: number): StoredEntity {
  const name = String(number).padStart(6, '0')
  const text = JSON.stringify(entity(gauge(name), { level: property(number) }))
  return { id: gauge(name), version: 1, text, times: JSON.stringify({ created: NOW, modified: NOW }), expires: null }
}

const atLeast = (value: number): Query => ({
  kind: 'order',
  path: level,
  operator: '>=',
  operand: { kind: 'value', value },
})

/** Candidates without a database, and what is asked of them. */
function candidates(count: number): { readonly source: Source; readonly reads: number[] } {
  const all = Array.from({ length: count }, (_, index) => stored(index))
  const reads: number[] = []
  const read: Source['read'] = (afterId, size) => {
    reads.push(size)
    const from = afterId === undefined ? 0 : all.findIndex(({ id }) => id === afterId) + 1
    const part = all.slice(from, from + size)
    const last = part.at(-1)
    return last === undefined || from + size >= count ? { candidates: part } : { candidates: part, next: last.id }
  }
  return { source: { read }, reads }
}

describe('the finish of a query', () => {
  let evaluated: number
  const finishOf = (query: Query, maxCandidates = 1000): Finish => ({
    ...{ now: NOW, query, exact: false, readMany: () => Promise.resolve(new Map<string, never>()) },
    budget: budgetOf(boundsOf({ maxCandidates, evaluated: (count) => (evaluated += count) })),
  })
  beforeEach(() => {
    evaluated = 0
  })

  it('looks at no more candidates than a page takes, and tells how many', async () => {
    const { source } = candidates(5000)
    const page = await finishPage(finishOf(atLeast(0)), asking({ limit: 20 }), source)
    expect(page.entities).to.have.length(20)
    expect(evaluated).to.equal(21)
  })

  it('refuses what would look at more than maxCandidates, saying what to do (5.5.4)', async () => {
    const { source } = candidates(1001)
    await rejects(finishPage(finishOf(atLeast(2000)), asking({ limit: 1 }), source), 'TooComplexQuery')
    await rejects(finishCount(finishOf(atLeast(0)), source), 'TooComplexQuery')
    const ordered = asking({ limit: 1, order: { by: [byLevel] } })
    await rejects(finishPage({ ...finishOf({ kind: 'all' }), exact: true }, ordered, source), 'TooComplexQuery')
    expect(await finishCount(finishOf(atLeast(0), 1001), source)).to.equal(1001)
  })

  it('takes an exact query for what it is, however much there is', async () => {
    const { source } = candidates(2000)
    expect(await finishCount({ ...finishOf(atLeast(0)), exact: true }, source)).to.equal(2000)
    expect(evaluated).to.equal(0)
  })

  it('keeps no more than the page and what is before it, in any order (4.23)', async () => {
    const { source } = candidates(900)
    const order = { by: [byLevel] }
    const page = await finishPage(finishOf({ kind: 'all' }), asking({ limit: 2, offset: 3, order }), source)
    expect(ids(page)).to.deep.equal([gauge('000896'), gauge('000895')])
  })

  it('gives others their turn between slices', async () => {
    const { source, reads } = candidates(900)
    let turns = 0
    const tick = (): void => {
      turns += 1
      if (turns < 1000) ticking = setImmediate(tick)
    }
    let ticking = setImmediate(tick)
    await finishCount(finishOf(atLeast(0)), source)
    clearImmediate(ticking)
    expect(reads.length).to.be.greaterThan(4)
    expect(turns).to.be.at.least(reads.length - 1)
  })
})
