import type { TimeKey } from '../../../base/time.ts'
import { NgsiError } from '../../errors.ts'
import type { Entity } from '../entity.ts'
import { attributeOf } from '../entity.ts'
import type { NewEntity } from '../read-entity.ts'
import type { EntityState } from '../state.ts'

/** Creates an entity (clause 5.6.1). Throws AlreadyExists when the id is taken. */
export function createEntity(before: EntityState | undefined, fragment: NewEntity, time: TimeKey): EntityState {
  if (before !== undefined) throw new NgsiError('AlreadyExists', `an entity ${fragment.id} exists already`)
  return newEntity(fragment, time)
}

/** A fresh entity from what was sent: everything in it was created now. */
export function newEntity(fragment: NewEntity, time: TimeKey): EntityState {
  const [type] = fragment.types
  const entity: Entity = {
    id: fragment.id,
    type: fragment.types.length === 1 && type !== undefined ? type : [...fragment.types],
  }
  if (fragment.scope !== undefined && fragment.scope !== null) entity['scope'] = fragment.scope
  if (fragment.expiresAt !== undefined) entity['expiresAt'] = fragment.expiresAt
  for (const [name, instances] of fragment.attributes) {
    entity[name] = attributeOf(instances.flatMap((item) => item.instance ?? []))
  }
  return { entity, times: { created: time, modified: time } }
}
