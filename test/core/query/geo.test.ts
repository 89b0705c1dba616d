import { expect } from 'chai'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import type { GeometryType } from '../../../src/core/model/geometry.ts'
import { readEntity } from '../../../src/core/model/read-entity.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'
import type { Geometry, Query } from '../../../src/core/query/ast.ts'
import { distanceBetween, piecesOf } from '../../../src/core/query/distance.ts'
import { evaluate } from '../../../src/core/query/evaluate.ts'
import { parseGeoQ } from '../../../src/core/query/parse-geo.ts'
import type { Subject } from '../../../src/core/query/targets.ts'

const time = '2026-03-20T08:00:00.000000Z'

function subjectWith(attributes: object): Subject {
  const entity = { id: 'urn:ngsi-ld:Coast:1', type: 'Coast', ...attributes }
  return createEntity(undefined, readEntity(coreContext, entity), time)
}

function subjectAt(value: Geometry): Subject {
  return subjectWith({ location: { type: 'GeoProperty', value } })
}

function geometry(type: GeometryType, coordinates: Geometry['coordinates']): Geometry {
  return { type, coordinates }
}

function holds(georel: string, target: Geometry, reference: Geometry): boolean {
  const query = parseGeoQ(coreContext, { georel, geometry: reference.type, coordinates: reference.coordinates })
  return evaluate(query, subjectAt(target))
}

const relations = ['equals', 'disjoint', 'intersects', 'within', 'contains', 'overlaps'] as const
type Relations = readonly (typeof relations)[number][]

function square(west: number, south: number, size: number): number[][] {
  const [east, north] = [west + size, south + size]
  return [[west, south], [east, south], [east, north], [west, north], [west, south]] // prettier-ignore
}

const point = geometry('Point', [-2, 48])
const inside = geometry('Point', [-1.5, 48.5])
const outside = geometry('Point', [-4, 48])
const points = geometry('MultiPoint', [[-1.5, 48.5], [-4, 48]]) // prettier-ignore
const otherPoints = geometry('MultiPoint', [[-1.5, 48.5], [-5, 48]]) // prettier-ignore
const line = geometry('LineString', [[-2, 48], [-1, 49]]) // prettier-ignore
const halfLine = geometry('LineString', [[-2, 48], [-1.5, 48.5]]) // prettier-ignore
const shifted = geometry('LineString', [[-1.5, 48.5], [-0.5, 49.5]]) // prettier-ignore
const lines = geometry('MultiLineString', [[[-2, 48], [-1.5, 48.5]], [[-1.5, 48.5], [-1, 49]]]) // prettier-ignore
const bay = geometry('Polygon', [square(-2, 48, 1)])
const openBay = geometry('Polygon', [square(-2, 48, 1).slice(0, -1)])
const turnedBay = geometry('Polygon', [square(-2, 48, 1).toReversed()])
const cove = geometry('Polygon', [square(-1.7, 48.3, 0.2)])
const next = geometry('Polygon', [square(-1, 48, 1)])
const across = geometry('Polygon', [square(-1.5, 48.5, 1)])
const far = geometry('Polygon', [square(3, 42, 1)])
const atoll = geometry('Polygon', [square(-3, 47, 3), square(-2, 48, 1)])
const archipelago = geometry('MultiPolygon', [[square(-2, 48, 1)], [square(3, 42, 1)]])

