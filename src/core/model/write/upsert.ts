import type { TimeKey } from '../../../base/time.ts'
import type { NewEntity } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import { newEntity } from './create.ts'
import { replaceEntity } from './replace.ts'
import { updateAttributes } from './update.ts'

/** Creates the entity, or replaces all of it as clause 5.6.18 does (clause 5.6.8, replace mode; types may go too). */
export function replaceOrCreate(before: EntityState | undefined, fragment: NewEntity, time: TimeKey): EntityState {
  return before === undefined ? newEntity(fragment, time) : replaceEntity(before, fragment, time)
}

/** Creates the entity, or updates its attributes as clause 5.6.2 does (clause 5.6.8, update mode). */
export function updateOrCreate(before: EntityState | undefined, fragment: NewEntity, time: TimeKey): EntityState {
  return before === undefined ? newEntity(fragment, time) : updateAttributes(before, fragment, time)
}
