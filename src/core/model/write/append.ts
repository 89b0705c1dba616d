import type { TimeKey } from '../../../base/time.ts'
import { asArray } from '../../../base/json.ts'
import { entityScopes } from '../entity.ts'
import type { EntityFragment } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import type { Draft } from './draft.ts'
import { addTypes, applyInstance, draftOf, finishDraft, hasInstance, setExpiry } from './draft.ts'

export interface Appended {
  readonly state: EntityState
  /** Attributes that were there already and stayed as they were: only with `noOverwrite`. */
  readonly notUpdated: readonly string[]
}

/** Appends attributes, replacing those that are there (clause 5.6.3). */
export function appendAttributes(before: EntityState, fragment: EntityFragment, time: TimeKey): EntityState {
  const draft = draftOf(before, time)
  addTypes(draft, fragment)
  setExpiry(draft, fragment)
  if (fragment.scope !== undefined && fragment.scope !== null) draft.entity['scope'] = fragment.scope
  for (const [name, instances] of fragment.attributes) {
    for (const instance of instances) applyInstance(draft, name, instance)
  }
  return finishDraft(draft)
}

/** Appends only what is not there yet (clause 5.6.3 with `noOverwrite`); scopes are united. */
export function appendMissingAttributes(before: EntityState, fragment: EntityFragment, time: TimeKey): Appended {
  const draft = draftOf(before, time)
  addTypes(draft, fragment)
  unite(draft, fragment)
  const notUpdated = new Set<string>()
  for (const [name, instances] of fragment.attributes) {
    for (const instance of instances) {
      if (hasInstance(draft, name, instance.dataset)) notUpdated.add(name)
      else applyInstance(draft, name, instance)
    }
  }
  return { state: finishDraft(draft), notUpdated: [...notUpdated] }
}

function unite(draft: Draft, fragment: EntityFragment): void {
  if (fragment.scope === undefined || fragment.scope === null) return
  const scopes = [...new Set([...entityScopes(draft.entity), ...asArray<string>(fragment.scope)])]
  draft.entity['scope'] = scopes.length === 1 ? (scopes[0] ?? scopes) : scopes
}
