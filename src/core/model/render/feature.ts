/** Entities as GeoJSON features (ETSI GS CIM 009 V1.9.1, clauses 4.5.16, 4.5.17, 5.2.29; RFC 7946). */
import type { JsonObject } from '../../../base/json.ts'
import type { AttributeInstance, Entity } from '../entity.ts'
import { datasetOf, DEFAULT_DATASET, instancesOf } from '../entity.ts'
import { closeRings, looksLikeGeometry } from '../geometry.ts'
import type { EntityState } from '../state.ts'
import { renderEntity } from './entity.ts'
import type { RenderOptions } from './options.ts'

/**
 * The entity as a Feature, without `@context`. Its id and geometry stand outside the properties, so pick and omit do not take
 * them away: a GIS would make nothing of the rest. `geometryProperty` is a core name.
 */
export function renderFeature(
  { entity, times }: EntityState,
  geometryProperty: string,
  options: RenderOptions,
): JsonObject {
  const { id: _outside, ...properties } = renderEntity(entity, times, options)
  return { id: entity.id, type: 'Feature', geometry: geometryOf(entity, geometryProperty, options), properties }
}

/** The value of the only instance, or of the default one, that datasetId lets through; else null (clause 4.5.16.1). */
function geometryOf(entity: Entity, geometryProperty: string, { datasets }: RenderOptions): JsonObject | null {
  const instances = instancesOf(entity, geometryProperty)
  const wanted = datasets === undefined ? instances : instances.filter((one) => datasets.has(datasetOf(one)))
  const value = soleOrDefault(wanted)?.['value'] ?? null
  return looksLikeGeometry(value) ? closeRings(value) : null
}

function soleOrDefault(instances: readonly AttributeInstance[]): AttributeInstance | undefined {
  if (instances.length <= 1) return instances[0]
  return instances.find((instance) => datasetOf(instance) === DEFAULT_DATASET)
}
