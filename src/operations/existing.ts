/** What all writes to one entity that must be there have in common: which entity, and under which conditions. */
import { badRequestData, NgsiError, notFound } from '../core/errors.ts'
import { isUriText } from '../core/model/names.ts'
import type { EntityFragment } from '../core/model/read-entity.ts'
import type { WriteOperation } from '../core/model/log-record.ts'
import type { EntityState } from '../core/model/state.ts'
import type { Query } from '../core/query/ast.ts'
import { all } from '../core/query/ast.ts'
import { evaluate } from '../core/query/evaluate.ts'
import type { Call } from './call.ts'
import type { Applied } from './write.ts'
import { writeEntity } from './write.ts'

/** The entity that a write is for. */
export interface WrittenEntity {
  readonly id: string
  /** What it must be to be that entity: a type selection (clause 4.17). Absent: anything. */
  readonly selection?: Query
  /** Whether the write may happen to this version of it (RFC 9110, If-Match). Absent: to any. */
  readonly mayChange?: (version: number | undefined) => boolean
}

/** A write to what is there. */
export interface ExistingWrite<T> {
  readonly operation: WriteOperation
  /** As `EntityWrite.apply`. */
  readonly apply: (before: EntityState) => Applied<T>
}

/**
 * Writes an entity that must be there. Throws BadRequestData when the id is no URI, ResourceNotFound when there is no such
 * entity, PreconditionFailed when it has another version; the conditions are checked inside the write.
 */
export async function changeEntity<T>(call: Call, target: WrittenEntity, write: ExistingWrite<T>): Promise<T> {
  requireEntityId(target.id)
  return writeEntity(call, {
    id: target.id,
    operation: write.operation,
    createsSpace: false,
    apply: (before, version) => write.apply(selected(target, before, version)),
  })
}

/** RFC 9110, 13.2.1: a condition counts only where the answer without it would not be an error; so what is not there comes first. */
function selected(target: WrittenEntity, before: EntityState | undefined, version: number | undefined): EntityState {
  const { id, selection = all, mayChange } = target
  if (before === undefined) throw notFound(`there is no entity ${id}`)
  if (!evaluate(selection, before)) throw notFound(`type: the entity ${id} has no such type (clause 4.17)`)
  if (mayChange?.(version) === false) {
    throw new NgsiError('PreconditionFailed', `If-Match: the entity ${id} is not in the version that it names`)
  }
  return before
}

/** Throws BadRequestData when the id of a path is no URI. */
export function requireEntityId(id: string): void {
  if (!isUriText(id)) throw badRequestData(`entityId: '${id}' is not a URI`)
}

/** Throws BadRequestData when a fragment names another entity than the path (clause 5.4: it may leave the id out). */
export function requireSameId(fragment: Pick<EntityFragment, 'id'>, id: string): void {
  if (fragment.id !== undefined && fragment.id !== id) {
    throw badRequestData(`id: ${fragment.id} is not the entity of the path, ${id}`)
  }
}
