import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../../src/base/json.ts'
import type { Box } from '../../../src/core/model/geometry.ts'
import { boundingBox } from '../../../src/core/model/geometry.ts'
import type { Fences } from '../../../src/subscriptions/matching/fences.ts'
import { addFenced, fileFence, unfileFence } from '../../../src/subscriptions/matching/fences.ts'

interface Zone {
  readonly box: Box
}

/** Anywhere, the date line and the poles among it, and of any size down to a point. */
const boxes: fc.Arbitrary<Box> = fc
  .tuple(
    fc.oneof(fc.constantFrom(-180, 0, 180), fc.double({ min: -180, max: 180, noNaN: true })),
    fc.oneof(fc.constantFrom(-90, 0, 90), fc.double({ min: -90, max: 90, noNaN: true })),
    fc.constantFrom(0, 0.0001, 0.01, 1, 20, 360),
    fc.constantFrom(0, 0.0001, 0.01, 1, 20, 180),
  )
  .map(([west, south, width, height]) => ({
    ...{ west, south, east: Math.min(180, west + width), north: Math.min(90, south + height) },
  }))

function meet(a: Box, b: Box): boolean {
  return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north
}

function found(fences: Fences<Zone>, geometry: JsonObject): ReadonlySet<Zone> {
  const zones = new Set<Zone>()
  const location = { type: 'GeoProperty', value: geometry }
  addFenced(fences, { id: 'urn:ngsi-ld:Buoy:1', type: 'Buoy', location }, zones)
  return zones
}

const diagonal = ({ west, south, east, north }: Box): JsonObject => ({
  ...{
    type: 'LineString',
    coordinates: [
      [west, south],
      [east, north],
    ],
  },
})

describe('fences of geo-queries (clause 4.10)', () => {
  it('lead from a geometry to every fence that it meets, and to none that was taken away', () => {
    const fenced = fc.array(fc.tuple(boxes, fc.boolean()), { maxLength: 40 })
    fc.assert(
      fc.property(fenced, boxes, (all, at) => {
        const fences: Fences<Zone> = new Map()
        const zones = all.map(([box, isKept]) => ({ box, isKept }))
        for (const zone of zones) fileFence(fences, { property: 'location', box: zone.box }, zone)
        for (const zone of zones) if (!zone.isKept) unfileFence(fences, { property: 'location', box: zone.box }, zone)
        const candidates = found(fences, diagonal(at))
        for (const zone of zones) {
          if (zone.isKept && meet(zone.box, at)) expect(candidates.has(zone), JSON.stringify([zone, at])).to.equal(true)
          if (!zone.isKept) expect(candidates.has(zone)).to.equal(false)
        }
        for (const zone of zones) unfileFence(fences, { property: 'location', box: zone.box }, zone)
        expect(fences.size).to.equal(0)
      }),
      { numRuns: 1000 },
    )
  })

  it('lead from a position past nearly all the others', () => {
    const fences: Fences<Zone> = new Map()
    const zones = Array.from({ length: 10_000 }, (_, index) => {
      const [west, south] = [-5 + (index % 100) / 20, 47 + Math.floor(index / 100) / 40]
      return { box: { west, south, east: west + 0.04, north: south + 0.02 } }
    })
    for (const zone of zones) fileFence(fences, { property: 'location', box: zone.box }, zone)
    const point = { type: 'Point', coordinates: [-3.21, 47.65] }
    const candidates = found(fences, point)
    const box = boundingBox(point)
    const met = zones.filter((zone) => box !== undefined && meet(zone.box, box))
    expect([...candidates]).to.include.members(met)
    expect(met).to.have.lengthOf(1)
    expect(candidates.size).to.be.lessThan(10)
  })

  it('lead from one GeoProperty to the fences of that one', () => {
    const fences: Fences<Zone> = new Map()
    const zone = { box: { west: -4, south: 47, east: -3, north: 48 } }
    fileFence(fences, { property: 'seenFrom', box: zone.box }, zone)
    expect(found(fences, { type: 'Point', coordinates: [-3.5, 47.5] }).size).to.equal(0)
  })
})
