import type { TimeKey } from '../../../base/time.ts'
import { badRequestData, NgsiError } from '../../errors.ts'
import type { Entity } from '../entity.ts'
import { attributeOf } from '../entity.ts'
import type { NewEntity } from '../read-entity.ts'
import type { EntityState } from '../state.ts'

/** Creates an entity (clause 5.6.1). Throws AlreadyExists when the id is taken. */
export function createEntity(before: EntityState | undefined, fragment: NewEntity, time: TimeKey): EntityState {
  if (before !== undefined) throw new NgsiError('AlreadyExists', `an entity ${fragment.id} exists already`)
  return newEntity(fragment, time)
}

/** A fresh entity from what was sent: everything in it was created now. Throws BadRequestData for the NGSI-LD Null in it. */
export function newEntity(fragment: NewEntity, time: TimeKey): EntityState {
  const entity = emptyEntity(fragment)
  for (const [name, instances] of fragment.attributes) {
    entity[name] = attributeOf(instances.map(({ instance }) => instance ?? refuseNull(name)))
  }
  return { entity, times: { created: time, modified: time } }
}

function emptyEntity({ id, types, scope, expiresAt }: NewEntity): Entity {
  const [type] = types
  const entity: Entity = { id, type: types.length === 1 && type !== undefined ? type : [...types] }
  if (scope !== undefined) entity['scope'] = scope ?? refuseNull('scope')
  if (expiresAt !== undefined) entity['expiresAt'] = expiresAt ?? refuseNull('expiresAt')
  return entity
}

/** Deleting what a new entity cannot have yet (clause 5.5.4): only upserts that create come here with it. */
function refuseNull(name: string): never {
  throw badRequestData(`${name}: the NGSI-LD Null has no place in an entity that is new (clause 5.5.4)`)
}
