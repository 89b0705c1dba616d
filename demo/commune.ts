/**
 * Port-Kerzen, a commune on the north coast of Brittany that does not exist. Its buildings, tide gauges and air sensors are
 * entities of the Smart Data Models; for parcels and the coastline there is no such model, so those are Estran's own.
 */
import type { JsonObject } from '../src/base/json.ts'
import { CONTEXT, post } from './api.ts'
import airSensors from './data/air-sensors.json' with { type: 'json' }
import buildings from './data/buildings.json' with { type: 'json' }
import coastline from './data/coastline.json' with { type: 'json' }
import parcels from './data/parcels.json' with { type: 'json' }
import tideGauges from './data/tide-gauges.json' with { type: 'json' }

const entities: readonly (JsonObject & { type: string })[] = [
  ...parcels,
  ...buildings,
  ...coastline,
  ...tideGauges,
  ...airSensors,
]

/** Puts the whole commune into the broker, in one batch. Returns how many entities there are of each type. */
export async function loadCommune(broker: string): Promise<ReadonlyMap<string, number>> {
  const batch = entities.map((entity) => ({ '@context': CONTEXT, ...entity }))
  await post(`${broker}/ngsi-ld/v1/entityOperations/upsert`, batch)
  return new Map(
    Map.groupBy(entities, ({ type }) => type)
      .entries()
      .map(([type, group]) => [type, group.length]),
  )
}
