import type { TimeKey } from '../../../base/time.ts'
import { notFound } from '../../errors.ts'
import type { Entity } from '../entity.ts'
import { attributeNames, datasetOf, entityTypes, instancesOf } from '../entity.ts'
import type { InstanceFragment } from '../read-attribute.ts'
import type { EntityFragment } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import type { InstanceTimes, SystemTimes } from '../times.ts'
import { instanceTimes } from '../times.ts'
import { newEntity } from './create.ts'
import { applyInstance, draftOf, finishDraft, hasInstance } from './draft.ts'

/**
 * Replaces all of an entity (clause 5.6.18; also 5.6.8 in replace mode); its types too, where some are sent. The createdAt of
 * the entity, and of each attribute instance that it has before and after, is kept.
 */
export function replaceEntity(before: EntityState, fragment: EntityFragment, time: TimeKey): EntityState {
  const types = fragment.types.length > 0 ? fragment.types : entityTypes(before.entity)
  const { entity } = newEntity({ ...fragment, id: before.entity.id, types }, time)
  return { entity, times: replacedTimes(before, entity, time) }
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

/** Replaces one attribute instance whole (clause 5.6.19). Throws ResourceNotFound when there is none with its datasetId. */
export function replaceAttribute(
  before: EntityState,
  attribute: { readonly name: string; readonly written: string; readonly fragment: InstanceFragment },
  time: TimeKey,
): EntityState {
  const { name, written, fragment } = attribute
  const draft = draftOf(before, time)
  if (!hasInstance(draft, name, fragment.dataset)) {
    throw notFound(`${written}: no such attribute instance (datasetId ${fragment.dataset})`)
  }
  applyInstance(draft, name, fragment)
  return finishDraft(draft)
}
