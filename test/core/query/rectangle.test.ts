import { expect } from 'chai'
import fc from 'fast-check'
import type { Geometry } from '../../../src/core/query/ast.ts'
import { isSurelyInside, rectangleOf } from '../../../src/core/query/rectangle.ts'
import { relate, shapeOf } from '../../../src/core/query/shapes.ts'

const bay: Geometry = { type: 'Polygon', coordinates: [[[-5, 47], [-1, 47], [-1, 51], [-5, 51], [-5, 47]]] } // prettier-ignore
const box = { west: -5, east: -1, south: 47, north: 51 }

function polygon(...rings: number[][][]): Geometry {
  return { type: 'Polygon', coordinates: rings }
}

// On a grid: many touch the sides, cross themselves or enclose nothing.
const position = fc
  .tuple(fc.integer({ min: -10, max: -2 }), fc.integer({ min: 94, max: 102 }))
  .map(([x, y]) => [x / 2, y / 2])
const ring = fc.array(position, { minLength: 3, maxLength: 6 })
const rings = fc.array(ring, { minLength: 1, maxLength: 2 })
const line = fc.array(position, { minLength: 2, maxLength: 4 })
const geometries: fc.Arbitrary<Geometry> = fc.oneof(
  rings.map((coordinates): Geometry => ({ type: 'Polygon', coordinates })),
  fc
    .array(rings, { minLength: 1, maxLength: 2 })
    .map((coordinates): Geometry => ({ type: 'MultiPolygon', coordinates })),
  line.map((coordinates): Geometry => ({ type: 'LineString', coordinates })),
  fc
    .array(line, { minLength: 1, maxLength: 2 })
    .map((coordinates): Geometry => ({ type: 'MultiLineString', coordinates })),
  line.map((coordinates): Geometry => ({ type: 'MultiPoint', coordinates })),
)

describe('rectangles of geo-queries (4.10)', () => {
  it('are polygons with four corners and sides along meridians and parallels, however they are written', () => {
    const [ring = []] = bay.coordinates as number[][][]
    expect(rectangleOf(bay)).to.deep.equal(box)
    expect(rectangleOf(polygon(ring.toReversed()))).to.deep.equal(box)
    expect(rectangleOf(polygon(ring.slice(1)))).to.deep.equal(box)
    expect(rectangleOf({ type: 'MultiPolygon', coordinates: [[ring]] })).to.deep.equal(box)
  })

  const others: Readonly<Record<string, Geometry>> = {
    'with a hole': polygon([[-5, 47], [-1, 47], [-1, 51], [-5, 51]], [[-4, 48], [-2, 48], [-2, 50]]), // prettier-ignore
    'whose sides cross': polygon([[-5, 47], [-1, 51], [-1, 47], [-5, 51]]), // prettier-ignore
    'that goes there and back': polygon([[-5, 47], [-1, 47], [-1, 51], [-1, 47]]), // prettier-ignore
    'that is flat': polygon([[-5, 47], [-4, 47], [-3, 47], [-1, 47]]), // prettier-ignore
    'of three corners': polygon([[-5, 47], [-1, 47], [-1, 51]]), // prettier-ignore
    'that leans': polygon([[-3, 47], [-1, 49], [-3, 51], [-5, 49]]), // prettier-ignore
    'that is a line': { type: 'LineString', coordinates: [[-5, 47], [-1, 47], [-1, 51], [-5, 51], [-5, 47]] }, // prettier-ignore
  }
  for (const [what, geometry] of Object.entries(others)) {
    it(`are not a polygon ${what}`, () => {
      expect(rectangleOf(geometry)).to.equal(undefined)
    })
  }

  it('have inside what the general arithmetic finds within them', () => {
    const reference = shapeOf(bay)
    let inside = 0
    fc.assert(
      fc.property(geometries, (target) => {
        const shape = shapeOf(target)
        if (!isSurelyInside(target, box) || shape === undefined || reference === undefined) return
        inside += 1
        const matrix = relate(shape, reference)
        expect([matrix?.isWithin(), matrix?.isIntersects(), matrix?.isDisjoint()]).to.deep.equal([true, true, false])
        expect(matrix?.isOverlaps(2, 2)).to.equal(false)
      }),
      { numRuns: 1000 },
    )
    expect(inside).to.be.greaterThan(50)
  })

  it('have nothing inside that touches a side, or that encloses nothing', () => {
    const touching = polygon([[-5, 48], [-3, 48], [-3, 49]]) // prettier-ignore
    const twice = polygon([[-4, 48], [-3, 48], [-3, 49], [-4, 48], [-3, 48], [-3, 49]]) // prettier-ignore
    const flat = polygon([[-4, 48], [-3, 48], [-2, 48]]) // prettier-ignore
    const still: Geometry = { type: 'LineString', coordinates: [[-4, 48], [-4, 48]] } // prettier-ignore
    for (const geometry of [touching, twice, flat, still]) expect(isSurelyInside(geometry, box)).to.equal(false)
    expect(isSurelyInside(polygon([[-4, 48], [-3, 48], [-3, 49]]), box)).to.equal(true) // prettier-ignore
  })
})
