import { expect } from 'chai'
import type { GeoRelation, Geometry, Path, Query, QueryKind } from '../../../src/core/query/ast.ts'
import { and } from '../../../src/core/query/ast.ts'
import type { Precision } from '../../../src/store/candidates.ts'
import type { SqliteStore } from '../../../src/store/sqlite/open.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../../src/store/sqlite/connection.ts'
import { boxesStatement } from '../../../src/store/sqlite/place.ts'
import { placeOf } from '../../../src/store/sqlite/select.ts'
import { asking, entity, gauge, put, remove } from '../contract/fixtures.ts'
import { newFolder } from './support.ts'

const level: Path = { attribute: 'level', members: [], keys: [] }
const ten = { kind: 'value', value: 10 } as const
const BREST: Geometry = { type: 'Point', coordinates: [-4.49, 48.38] }

function geo(relation: GeoRelation, geometry = BREST): Query {
  return { kind: 'geo', property: 'location', geometry, relation }
}

const exists: Query = { kind: 'exists', path: level }
const linked: Query & { kind: 'linked' } = { kind: 'linked', path: level, types: [], of: { kind: 'all' } }

/** HOUSE 4: the exact set only grows. */
const precisions: { readonly [K in QueryKind]: readonly (readonly [Query & { kind: K }, Precision])[] } = {
  all: [[{ kind: 'all' }, 'exact']],
  and: [
    [{ kind: 'and', of: [{ kind: 'type', type: 'A' }, exists] }, 'exact'],
    [{ kind: 'and', of: [{ kind: 'type', type: 'A' }, linked] }, 'superset'],
  ],
  or: [
    [{ kind: 'or', of: [{ kind: 'ids', ids: ['a'] }, exists] }, 'exact'],
    [{ kind: 'or', of: [exists, { kind: 'temporal', property: 'createdAt' }] }, 'none'],
  ],
  not: [
    [{ kind: 'not', of: exists }, 'exact'],
    [{ kind: 'not', of: linked }, 'none'],
  ],
  ids: [[{ kind: 'ids', ids: ['a'] }, 'exact']],
  idPattern: [
    [{ kind: 'idPattern', pattern: '^urn:ngsi-ld:TideGauge:.*' }, 'exact'],
    [{ kind: 'idPattern', pattern: 'Brest$' }, 'exact'],
  ],
  type: [[{ kind: 'type', type: 'A' }, 'exact']],
  attribute: [[{ kind: 'attribute', name: 'level' }, 'exact']],
  exists: [
    [{ kind: 'exists', path: level }, 'exact'],
    [{ kind: 'exists', path: { ...level, members: ['modifiedAt'] } }, 'exact'],
  ],
  equals: [
    [{ kind: 'equals', path: level, operator: '!=', operands: [ten] }, 'exact'],
    [{ kind: 'equals', path: level, operator: '==', operands: [{ kind: 'value', value: 'Brest' }] }, 'exact'],
  ],
  range: [[{ kind: 'range', path: level, operator: '==', from: ten, to: ten }, 'exact']],
  order: [
    [{ kind: 'order', path: level, operator: '>', operand: ten }, 'exact'],
    // JSON knows no such number, and a filter goes into SQL as JSON.
    [{ kind: 'order', path: level, operator: '<', operand: { kind: 'value', value: Infinity } }, 'none'],
  ],
  pattern: [[{ kind: 'pattern', path: level, negated: false, pattern: 'a' }, 'exact']],
  linked: [[linked, 'superset']],
  scope: [[{ kind: 'scope', levels: ['Brest', '+'], descendants: true }, 'exact']],
  geo: [
    [{ kind: 'geo', property: 'location', geometry: BREST, relation: { name: 'near', maxDistance: 10 } }, 'superset'],
    [{ kind: 'geo', property: 'location', geometry: BREST, relation: { name: 'near', minDistance: 10 } }, 'superset'],
    [{ kind: 'geo', property: 'location', geometry: BREST, relation: { name: 'disjoint' } }, 'superset'],
    [{ kind: 'geo', property: 'location', geometry: BREST, relation: { name: 'within' } }, 'superset'],
  ],
  temporal: [[{ kind: 'temporal', property: 'modifiedAt' }, 'none']],
}

