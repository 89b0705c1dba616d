/** One document per entity: what is answered, as text, and beside it what queries need, in queryable form. */
import type { TimeKey } from '../../base/time.ts'
import { timeKey } from '../../base/time.ts'
import { attributeNames, entityScopes, entityTypes } from '../../core/model/entity.ts'
import type { Space } from '../../core/model/space.ts'
import type { NextEntity, StoredEntity } from '../port.ts'
import { cellsOfEntity } from './cells.ts'
import { facetsOf } from './facets.ts'
import { entityKey } from './keys.ts'
import type { Pending } from './log-document.ts'
import type { FindableValue } from './values.ts'
import { valuesOf } from './values.ts'

/** What every document has; `pending` is what may not be in the log yet. */
export interface PendingHolder {
  readonly _id: string
  readonly space: Space
  readonly id: string
  readonly version: number
  readonly pending: readonly Pending[]
}

/** What remains of a deleted entity: its version, so that versions never repeat, and what is not yet in the log. */
export interface Tombstone extends PendingHolder {
  readonly deleted: true
}

export interface LiveDocument extends PendingHolder {
  readonly deleted: false
  readonly text: string
  readonly times: string
  /** Absent when nothing in it expires. */
  readonly expires?: TimeKey
  /** When the entity as a whole expires. */
  readonly entityExpires?: TimeKey
  readonly types: readonly string[]
  readonly attributes: readonly string[]
  /** What discovery counts (`facets.ts`). */
  readonly facets: readonly string[]
  /** What comparisons of q find (`values.ts`). */
  readonly values: readonly FindableValue[]
  /** With a leading slash and no empty level. */
  readonly scopes: readonly string[]
  /** Covering cells of its geometries (`cells.ts`). */
  readonly cells?: readonly string[]
}

export type EntityDocument = Tombstone | LiveDocument

/** What an answer needs of a document. */
export type AnswerPart = Pick<LiveDocument, 'id' | 'version' | 'text' | 'times' | 'expires'>

export const answerProjection = { _id: 0, id: 1, version: 1, text: 1, times: 1, expires: 1 } as const

type Head = Omit<PendingHolder, '_id'>

/** The document of what an entity has become; a tombstone when it is undefined. */
export function documentOf(head: Head, next: NextEntity | undefined): EntityDocument {
  const { space, id, version, pending } = head
  const keyed = { _id: entityKey(space, id), space, id, version, pending }
  if (next === undefined) return { ...keyed, deleted: true }
  const { state, text, times, expires } = next
  const { entity } = state
  const expiresAt = entity['expiresAt']
  const entityExpires = typeof expiresAt === 'string' ? timeKey(expiresAt) : undefined
  const cells = cellsOfEntity(entity)
  return {
    ...keyed,
    deleted: false,
    text,
    times,
    ...(expires !== null && { expires }),
    ...(entityExpires !== undefined && { entityExpires }),
    types: entityTypes(entity),
    attributes: attributeNames(entity),
    facets: facetsOf(entity),
    values: valuesOf(entity),
    scopes: entityScopes(entity).map((scope) => normalScope(scope.split('/'))),
    ...(cells.length > 0 && { cells }),
  }
}

/** A scope from its levels, so that `a/b`, `/a/b` and `/a/b/` are one. */
export function normalScope(levels: readonly string[]): string {
  return `/${levels.filter((level) => level !== '').join('/')}`
}

/** The entity that the port speaks of. */
export function storedEntityOf({ id, version, text, times, expires }: AnswerPart): StoredEntity {
  return { id, version, text, times, expires: expires ?? null }
}
