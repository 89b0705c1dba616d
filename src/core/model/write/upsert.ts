import type { TimeKey } from '../../../base/time.ts'
import type { Entity } from '../entity.ts'
import { attributeNames, datasetOf, instancesOf } from '../entity.ts'
import type { NewEntity } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import type { InstanceTimes, SystemTimes } from '../times.ts'
import { instanceTimes } from '../times.ts'
import { newEntity } from './create.ts'
import { updateAttributes } from './update.ts'

/**
 * Creates the entity, or replaces all of it (clause 5.6.8, replace mode; types may go too). The createdAt of the entity,
 * and of each attribute instance that it has before and after, is kept.
 */
export function replaceOrCreate(before: EntityState | undefined, fragment: NewEntity, time: TimeKey): EntityState {
  const fresh = newEntity(fragment, time)
  return before === undefined ? fresh : { entity: fresh.entity, times: replacedTimes(before, fresh.entity, time) }
}

/** Creates the entity, or updates its attributes as clause 5.6.2 does (clause 5.6.8, update mode). */
export function updateOrCreate(before: EntityState | undefined, fragment: NewEntity, time: TimeKey): EntityState {
  return before === undefined ? newEntity(fragment, time) : updateAttributes(before, fragment, time)
}

function replacedTimes(before: EntityState, entity: Entity, time: TimeKey): SystemTimes {
  const attributes: Record<string, Record<string, InstanceTimes>> = {}
  for (const name of attributeNames(entity)) {
    const old = new Set(instancesOf(before.entity, name).map(datasetOf))
    const ofAttribute: Record<string, InstanceTimes> = {}
    for (const dataset of instancesOf(entity, name).map(datasetOf)) {
      const created = old.has(dataset) ? instanceTimes(before.times, name, dataset)[0] : time
      ofAttribute[dataset] = [created, time]
    }
    attributes[name] = ofAttribute
  }
  const times = { created: before.times.created, modified: time }
  return Object.keys(attributes).length === 0 ? times : { ...times, attributes }
}
