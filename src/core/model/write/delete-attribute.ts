import type { TimeKey } from '../../../base/time.ts'
import { notFound } from '../../errors.ts'
import type { EntityState } from '../state.ts'
import type { Draft } from './draft.ts'
import { draftOf, finishDraft, removeAttribute, removeInstance, removeScope } from './draft.ts'

/** What of an entity is to go. */
export interface AttributeDeletion {
  /** The core name of an attribute, or `scope`. */
  readonly name: string
  /** The name as the client wrote it, for messages. */
  readonly written: string
  /** The datasetId of the one instance, `@none` for the default one; absent: every instance. */
  readonly dataset?: string
}

/** Deletes an attribute or one instance of it, or the scope (clause 5.6.5). Throws ResourceNotFound when it is not there. */
export function deleteAttribute(before: EntityState, deletion: AttributeDeletion, time: TimeKey): EntityState {
  const draft = draftOf(before, time)
  if (!remove(draft, deletion)) {
    const { written, dataset } = deletion
    throw notFound(`${written}: the entity has none${dataset === undefined ? '' : ` (datasetId ${dataset})`}`)
  }
  return finishDraft(draft)
}

function remove(draft: Draft, { name, dataset }: AttributeDeletion): boolean {
  if (name === 'scope') return removeScope(draft)
  return dataset === undefined ? removeAttribute(draft, name) : removeInstance(draft, name, dataset)
}
