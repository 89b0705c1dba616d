import { badRequestData, notFound } from '../core/errors.ts'
import { isUriText } from '../core/model/names.ts'
import type { EntityFragment } from '../core/model/read-entity.ts'
import type { EntityState } from '../core/model/state.ts'

/** What is stored; throws ResourceNotFound when nothing is. */
export function existing(before: EntityState | undefined, id: string): EntityState {
  if (before === undefined) throw notFound(`there is no entity ${id}`)
  return before
}

/** Throws BadRequestData when the id of a path is no URI. */
export function requireEntityId(id: string): void {
  if (!isUriText(id)) throw badRequestData(`entityId: '${id}' is not a URI`)
}

/** Throws BadRequestData when a fragment names another entity than the path (clause 5.4: it may leave the id out). */
export function requireSameId(fragment: EntityFragment, id: string): void {
  if (fragment.id !== undefined && fragment.id !== id) {
    throw badRequestData(`id: ${fragment.id} is not the entity of the path, ${id}`)
  }
}