/** Target, reference, and all relations that the one has to the other (OGC 06-103r4, clause 6.1.15). */
const cases: readonly (readonly [title: string, target: Geometry, reference: Geometry, holding: Relations])[] = [
  ['a point and itself', point, point, ['equals', 'intersects', 'within', 'contains']],
  ['two points', point, inside, ['disjoint']],
  ['a point and points with it', inside, points, ['intersects', 'within']],
  ['points and one of them', points, inside, ['intersects', 'contains']],
  ['points that share one', points, otherPoints, ['intersects', 'overlaps']],
  ['a point in a polygon', inside, bay, ['intersects', 'within']],
  ['a point on the border of a polygon', point, bay, ['intersects']],
  ['a point out of a polygon', outside, bay, ['disjoint']],
  ['a point in the hole of a polygon', inside, atoll, ['disjoint']],
  ['a point in one part of a multipolygon', inside, archipelago, ['intersects', 'within']],
  ['a point in an open ring', inside, openBay, ['intersects', 'within']],
  ['a polygon around a point', bay, inside, ['intersects', 'contains']],
  ['points half in a polygon', points, bay, ['intersects']],
  ['a point on a line', inside, line, ['intersects', 'within']],
  ['a point at the end of a line', point, line, ['intersects']],
  ['a line and a part of it', line, halfLine, ['intersects', 'contains']],
  ['a line and the same line in parts', line, lines, ['equals', 'intersects', 'within', 'contains']],
  ['lines that share a part', line, shifted, ['intersects', 'overlaps']],
  ['a line through a polygon', line, bay, ['intersects', 'within']],
  ['a line that leaves a polygon', shifted, bay, ['intersects']],
  ['a line and points on it', line, geometry('MultiPoint', [[-1.5, 48.5], [-1.75, 48.25]]), ['intersects', 'contains']], // prettier-ignore
  ['a line far from a polygon', line, far, ['disjoint']],
  ['a polygon and itself', bay, bay, ['equals', 'intersects', 'within', 'contains']],
  ['a polygon and its open ring', bay, openBay, ['equals', 'intersects', 'within', 'contains']],
  ['a polygon and its ring turned round', bay, turnedBay, ['equals', 'intersects', 'within', 'contains']],
  ['a polygon within another', cove, bay, ['intersects', 'within']],
  ['a polygon around another', bay, cove, ['intersects', 'contains']],
  ['polygons that touch', bay, next, ['intersects']],
  ['polygons that overlap', bay, across, ['intersects', 'overlaps']],
  ['polygons far apart', bay, far, ['disjoint']],
  ['a polygon that fills the hole of another', bay, atoll, ['intersects']],
  ['a polygon in a hole', cove, atoll, ['disjoint']],
  ['a polygon and a multipolygon with it', bay, archipelago, ['intersects', 'within']],
  ['a multipolygon and one of its parts', archipelago, far, ['intersects', 'contains']],
]

describe('topological relations (4.10)', () => {
  for (const [title, target, reference, holding] of cases) {
    it(`${title}: ${holding.join(', ')} (4.10)`, () => {
      expect(relations.filter((name) => holds(name, target, reference))).to.have.members(holding)
    })
  }

  const bowTie = geometry('Polygon', [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]) // prettier-ignore
  const pentagram = geometry('Polygon', [[[0, 3], [2, -3], [-3, 1], [3, 1], [-2, -3], [0, 3]]]) // prettier-ignore

  it('a ring that crosses itself means what it encloses an odd number of times (4.10)', () => {
    const at = (x: number, y: number): Geometry => geometry('Point', [x, y])
    expect(holds('within', at(1.8, 1), bowTie)).to.equal(true)
    expect(holds('within', at(0.2, 1), bowTie)).to.equal(true)
    expect(holds('within', at(1, 1.8), bowTie)).to.equal(false)
    expect(holds('within', at(0, 2), pentagram)).to.equal(true)
    expect(holds('disjoint', at(0, 0), pentagram)).to.equal(true)
    expect(holds('intersects', geometry('Polygon', [square(-0.1, -0.1, 0.2)]), pentagram)).to.equal(false)
    expect(holds('within', bowTie, geometry('Polygon', [square(0, 0, 2)]))).to.equal(true)
    expect(holds('contains', bowTie, at(1.8, 1))).to.equal(true)
  })

  it('parts of a multipolygon that overlap are one area (4.10)', () => {
    const both = geometry('MultiPolygon', [[square(0, 0, 2)], [square(1, 1, 2)]])
    expect(holds('within', geometry('Point', [1.5, 1.5]), both)).to.equal(true)
    expect(holds('within', geometry('Polygon', [square(0.5, 0.5, 1)]), both)).to.equal(true)
  })

  it('a ring that encloses nothing meets nothing, and breaks nothing (4.10)', () => {
    const flat = geometry('Polygon', [[[0, 0], [1, 1], [0, 0]]]) // prettier-ignore
    for (const name of relations) {
      expect(holds(name, flat, geometry('Polygon', [square(-1, -1, 3)]))).to.equal(name === 'disjoint')
      expect(holds(name, geometry('Point', [0.5, 0.6]), flat)).to.equal(name === 'disjoint')
    }
  })

  it('answers for any rings whatever (4.10)', () => {
    const random = seeded(20_261_124)
    const ring = (): number[][] => Array.from({ length: 3 + (random() % 9) }, () => [random() % 5, random() % 5])
    for (let round = 0; round < 20; round += 1) {
      const [a, b] = [geometry('Polygon', [ring(), ring()]), geometry('MultiPolygon', [[ring()], [ring()]])]
      expect(holds('disjoint', a, b)).to.equal(!holds('intersects', a, b))
    }
  })
})

