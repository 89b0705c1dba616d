import { expect } from 'chai'
import fc from 'fast-check'
import type { Entity } from '../../src/core/model/entity.ts'
import type { Box } from '../../src/core/model/geometry.ts'
import { boundingBox } from '../../src/core/model/geometry.ts'
import type { Geometry, GeoRelation, QueryOf } from '../../src/core/query/ast.ts'
import { distanceBetween, piecesOf } from '../../src/core/query/distance.ts'
import { evaluate } from '../../src/core/query/evaluate.ts'
import { cellsOfEntity, cellsToFind } from '../../src/store/mongodb/cells.ts'
import { boxAround } from '../../src/core/query/box-around.ts'

/** Positions anywhere, the poles and the date line among them; those of one geometry lie within a few degrees. */
const origin = fc.tuple(
  fc.oneof(
    fc.constantFrom(-180, -179.9, 0, 179.9, 180),
    fc.integer({ min: -1800, max: 1800 }).map((x) => x / 10),
  ),
  fc.oneof(
    fc.constantFrom(-90, -89.9, 0, 89.9, 90),
    fc.integer({ min: -900, max: 900 }).map((y) => y / 10),
  ),
)
const offset = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 }))

const geometries: fc.Arbitrary<Geometry> = fc
  .tuple(origin, fc.array(offset, { minLength: 3, maxLength: 6 }), fc.integer({ min: 0, max: 3 }))
  .map(([[x, y], offsets, form]): Geometry => {
    const positions = offsets.map(([dx, dy]) => [
      Math.min(180, Math.max(-180, x + dx / 10)),
      Math.min(90, Math.max(-90, y + dy / 10)),
    ])
    if (form === 0) return { type: 'Point', coordinates: [x, y] }
    if (form === 1) return { type: 'MultiPoint', coordinates: positions }
    return form === 2 ? { type: 'LineString', coordinates: positions } : { type: 'Polygon', coordinates: [positions] }
  })

const names = ['within', 'contains', 'intersects', 'equals', 'overlaps'] as const

/** Among them a distance that just reaches. */
function relationsOf(target: Geometry, reference: Geometry): readonly GeoRelation[] {
  const metres = distanceBetween(piecesOf(target), piecesOf(reference))
  const near = [metres, metres * 1.001, metres + 1000].filter((distance) => distance > 0)
  return [...names.map((name) => ({ name })), ...near.map((maxDistance) => ({ name: 'near', maxDistance }) as const)]
}

function meet(a: Box, b: Box): boolean {
  return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north
}

describe('candidates of geo-queries (4.10)', () => {
  it('boxes and cells hold all that evaluate finds (4.10)', function () {
    this.timeout(30_000)
    const property = fc.property(geometries, geometries, (target, reference) => {
      const location = { type: 'GeoProperty' as const, value: { ...target } }
      const entity: Entity = { id: 'urn:ngsi-ld:Buoy:1', type: 'Buoy', location }
      for (const relation of relationsOf(target, reference)) {
        const query: QueryOf<'geo'> = { kind: 'geo', relation, geometry: reference, property: 'location' }
        if (!evaluate(query, { entity, times: { created: '', modified: '' } })) continue
        const [around, own] = [boxAround(query), boundingBox({ ...target })]
        expect(around === undefined || own === undefined || meet(around, own), 'box').to.equal(true)
        const distance = relation.name === 'near' ? relation.maxDistance : 0
        const asked = cellsToFind(reference, 'location', distance)
        const stored = new Set(cellsOfEntity(entity))
        expect(asked === undefined || asked.some((cell) => stored.has(cell)), 'cells').to.equal(true)
      }
    })
    // On both sides of the date line, no distance apart but for rounding.
    const point: Geometry = { type: 'Point', coordinates: [-180, 0] }
    const line: Geometry = {
      type: 'LineString',
      coordinates: [
        [179.9, 0],
        [180, 1.1],
        [180, -3.8],
      ],
    }
    fc.assert(property, { numRuns: 500, examples: [[point, line]] })
  })
})
