import { NgsiError } from '../../core/errors.ts'
import type { Linked } from '../../core/model/render/linked.ts'
import { all } from '../../core/query/ast.ts'
import type { StoredEntity } from '../../store/port.ts'
import type { JoinRequest as StoreJoinRequest } from '../../store/retrieve-linked.ts'
import { retrieveLinked as retrieveFrom } from '../../store/retrieve-linked.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'

/** How far relationships are followed, and from where. */
export type JoinRequest = Omit<StoreJoinRequest, 'most'>

/** Entities that one request may bring along: beyond, the answer would be no answer but the store. */
export const MAX_LINKED = 10_000

const none: Linked = new Map()

/**
 * Linked Entity Retrieval (clause 4.5.23): the entities that the shown relationships of `roots` lead to, by id.
 * Throws TooManyResults beyond `MAX_LINKED`.
 */
export async function retrieveLinked(
  call: Call,
  roots: readonly StoredEntity[],
  join: JoinRequest | undefined,
): Promise<Linked> {
  if (join === undefined) return none
  const { entities } = call.broker.store
  const request = { space: call.space, filter: all, visibility: visibilityOf(call), now: call.time }
  const { linked, isCut } = await retrieveFrom({ entities, request }, roots, { ...join, most: MAX_LINKED })
  if (isCut || linked.size > MAX_LINKED) throw tooManyLinked()
  return linked
}

/** More linked entities than one answer may hold. */
export function tooManyLinked(): NgsiError {
  return new NgsiError(
    'TooManyResults',
    `join: more than ${String(MAX_LINKED)} linked entities; lower limit or joinLevel`,
  )
}
