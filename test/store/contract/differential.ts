import { expect } from 'chai'
import fc from 'fast-check'
import type { Entity } from '../../../src/core/model/entity.ts'
import { earliestExpiry, prune } from '../../../src/core/model/expiry.ts'
import type { Ordering, Query } from '../../../src/core/query/ast.ts'
import { all } from '../../../src/core/query/ast.ts'
import { evaluate } from '../../../src/core/query/evaluate.ts'
import { compareBy } from '../../../src/core/query/order.ts'
import type { Subject } from '../../../src/core/query/targets.ts'
import type { Candidates } from '../../../src/store/candidates.ts'
import type { EntityRequest, Page } from '../../../src/store/port.ts'
import { entities as someEntities, ordering as someOrdering, query as someQuery } from './arbitraries.ts'
import { asking, ids, idsOf, NOW, put } from './fixtures.ts'
import type { OpenedStore, OpenStore } from './opened.ts'
import { useStore } from './opened.ts'

/** Of each set of entities, as many queries are asked. */
const SETS = 20
const QUERIES = 105
/** One in so many is asked in full. */
const IN_FULL = 15

/** ESTRAN_SEED repeats a run. */
const seed = Number(process.env['ESTRAN_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))

/** A query, and what is asked beside it. */
interface Case {
  readonly filter: Query
  readonly visibility: Query
  readonly order: Ordering
}

const someCase: fc.Arbitrary<Case> = fc.record({
  filter: someQuery,
  visibility: fc.oneof({ weight: 2, arbitrary: fc.constant(all) }, { weight: 1, arbitrary: someQuery.filter(isAlone) }),
  order: someOrdering,
})

/** Rights do not depend on what relationships lead to (`EntityRequest`). */
function isAlone(query: Query): boolean {
  if (query.kind === 'and' || query.kind === 'or') return query.of.every(isAlone)
  return query.kind === 'not' ? isAlone(query.of) : query.kind !== 'linked'
}

/** HOUSE 4: what a store compiles and what `evaluate` decides are one and the same. */
export function differentialChapter(open: OpenStore): void {
  describe(`${String(SETS * QUERIES)} random query trees (seed ${String(seed)})`, () => {
    const opened = useStore(open)

    it('find what evaluate finds, in order, and the store’s own filter lets through what it says', async function () {
      this.timeout(120_000)
      const sets = fc.sample(someEntities, { seed, numRuns: SETS })
      const cases = fc.sample(someCase, { seed, numRuns: SETS * QUERIES })
      for (const [index, drawn] of sets.entries()) {
        // A space of its own for each set; they share nothing.
        const space = `set${String(index)}`
        const entities: readonly Entity[] = [...drawn, { id: 'urn:other', type: 'Other' }]
        await Promise.all(entities.map((entity) => put(opened.store, entity, { space, createsSpace: true })))
        const world = worldOf(entities)
        const asked = cases.slice(index * QUERIES, (index + 1) * QUERIES)
        await Promise.all(
          asked.map((one, number) =>
            checkCase(opened.opened, world, { ...one, space, inFull: number % IN_FULL === 0 }),
          ),
        )
      }
    })
  })
}

/** The entities of a set, and what is left of each now. */
interface World {
  readonly entities: readonly Entity[]
  readonly subjects: ReadonlyMap<string, Subject>
}

function worldOf(entities: readonly Entity[]): World {
  const times = { created: NOW, modified: NOW }
  const subjects = entities.flatMap((entity) => {
    const left = prune(entity, NOW)
    return left === undefined ? [] : [[left.id, { entity: left, times }] as const]
  })
  return { entities, subjects: new Map(subjects) }
}

/** What evaluate finds. Links lead to what the caller may see. */
function matching({ subjects }: World, { filter, visibility }: Case): readonly Subject[] {
  const visible = new Map([...subjects].filter(([, subject]) => evaluate(visibility, subject)))
  const entityOf = (id: string): Subject | undefined => linkable.get(id)
  const linkable = new Map(Array.from(visible, ([id, subject]) => [id, { ...subject, entityOf }]))
  return [...linkable.values()].filter((subject) => evaluate(filter, subject))
}

interface Asked extends Case {
  readonly space: string
  /** Page by page and one by one too: it takes time. */
  readonly inFull: boolean
}

async function checkCase(opened: OpenedStore, world: World, asked: Asked): Promise<void> {
  const { space, filter, visibility, order, inFull } = asked
  const request = asking({ space, filter, visibility })
  const found = matching(world, asked)
  const expected = found.map(({ entity }) => entity.id).toSorted(opened.compareIds)
  const told = JSON.stringify({ seed, filter, visibility, order })
  const { store } = opened
  const [page, count, candidates, ordered] = await Promise.all([
    idsOf(store, request),
    store.entities.count(request),
    opened.candidates(request),
    idsOf(store, { ...request, order, offset: 1, limit: 3 }),
  ])
  expect(page, told).to.deep.equal(expected)
  expect(count, told).to.equal(expected.length)
  expect(ordered, told).to.deep.equal(inOrder(opened, found, order).slice(1, 4))
  checkCandidates(candidates, world.entities, { expected, told })
  if (!inFull) return
  expect(await paged(opened, request), told).to.deep.equal(expected)
  const everyId = world.entities.map(({ id }) => id)
  const single = await Promise.all(everyId.map((id) => store.entities.get(request, id)))
  const there = everyId.filter((_, index) => single[index] !== undefined)
  expect(there.toSorted(opened.compareIds), told).to.deep.equal(expected)
  const many = await store.entities.getMany(request, everyId)
  expect([...many.keys()].toSorted(opened.compareIds), told).to.deep.equal(expected)
}

/** An order that begins with the id is the database's own. */
function inOrder({ compareIds }: OpenedStore, found: readonly Subject[], order: Ordering): readonly string[] {
  const [first] = order.by
  if (first?.kind !== 'id') return found.toSorted(compareBy(order)).map(({ entity }) => entity.id)
  const sorted = found.map(({ entity }) => entity.id).toSorted(compareIds)
  return first.descending ? sorted.toReversed() : sorted
}

interface Expected {
  readonly expected: readonly string[]
  readonly told: string
}

/** Exact filters let through exactly what matches, but for entities in which something has expired. */
function checkCandidates(
  { precision, ids: found }: Candidates,
  entities: readonly Entity[],
  { expected, told }: Expected,
): void {
  expect(found, told).to.include.members([...expected])
  if (precision === 'none') expect(found, told).to.have.members(entities.map(({ id }) => id))
  if (precision !== 'exact') return
  const unexpired = new Set(entities.filter((entity) => (earliestExpiry(entity) ?? '9') > NOW).map(({ id }) => id))
  expect(
    found.filter((id) => unexpired.has(id)),
    told,
  ).to.have.members(expected.filter((id) => unexpired.has(id)))
}

/** The ids of all pages of two. */
async function paged({ store }: OpenedStore, request: EntityRequest): Promise<readonly string[]> {
  const found: string[] = []
  let page: Page | undefined
  do {
    page = await store.entities.query({ ...request, limit: 2, offset: 0, ...(page?.next && { after: page.next }) })
    found.push(...ids(page))
  } while (page.next !== undefined)
  return found
}
