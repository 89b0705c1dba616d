import type { TimeKey } from '../../../base/time.ts'
import type { EntityFragment } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import { addTypes, applyInstance, draftOf, finishDraft, setExpiry, setScope } from './draft.ts'

/**
 * Updates attributes (clause 5.6.2): an instance that is there is replaced whole, one that is missing is appended, the
 * NGSI-LD Null deletes. The scope changes only where the entity has one.
 */
export function updateAttributes(before: EntityState, fragment: EntityFragment, time: TimeKey): EntityState {
  const draft = draftOf(before, time)
  addTypes(draft, fragment)
  setExpiry(draft, fragment)
  if (Object.hasOwn(draft.entity, 'scope')) setScope(draft, fragment)
  for (const [name, instances] of fragment.attributes) {
    for (const instance of instances) applyInstance(draft, name, instance)
  }
  return finishDraft(draft)
}