describe('queries compiled to SQL', () => {
  let folder: string
  let store: SqliteStore
  beforeEach(async () => {
    folder = newFolder()
    store = await openSqliteStore({ folder })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const candidates = async (filter: Query): Promise<readonly string[]> =>
    (await store.candidates(asking({ filter }))).ids

  for (const [query, precision] of Object.values(precisions).flat()) {
    it(`are ${precision} for ${JSON.stringify(query)}`, async () => {
      await put(store, entity(gauge('Brest'), { type: 'A' }))
      expect((await store.candidates(asking({ filter: query }))).precision).to.equal(precision)
    })
  }

  it('look for an idPattern among the ids that begin as it does, and miss none', async () => {
    await Promise.all(['urn:ab', 'urn:a', 'urn:b', 'urn:abc', 'urn:ac'].map((id) => put(store, entity(id))))
    const found = async (pattern: string): Promise<readonly string[]> =>
      (await candidates({ kind: 'idPattern', pattern })).toSorted()
    expect(await found('^urn:ab')).to.deep.equal(['urn:ab', 'urn:abc'])
    expect(await found('^urn:ab*c')).to.deep.equal(['urn:abc', 'urn:ac'])
    expect(await found('^urn:ab+')).to.deep.equal(['urn:ab', 'urn:abc'])
    expect(await found('^urn:ab{0}$')).to.deep.equal(['urn:a'])
    expect(await found('b$')).to.deep.equal(['urn:ab', 'urn:b'])
  })

  describe('with a geometry (clause 4.10)', () => {
    const at = (name: string, ...coordinates: number[]): Promise<unknown> =>
      put(store, entity(gauge(name), { location: { type: 'GeoProperty', value: { type: 'Point', coordinates } } }))

    it('narrow to the boxes that may be meant, in the space alone', async () => {
      await Promise.all([at('Brest', -4.49, 48.38), at('Roscoff', -3.98, 48.72), put(store, entity(gauge('Nowhere')))])
      const elsewhere = entity(gauge('Brest'), { location: { type: 'GeoProperty', value: { ...BREST } } })
      await put(store, elsewhere, { space: 'other', createsSpace: true })
      expect(await candidates(geo({ name: 'near', maxDistance: 2000 }))).to.deep.equal([gauge('Brest')])
      expect(await candidates(geo({ name: 'near', maxDistance: 80_000 }))).to.have.length(2)
      expect(await candidates(geo({ name: 'equals' }))).to.deep.equal([gauge('Brest')])
      expect(await candidates(geo({ name: 'disjoint' }))).to.have.length(2)
      expect(await candidates(and({ kind: 'type', type: 'Buoy' }, geo({ name: 'equals' })))).to.deep.equal([])
    })

    it('are led by the R*Tree where few boxes meet, and by no sort of all that is there', async () => {
      await Promise.all(Array.from({ length: 50 }, (_, index) => at(String(index), -4.49 + index / 10, 48.38)))
      const place = placeOf(and({ kind: 'type', type: 'TideGauge' }, geo({ name: 'near', maxDistance: 2000 })))
      if (place === undefined) throw new Error('near with a maximum has a place')
      const database = openDatabase(join(folder, 'estran.db'))
      const { sql, values } = boxesStatement(place.box, 1)
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      expect(plan).to.have.length(1)
      // All six sides are conditions of the R*Tree's own search.
      expect(plan[0]?.['detail']).to.match(/^SCAN geo VIRTUAL TABLE INDEX 2:(?:[BD]\d){6}$/)
      expect(database.prepare(sql).all(...values)).to.have.length(1)
      database.close()
      expect(placeOf({ kind: 'or', of: [geo({ name: 'within' }), exists] })).to.equal(undefined)
    })

    it('find the same where too many boxes meet for the R*Tree to lead (4.10)', async () => {
      const rings = Array.from({ length: 70 }, (_, index) => gauge(`Ring${String(index)}`))
      const coordinates = Array.from({ length: 60 }, (_, index) => [-4.49, 48.38 - index / 1e5])
      const many = coordinates.map((position, index) => ({
        ...{ type: 'GeoProperty', value: { type: 'Point', coordinates: position } },
        datasetId: `urn:ngsi-ld:dataset:${String(index)}`,
      }))
      await Promise.all(rings.map((id) => put(store, entity(id, { location: many }))))
      await at('Roscoff', -3.98, 48.72)
      const filter = geo({ name: 'near', maxDistance: 100 })
      const page = await store.entities.query(asking({ filter, limit: 20, offset: 30 }))
      expect(page.entities.map(({ id }) => id)).to.deep.equal(rings.toSorted().slice(30, 50))
      expect(await store.entities.count(asking({ filter }))).to.equal(70)
    })

    it('miss nothing near a pole or across 180 degrees', async () => {
      await Promise.all([at('East', 179.99, 0), at('Pole', 170, 89.99)])
      const near = (coordinates: number[]): Promise<readonly string[]> =>
        candidates(geo({ name: 'near', maxDistance: 5000 }, { type: 'Point', coordinates }))
      expect(await near([-179.99, 0])).to.deep.equal([gauge('East')])
      expect(await near([-10, 89.99])).to.deep.equal([gauge('Pole')])
    })

    it('follow an entity that moves, gains geometries, loses them and goes', async () => {
      const here = geo({ name: 'intersects' })
      const located = (...places: number[][]): Promise<unknown> =>
        put(
          store,
          entity(gauge('Brest'), {
            location: places.map((coordinates, index) => ({
              ...{ type: 'GeoProperty', value: { type: 'Point', coordinates } },
              datasetId: `urn:ngsi-ld:dataset:${String(index)}`,
            })),
          }),
        )
      await located([-4.49, 48.38])
      expect(await candidates(here)).to.have.length(1)
      await located([-3, 48], [-2, 48])
      expect(await candidates(here)).to.have.length(0)
      await located(...Array.from({ length: 100 }, (_, index) => [index, 0]), [-4.49, 48.38])
      expect(await candidates(here)).to.have.length(1)
      await located([-2, 48])
      expect(await candidates(here)).to.have.length(0)
      await located([-4.49, 48.38])
      await remove(store, gauge('Brest'))
      expect(await candidates(here)).to.have.length(0)
    })
  })
})
