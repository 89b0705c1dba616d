/**
 * Subscriptions for the cost of matching.
 *
 * Ten are there whatever their number: nine that the index finds for every write of the load and that its details or its
 * filter then rule out, or that watch other attributes; and one for a single entity, which is notified. All others are for
 * other things, as most subscriptions are for most writes: each for another entity, another type, another attribute of the
 * written entities, or another place; or mixed: single sensors of other towns, other types, other types by pattern.
 */
import type { JsonObject } from '../src/base/json.ts'
import { create, forEach } from './client.ts'
import { API, entityId, JSON_BODY, TYPE } from './entities.ts'

/** The entity that somebody is told of. */
const WATCHED = entityId(7)

/** Other types that others are subscribed to. */
const TYPES = 200

/** What the subscriptions differ by. */
export const differences = ['id', 'type', 'attribute', 'place', 'mixed'] as const

export type Difference = (typeof differences)[number]

export interface Others {
  readonly count: number
  readonly by: Difference
}

/** Creates so many subscriptions, ten at least. `sink` is where their notifications go. */
export async function subscribe(url: string, { count, by }: Others, sink: string): Promise<void> {
  const all = [...constant(), ...Array.from({ length: count - 10 }, (_, index) => others[by](index))]
  await forEach(all, (subscription) =>
    create(`${url}${API}/subscriptions`, JSON_BODY, {
      type: 'Subscription',
      ...subscription,
      notification: { format: 'concise', endpoint: { uri: sink } },
    }),
  )
}

/** Half of them watch what the load writes: their filter is evaluated at each write, and never holds. */
function constant(): readonly JsonObject[] {
  const never = [100, 200, 300, 400, 500].map((limit) => ({ watchedAttributes: ['no2'], q: `no2>${String(limit)}` }))
  const elsewhere = ['pm10', 'pm25', 'o3', 'so2'].map((name) => ({ watchedAttributes: [name] }))
  return [
    ...[...never, ...elsewhere].map((watch) => ({ entities: [{ type: TYPE }], ...watch })),
    { entities: [{ type: TYPE, id: WATCHED }], watchedAttributes: ['no2'] },
  ]
}

const others: Readonly<Record<Difference, (index: number) => JsonObject>> = {
  id: (index) => ({ entities: [{ type: TYPE, id: otherId(index) }], watchedAttributes: ['no2'] }),
  type: (index) => ({ entities: [{ type: `Sensor${String(index)}` }], watchedAttributes: ['no2'] }),
  attribute: (index) => ({ entities: [{ type: TYPE }], watchedAttributes: [`measure${String(index)}`] }),
  place: (index) => ({ entities: [{ type: TYPE }], watchedAttributes: ['no2'], geoQ: fence(index) }),
  mixed,
}

function otherId(index: number): string {
  return `urn:ngsi-ld:${TYPE}:quimper-${String(index)}`
}

/** A square of some hundred metres, in rows over the sea west of all that is written. */
function fence(index: number): JsonObject {
  const [west, south] = [-20 + (index % 1000) * 0.014, 40 + Math.floor(index / 1000) * 0.09]
  const [east, north] = [west + 0.002, south + 0.001]
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
  return { georel: 'within', geometry: 'Polygon', coordinates: [ring] }
}

function mixed(index: number): JsonObject {
  const type = `Sensor${String(index % TYPES)}`
  const attribute = `measure${String(index % 7)}`
  switch (index % 5) {
    case 0:
    case 1:
      return {
        entities: [{ type: TYPE, id: otherId(index) }],
        watchedAttributes: ['no2'],
      }
    case 2:
      return { entities: [{ type, idPattern: `^urn:ngsi-ld:.*:lannion-${String(index)}` }] }
    default:
      return { entities: [{ type }], watchedAttributes: [attribute], q: `${attribute}>${String(index % 100)}` }
  }
}
