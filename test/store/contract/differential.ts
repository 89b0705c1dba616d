import { expect } from 'chai'
import fc from 'fast-check'
import type { Entity } from '../../../src/core/model/entity.ts'
import { earliestExpiry, prune } from '../../../src/core/model/expiry.ts'
import type { Query } from '../../../src/core/query/ast.ts'
import { evaluate } from '../../../src/core/query/evaluate.ts'
import type { Candidates } from '../../../src/store/candidates.ts'
import type { EntityRequest, Page, Store } from '../../../src/store/port.ts'
import { entities as someEntities, query as someQuery } from './arbitraries.ts'
import { asking, ids, NOW, put } from './fixtures.ts'
import type { OpenedStore, OpenStore } from './opened.ts'
import { useStore } from './opened.ts'

const RUNS = 60
const QUERIES = 12

/** ESTRAN_SEED repeats a run. */
const seed = Number(process.env['ESTRAN_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))

/** HOUSE 4: what a store compiles and what `evaluate` decides are one and the same. */
export function differentialChapter(open: OpenStore): void {
  describe(`random query trees (seed ${String(seed)})`, () => {
    const opened = useStore(open)

    it('find what evaluate finds, and the store’s own filter misses nothing', async function () {
      this.timeout(60_000)
      let runs = 0
      const property = fc.asyncProperty(
        someEntities,
        fc.array(someQuery, { minLength: QUERIES, maxLength: QUERIES }),
        async (entities, queries) => {
          // A space of its own for each run; they share nothing.
          const space = `run${String((runs += 1))}`
          const writes = entities.map((entity) => put(opened.store, entity, { space, createsSpace: true }))
          await Promise.all([
            ...writes,
            put(opened.store, { id: 'urn:other', type: 'Other' }, { space, createsSpace: true }),
          ])
          const all: readonly Entity[] = [...entities, { id: 'urn:other', type: 'Other' }]
          for (const [index, filter] of queries.entries()) {
            const visibility = index % 3 === 0 ? (queries[index + 1] ?? filter) : asking().visibility
            await checkQuery(opened.opened, all, asking({ space, filter, visibility }))
          }
        },
      )
      await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: false })
    })
  })
}

async function checkQuery(
  { store, candidates }: OpenedStore,
  entities: readonly Entity[],
  request: EntityRequest,
): Promise<void> {
  const expected = idsMatching(entities, { kind: 'and', of: [request.filter, request.visibility] })
  expect(await paged(store, request)).to.deep.equal(expected)
  expect(await store.entities.count(request)).to.equal(expected.length)
  for (const { id } of entities) {
    expect((await store.entities.get(request, id)) !== undefined).to.equal(expected.includes(id))
  }
  checkCandidates(await candidates(request), entities, expected)
}

/** Exact filters let through exactly what matches, but for entities in which something has expired. */
function checkCandidates(candidates: Candidates, entities: readonly Entity[], expected: readonly string[]): void {
  const { precision, ids: found } = candidates
  expect(found).to.include.members([...expected])
  if (precision === 'none') expect(found).to.have.members(entities.map(({ id }) => id))
  if (precision !== 'exact') return
  const unexpired = new Set(entities.filter((entity) => (earliestExpiry(entity) ?? '9') > NOW).map(({ id }) => id))
  expect(found.filter((id) => unexpired.has(id))).to.have.members(expected.filter((id) => unexpired.has(id)))
}

function idsMatching(entities: readonly Entity[], query: Query): readonly string[] {
  const times = { created: NOW, modified: NOW }
  const matching = entities.filter((entity) => {
    const pruned = prune(entity, NOW)
    return pruned !== undefined && evaluate(query, { entity: pruned, times })
  })
  return matching.map(({ id }) => id).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** The ids of all pages of two. */
async function paged(store: Store, request: EntityRequest): Promise<readonly string[]> {
  const found: string[] = []
  let page: Page | undefined
  do {
    page = await store.entities.query({ ...request, limit: 2, offset: 0, ...(page?.next && { after: page.next }) })
    found.push(...ids(page))
  } while (page.next !== undefined)
  return found
}
