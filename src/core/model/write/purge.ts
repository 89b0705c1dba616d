import type { TimeKey } from '../../../base/time.ts'
import { attributeNames } from '../entity.ts'
import type { EntityState } from '../state.ts'
import { draftOf, finishDraft, removeAttribute, removeScope } from './draft.ts'

/** Which members of an entity a purge takes away: those named, all but those named, or the entity as a whole. */
export type PurgeMode =
  { readonly kind: 'drop' | 'keep'; readonly members: ReadonlySet<string> } | { readonly kind: 'entity' }

/** Purges one entity (clause 5.6.21). Undefined: it is to be deleted. */
export function purge(before: EntityState, mode: PurgeMode, time: TimeKey): EntityState | undefined {
  if (mode.kind === 'entity') return undefined
  const draft = draftOf(before, time)
  const goes = (name: string): boolean => mode.members.has(name) === (mode.kind === 'drop')
  for (const name of attributeNames(before.entity)) if (goes(name)) removeAttribute(draft, name)
  if (goes('scope')) removeScope(draft)
  return finishDraft(draft)
}
