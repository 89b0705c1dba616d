import type { TimeKey } from '../../../base/time.ts'
import { asArray } from '../../../base/json.ts'
import { entityScopes } from '../entity.ts'
import type { EntityFragment } from '../read-entity.ts'
import type { EntityState } from '../state.ts'
import type { Draft } from './draft.ts'
import { addTypes, applyInstance, draftOf, finishDraft, hasInstance, setExpiry, setScope } from './draft.ts'

export interface Appended {
  readonly state: EntityState
  /** Attributes of which an instance was there already and stayed as it was. */
  readonly notUpdated: readonly string[]
}

/** Appends attributes, replacing those that are there (clause 5.6.3). */
export function appendAttributes(before: EntityState, fragment: EntityFragment, time: TimeKey): EntityState {
  const draft = draftOf(before, time)
  addTypes(draft, fragment)
  setExpiry(draft, fragment)
  setScope(draft, fragment)
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
  if (before.entity['expiresAt'] === undefined) setExpiry(draft, fragment)
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
  const before = entityScopes(draft.entity)
  const scopes = [...new Set([...before, ...asArray<string>(fragment.scope)])]
  if (scopes.length > before.length) draft.entity['scope'] = scopes.length === 1 ? (scopes[0] ?? scopes) : scopes
}
