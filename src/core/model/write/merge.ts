import type { TimeKey } from '../../../base/time.ts'
import { instancesOf } from '../entity.ts'
import { modeOf } from '../read-attribute.ts'
import type { MergeFragment } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import { addTypes, applyInstance, draftOf, finishDraft, setExpiry, setScope } from './draft.ts'
import type { MergeMode } from './merge-attribute.ts'
import { mergeAttribute } from './merge-attribute.ts'

/**
 * Merges a fragment into an entity (clauses 5.5.12, 5.6.17): into attributes, their sub-attributes and the objects that are
 * their values; the NGSI-LD Null takes away what it stands for. Throws BadRequestData naming the member at fault.
 */
export function mergeEntity(mode: MergeMode, before: EntityState, fragment: MergeFragment, time: TimeKey): EntityState {
  const draft = draftOf(before, time)
  addTypes(draft, fragment)
  setExpiry(draft, fragment)
  setScope(draft, fragment)
  for (const [name, { name: written, raw }] of fragment.attributes) {
    const meeting = { stored: instancesOf(before.entity, name), raw }
    for (const instance of mergeAttribute(modeOf(mode, name), meeting, written)) applyInstance(draft, name, instance)
  }
  return finishDraft(draft)
}