/** A linear congruential generator, so that a failure comes again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state >> 8
  }
}

function metres(a: Geometry, b: Geometry): number {
  const there = distanceBetween(piecesOf(a), piecesOf(b))
  expect(distanceBetween(piecesOf(b), piecesOf(a))).to.be.closeTo(there, 1e-6)
  return there
}

describe('distances (4.10, 4.23.1)', () => {
  const degree = 111_195.08 // of a great circle of the mean radius
  const at = (x: number, y: number): Geometry => geometry('Point', [x, y])
  const meridian = geometry('LineString', [[0, -1], [0, 1]]) // prettier-ignore
  const distances: readonly (readonly [title: string, a: Geometry, b: Geometry, metres: number, within?: number])[] = [
    ['points on a meridian', at(0, 48), at(0, 49), degree],
    ['points on the equator', at(0, 0), at(1, 0), degree],
    ['Brest and Saint-Malo', at(-4.4861, 48.3904), at(-2.0257, 48.6493), 183_740, 400],
    ['the same point', at(-2, 48), at(-2, 48), 0],
    ['points on both sides of the date line', at(179.5, 0), at(-179.5, 0), degree],
    ['the pole and what lies around it', at(10, 90), at(-100, 89), degree],
    ['antipodes', at(0, 0), at(180, 0), 180 * degree, 1],
    ['a point beside a line', at(0.5, 0.2), meridian, 0.5 * degree, 1],
    ['a point beyond the end of a line', at(0, 2), meridian, degree],
    ['a line and one that crosses it', meridian, geometry('LineString', [[-1, 0], [1, 0.5]]), 0], // prettier-ignore
    ['lines side by side', meridian, geometry('LineString', [[0.1, -3], [0.1, 3]]), 0.1 * degree * Math.cos(Math.PI / 180), 1], // prettier-ignore
    ['a line over the date line and a point', geometry('LineString', [[179, -1], [179, 1]]), at(-179, 0), 2 * degree, 3], // prettier-ignore
    ['a point in a polygon', at(0.5, 0.5), geometry('Polygon', [square(0, 0, 1)]), 0],
    ['a point beside a polygon', at(2, 0.5), geometry('Polygon', [square(0, 0, 1)]), degree, 5],
    ['a point in a hole', at(0, 0.1), geometry('Polygon', [square(-2, -2, 4), square(-1, -1, 2)]), 0.9 * degree, 1],
    ['a polygon in a polygon', geometry('Polygon', [square(0.4, 0.4, 0.1)]), geometry('Polygon', [square(0, 0, 1)]), 0],
    ['the nearest of points', geometry('MultiPoint', [[0, 5], [0, 2]]), at(0, 0), 2 * degree], // prettier-ignore
    ['the nearest part of a multipolygon', geometry('MultiPolygon', [[square(8, 8, 1)], [square(-1, 1, 2)]]), at(0, 0), degree, 1], // prettier-ignore
  ]
  for (const [title, a, b, expected, tolerance = 0.1] of distances) {
    it(`${title} (4.10)`, () => {
      expect(metres(a, b)).to.be.closeTo(expected, tolerance)
    })
  }
})

describe('distances of large geometries (4.10)', () => {
  const circle = (positions: number, radius: number): number[][] =>
    Array.from({ length: positions + 1 }, (_, index) => {
      const angle = (2 * Math.PI * index) / positions
      return [radius * Math.cos(angle), radius * Math.sin(angle)]
    })
  const zigzag = (positions: number, east: number): number[][] =>
    Array.from({ length: positions }, (_, index) => [east + (index % 2) * 10 + index / 1e6, (index % 2) * 10])

  it('is that of their nearest parts, however they are looked for (4.10)', () => {
    const random = seeded(20_261_125)
    const walk = (length: number): number[][] => {
      let [x, y] = [(random() % 3_600) / 10 - 180, (random() % 1_600) / 10 - 80]
      return Array.from({ length }, () => {
        x = Math.max(-180, Math.min(180, x + (random() % 100) / 100 - 0.5))
        y = Math.max(-90, Math.min(90, y + (random() % 100) / 100 - 0.5))
        return [x, y]
      })
    }
    for (let round = 0; round < 10; round += 1) {
      const [coast, track] = [walk(150), walk(50)]
      const legs = track.slice(1).map((to, index) => geometry('LineString', [track[index] ?? to, to]))
      const nearest = Math.min(...legs.map((leg) => metres(geometry('LineString', coast), leg)))
      expect(metres(geometry('LineString', coast), geometry('LineString', track))).to.be.closeTo(nearest, 1e-6)
    }
  })

  it('a coast of 100,000 positions is measured at once (4.10)', () => {
    const coast = geometry('LineString', circle(100_000, 40))
    expect(metres(coast, geometry('Polygon', [circle(4_999, 45)]))).to.equal(0)
    expect(metres(coast, geometry('LineString', circle(200, 41)))).to.be.within(80_000, 111_200)
  })

  it('what would hold up the broker is refused (4.10)', () => {
    const reference = geometry('LineString', zigzag(5_000, 0))
    const points = geometry('MultiPoint', circle(4_999, 41))
    expect(() => metres(reference, geometry('LineString', zigzag(5_000, 1)))).to.throw(NgsiError, /^coordinates/)
    expect(() => metres(points, geometry('Polygon', [circle(100_000, 40)]))).to.throw(NgsiError, /^coordinates/)
  })
})

describe('near (4.10)', () => {
  const reference = geometry('Point', [0, 48])
  const target = geometry('Point', [0, 49])
  const exactly = distanceBetween(piecesOf(reference), piecesOf(target))
  const cases: readonly (readonly [georel: string, matches: boolean])[] = [
    [`near;maxDistance==${String(exactly)}`, true], // the buffer holds its border
    [`near;maxDistance==${String(exactly - 0.001)}`, false],
    [`near;minDistance==${String(exactly)}`, false], // disjoint from the buffer
    [`near;minDistance==${String(exactly - 0.001)}`, true],
  ]
  for (const [georel, matches] of cases) {
    it(`${georel} is ${String(matches)} (4.10)`, () => {
      expect(holds(georel, target, reference)).to.equal(matches)
    })
  }

  it('measures from the borders of polygons (4.10)', () => {
    expect(holds('near;maxDistance==50000', geometry('Point', [-2, 47.7]), bay)).to.equal(true)
    expect(holds('near;maxDistance==1', inside, bay)).to.equal(true)
    expect(holds('near;minDistance==1', inside, bay)).to.equal(false)
  })
})

describe('targets of geo-queries (4.10)', () => {
  const query = (geoproperty?: string): Query =>
    parseGeoQ(coreContext, { georel: 'within', geometry: 'Polygon', coordinates: bay.coordinates, geoproperty })

  it('an entity without the GeoProperty never matches, not even disjoint (4.10)', () => {
    const disjoint = parseGeoQ(coreContext, { georel: 'disjoint', geometry: 'Point', coordinates: '[0,0]' })
    expect(evaluate(disjoint, subjectWith({}))).to.equal(false)
    expect(evaluate(disjoint, subjectWith({ location: { type: 'Property', value: 'Brest' } }))).to.equal(false)
  })

  it('the geoproperty is location unless another is named (4.10)', () => {
    const subject = subjectWith({ observationSpace: { type: 'GeoProperty', value: inside } })
    expect(evaluate(query(), subject)).to.equal(false)
    expect(evaluate(query('observationSpace'), subject)).to.equal(true)
  })

  it('any instance may match (4.10)', () => {
    const instances = [
      { type: 'GeoProperty', value: outside },
      { type: 'GeoProperty', value: inside, datasetId: 'urn:d:gps' },
    ]
    expect(evaluate(query(), subjectWith({ location: instances }))).to.equal(true)
    expect(evaluate(query(), subjectWith({ location: instances.slice(0, 1) }))).to.equal(false)
  })
})

describe('parameters of geo-queries (4.10)', () => {
  const good = { georel: 'near;maxDistance==2000', geometry: 'Point', coordinates: [8, 40] }

  it('coordinates come as JSON or as its text (4.10)', () => {
    expect(parseGeoQ(coreContext, { ...good, coordinates: '[8,40]' })).to.deep.equal(parseGeoQ(coreContext, good))
    expect(parseGeoQ(coreContext, good)).to.deep.equal({
      kind: 'geo',
      relation: { name: 'near', maxDistance: 2000 },
      geometry: { type: 'Point', coordinates: [8, 40] },
      property: 'location',
    })
  })

  const bad: readonly (readonly [parameter: string, value: string | number | boolean | undefined])[] = [
    ...[undefined, 7, '', 'near', 'touches', 'near;maxDistance==0', 'near;maxDistance==-5', 'near;maxDistance=5'].map(
      (value) => ['georel', value] as const,
    ),
    ...['near;maxDistance==1;minDistance==2', 'near;maxDistance==1e999', 'near;maxDistance==', 'within;x==1'].map(
      (value) => ['georel', value] as const,
    ),
    ...[undefined, 7, 'point', 'GeometryCollection', '__proto__'].map((value) => ['geometry', value] as const),
    ...[undefined, 7, '8,40', '{}', '[8]', '[8,"40"]', '[181,0]', '[[8,40]]', '[]'].map(
      (value) => ['coordinates', value] as const,
    ),
    ...[7, '', 'a.b', 'a,b', 'type'].map((value) => ['geoproperty', value] as const),
  ]
  for (const [parameter, value] of bad) {
    it(`${parameter} ${JSON.stringify(value)} is refused, naming it (4.10)`, () => {
      const parse = (): Query => parseGeoQ(coreContext, { ...good, [parameter]: value }, 'geoQ.')
      expect(parse)
        .to.throw(NgsiError, new RegExp(`^geoQ\\.${parameter}`))
        .with.property('name', 'BadRequestData')
    })
  }

  it('too many positions are refused (4.10)', () => {
    const coordinates = Array.from({ length: 5_001 }, () => [0, 0])
    const parse = (): Query => parseGeoQ(coreContext, { ...good, geometry: 'MultiPoint', coordinates })
    expect(parse).to.throw(NgsiError, /^coordinates/)
  })
})
