/** The entities of the bench: air sensors along the coast, 450 bytes each. */
import type { JsonObject } from '../src/base/json.ts'
import { create, forEach } from './client.ts'
import type { RequestTemplate } from './request.ts'
import { fill } from './request.ts'

export const API = '/ngsi-ld/v1'
export const TYPE = 'AirQualityObserved'
/** Entities that are there for PATCH, GET and query. */
export const POPULATION = 1000
export const JSON_BODY = { 'Content-Type': 'application/json' }

/** A @context of the user's own; the broker has it from a file (demo/context-map.json). */
export const OWN_CONTEXT = {
  Link: '<https://w3id.org/estran/contexts/estran.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"',
}

const ID = `urn:ngsi-ld:${TYPE}:brest-`
/** Entities in one upsert. */
const BATCH = 500

/** With the placeholders of `request.ts`; no two stand in one place. */
const TEXT = JSON.stringify({
  id: `${ID}<n>`,
  type: TYPE,
  location: { type: 'GeoProperty', value: { type: 'Point', coordinates: ['-4.<s>', '48.<s>'] } },
  no2: { type: 'Property', value: '22.<n>', unitCode: 'GQ', observedAt: '2026-11-22T08:00:00Z' },
  pm10: { type: 'Property', value: 17.2, unitCode: 'GQ', observedAt: '2026-11-22T08:00:00Z' },
  refPointOfInterest: { type: 'Relationship', object: 'urn:ngsi-ld:PointOfInterest:brest-port' },
}).replaceAll(/"(-?\d+\.<[ns]>)"/g, '$1')

export const createTemplate: RequestTemplate = {
  method: 'POST',
  path: `${API}/entities`,
  headers: JSON_BODY,
  body: TEXT,
  range: 1,
}

/** One of the entities that are there, each in its turn; the value is another each time. */
export const patchTemplate: RequestTemplate = {
  method: 'PATCH',
  path: `${API}/entities/${ID}<k>/attrs/no2`,
  headers: JSON_BODY,
  body: '{"value":22.<n>,"observedAt":"2026-11-22T09:00:00Z"}',
  range: POPULATION,
}

export function getTemplate(headers: Readonly<Record<string, string>>): RequestTemplate {
  return { method: 'GET', path: `${API}/entities/${ID}<k>`, headers, range: POPULATION }
}

export function queryTemplate(headers: Readonly<Record<string, string>>): RequestTemplate {
  return { method: 'GET', path: `${API}/entities?type=${TYPE}&limit=20`, headers, range: 1 }
}

/** The id of the entity of this number. */
export function entityId(number: number): string {
  return fill(`${ID}<n>`, number, 1)
}

/** How long an entity is as JSON. */
export function entityBytes(): number {
  return Buffer.byteLength(fill(TEXT, 0, 1))
}

/** Where batches go. */
export const UPSERT = { path: `${API}/entityOperations/upsert`, headers: JSON_BODY }

/** A batch of so many entities, from this number on, as JSON. */
export function batchText(first: number, size: number): string {
  return `[${Array.from({ length: size }, (_, index) => fill(TEXT, first + index, 1)).join(',')}]`
}

/** Creates so many entities, of the numbers from 0. */
export async function populate(url: string, count: number, headers: Readonly<Record<string, string>>): Promise<void> {
  const entity = (number: number): JsonObject => JSON.parse(fill(TEXT, number, 1)) as JsonObject
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) =>
    Array.from({ length: Math.min(BATCH, count - batch * BATCH) }, (_, index) => entity(batch * BATCH + index)),
  )
  await forEach(batches, (batch) => create(`${url}${UPSERT.path}`, { ...UPSERT.headers, ...headers }, batch))
}

/** How many entities there are. */
export async function countEntities(url: string): Promise<number> {
  const response = await fetch(`${url}${API}/entities?type=${TYPE}&limit=0&count=true`)
  return Number(response.headers.get('NGSILD-Results-Count') ?? NaN)
}
