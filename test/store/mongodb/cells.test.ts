import { expect } from 'chai'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import type { Geometry } from '../../../src/core/query/ast.ts'
import type { Entity } from '../../../src/core/model/entity.ts'
import { cellsOfEntity, cellsToFind } from '../../../src/store/mongodb/cells.ts'

/** ESTRAN_SEED repeats a run. */
const seed = Number(process.env['ESTRAN_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))

type Position = [number, number]

function place(geometry: Json): Entity {
  return { id: 'urn:ngsi-ld:Beach:Trezien', type: 'Beach', location: { type: 'GeoProperty', value: geometry } }
}

function point(position: Position): Geometry {
  return { type: 'Point', coordinates: position }
}

function meets(stored: Json, asked: Geometry, distance = 0): boolean {
  const found = new Set(cellsToFind(asked, 'location', distance))
  return cellsOfEntity(place(stored)).some((cell) => found.has(cell))
}

function square([west, south]: Position, size: number): { type: 'Polygon'; coordinates: Position[][] } {
  const [east, north] = [Math.min(west + size, 180), Math.min(south + size, 90)]
  return {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  }
}

/** Metres between two positions on a sphere. */
function distance([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const a = Math.sin(radians(lat2 - lat1) / 2) ** 2
  const b = Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * Math.sin(radians(lon2 - lon1) / 2) ** 2
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(a + b)))
}

const anywhere = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
)
const offShore = fc.tuple(
  fc.double({ min: -5.2, max: -4, noNaN: true }),
  fc.double({ min: 47.8, max: 48.8, noNaN: true }),
)
const position = fc.oneof(anywhere, offShore)
const size = fc.constantFrom(0, 0.0001, 0.01, 1, 30)
const share = fc.constantFrom(0, 0.25, 0.5, 1)

describe(`covering cells (seed ${String(seed)})`, () => {
  it('miss no point within a box, its borders and corners included', () => {
    const property = fc.property(position, size, share, share, ([west, south], wide, across, up) => {
      const inside: Position = [Math.min(west + wide * across, 180), Math.min(south + wide * up, 90)]
      expect(meets(point(inside) as unknown as Json, square([west, south], wide))).to.equal(true)
      expect(meets(square([west, south], wide), point(inside))).to.equal(true)
    })
    fc.assert(property, { seed, numRuns: 400 })
  })

  it('miss nothing near, across the date line and the poles too', () => {
    const metres = fc.constantFrom(0, 10, 1_000, 100_000, 5_000_000)
    const property = fc.property(position, position, metres, (stored, asked, maxDistance) => {
      if (distance(stored, asked) > maxDistance) return
      expect(meets(point(stored) as unknown as Json, point(asked), maxDistance)).to.equal(true)
    })
    fc.assert(property, { seed, numRuns: 2_000 })
    expect(meets(point([179.9999, 0]) as unknown as Json, point([-179.9999, 0]), 100)).to.equal(true)
    expect(meets(point([0, 89.9999]) as unknown as Json, point([180, 89.9999]), 100)).to.equal(true)
  })

  it('miss nothing on the date line, by either of its names', () => {
    const meridian: readonly JsonObject[] = [-180, 180].flatMap((longitude) => [
      point([longitude, 0]),
      point([longitude, 48.4]),
      {
        type: 'LineString',
        coordinates: [
          [longitude, 0],
          [longitude, 48.4],
        ],
      },
    ]) as unknown as JsonObject[]
    for (const stored of meridian) {
      for (const longitude of [-180, 180]) {
        const asked = stored['type'] === 'Point' ? (stored['coordinates'] as number[])[1] : 0
        expect(meets(stored, point([longitude, asked ?? 0])), JSON.stringify(stored)).to.equal(true)
      }
    }
  })

  it('tell apart what lies far apart', () => {
    const brest = square([-4.55, 48.35], 0.1)
    expect(meets(point([-4.5, 48.4]) as unknown as Json, brest)).to.equal(true)
    expect(meets(point([-3.98, 48.72]) as unknown as Json, brest)).to.equal(false)
    expect(meets(square([-3.98, 48.72], 0.01), brest)).to.equal(false)
    expect(meets(point([-4.5, 48.4]) as unknown as Json, point([-4.5, 48.41]), 100)).to.equal(false)
    expect(new Set(cellsToFind(brest, 'observationSpace')).has(cellsOfEntity(place(brest))[0] ?? '')).to.equal(false)
  })

  it('are few', () => {
    expect(cellsOfEntity(place(point([-4.5, 48.4]) as unknown as Json))).to.have.length(7)
    expect(cellsOfEntity(place(square([-4.55, 48.35], 0.1))).length).to.be.below(32)
    expect(
      cellsOfEntity(
        place({
          type: 'LineString',
          coordinates: [
            [-180, -90],
            [180, 90],
          ],
        }),
      ).length,
    ).to.be.below(32)
  })

  it('find what has no box always', () => {
    expect(meets({ type: 'Point', coordinates: [0, 91] }, point([-4.5, 48.4]))).to.equal(true)
    expect(meets({ type: 'Point', coordinates: [] }, point([-4.5, 48.4]))).to.equal(true)
    expect(cellsOfEntity({ id: 'urn:a', type: 'Beach' })).to.deep.equal([])
  })
})
