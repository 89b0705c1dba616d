/**
 * Reads of a store that holds much: 100,000 moorings all over one degree of coast, half of them points, half polygons, and a few
 * entities of many other types.
 */
import type { JsonObject } from '../src/base/json.ts'
import { create, linkOf } from './client.ts'
import { API, UPSERT } from './entities.ts'
import type { Operation } from './operations.ts'
import type { RequestTemplate } from './request.ts'

const SIZE = 100_000
const TYPE = 'Mooring'
/** Types beside that one, with an entity each. */
const OTHERS = 50
const BATCH = 2000
const LIMIT = 20
/** Where the deep page begins. */
const OFFSET = 90_000

/** Points of a sequence that fills the square evenly: multiples of two irrational numbers. */
function place(number: number): readonly [longitude: number, latitude: number] {
  return [-5 + ((number * Math.SQRT2) % 1), 48 + ((number * Math.sqrt(3)) % 1)]
}

/** Degrees. */
const SIDE = 0.001

function mooring(number: number): JsonObject {
  const [west, south] = place(number)
  const [east, north] = [west + SIDE, south + SIDE]
  const ring = [west, south, east, south, east, north, west, north, west, south]
  const corners = Array.from({ length: 5 }, (_, index) => ring.slice(index * 2, index * 2 + 2))
  const value =
    number % 2 === 0 ? { type: 'Point', coordinates: [west, south] } : { type: 'Polygon', coordinates: [corners] }
  return {
    id: `urn:ngsi-ld:${TYPE}:${String(number).padStart(9, '0')}`,
    type: TYPE,
    location: { type: 'GeoProperty', value },
    depth: { type: 'Property', value: number % 1000, unitCode: 'CMT' },
    name: { type: 'Property', value: `No. ${String(number)}` },
  }
}

function other(number: number): JsonObject {
  const measures = Array.from({ length: 5 }, (_, index) => `measure${String(number + index)}`)
  return {
    id: `urn:ngsi-ld:Sensor:${String(number)}`,
    type: `Sensor${String(number)}`,
    ...Object.fromEntries(measures.map((name) => [name, { type: 'Property', value: number }])),
  }
}

/** Fills a store with them. */
export async function populateLarge(url: string): Promise<void> {
  const others = Array.from({ length: OTHERS }, (_, number) => other(number))
  await create(`${url}${UPSERT.path}`, UPSERT.headers, others)
  for (let first = 0; first < SIZE; first += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, index) => mooring(first + index))
    await create(`${url}${UPSERT.path}`, UPSERT.headers, batch)
  }
}

function query(parameters: Readonly<Record<string, string>>): RequestTemplate {
  // A placeholder is filled in as it is: it must not be encoded.
  const text = new URLSearchParams(parameters).toString().replaceAll(/%3C([nks])%3E/g, '<$1>')
  return { method: 'GET', path: `${API}/entities?${text}`, headers: {}, range: 1 }
}

function read(title: string, path: string): Operation {
  const request: RequestTemplate = { method: 'GET', path: `${API}${path}`, headers: {}, range: 1 }
  return { title, status: 200, prepare: () => Promise.resolve(request) }
}

// Two kilometres by two; the square that is looked into is always the same, the middle of the circle is elsewhere each time.
const square = [[-4.52, 48.49].join(), [-4.49, 48.49].join(), [-4.49, 48.51].join(), [-4.52, 48.51].join()]
const ring = [...square, square[0] ?? ''].map((corner) => `[${corner}]`).join()

export const largeOperations = {
  near: {
    title: 'near, 1 km, limit=20',
    status: 200,
    prepare: () =>
      Promise.resolve(
        query({
          ...{ type: TYPE, georel: 'near;maxDistance==1000', geometry: 'Point' },
          ...{ coordinates: '[-4.<s>,48.<s>]', limit: String(LIMIT) },
        }),
      ),
  },
  within: {
    title: 'within 2 km by 2, limit=20',
    status: 200,
    prepare: () =>
      Promise.resolve(
        query({
          ...{ type: TYPE, georel: 'within', geometry: 'Polygon' },
          ...{ coordinates: `[[${ring}]]`, limit: String(LIMIT) },
        }),
      ),
  },
  offset: {
    title: 'offset=90000, limit=20',
    status: 200,
    prepare: () => Promise.resolve(query({ type: TYPE, offset: String(OFFSET), limit: String(LIMIT) })),
  },
  cursor: {
    title: 'the same page by cursor',
    status: 200,
    prepare: async (url) => {
      const before = query({ type: TYPE, offset: String(OFFSET - LIMIT), limit: String(LIMIT) })
      const next = new URL(await linkOf(`${url}${before.path}`, 'next'), url)
      return { ...before, path: `${next.pathname}${next.search}` }
    },
  },
  types: read('GET types', '/types'),
  attributes: read('GET attributes', '/attributes'),
  'type-info': read('GET one type', `/types/${TYPE}`),
} as const satisfies Readonly<Record<string, Operation>>
