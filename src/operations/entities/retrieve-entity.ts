import type { Query } from '../../core/query/ast.ts'
import { notFound } from '../../core/errors.ts'
import type { Linked } from '../../core/model/render/linked.ts'
import type { StoredEntity } from '../../core/model/state.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'
import { requireEntityId } from '../existing.ts'
import type { JoinRequest } from './linked-entities.ts'
import { retrieveLinked } from './linked-entities.ts'

export interface EntityRetrieval {
  readonly id: string
  /** What the entity must pass: types, and attributes of which it must have one. */
  readonly filter: Query
  readonly join?: JoinRequest
}

export interface RetrievedEntity {
  readonly entity: StoredEntity
  /** By id; none without a join. */
  readonly linked: Linked
}

/** Retrieve Entity (clause 5.7.1). Throws BadRequestData, ResourceNotFound, and TooManyResults where linked entities are too many. */
export async function retrieveEntity(call: Call, { id, filter, join }: EntityRetrieval): Promise<RetrievedEntity> {
  requireEntityId(id)
  const request = { space: call.space, filter, visibility: visibilityOf(call), now: call.time }
  const entity = await call.broker.store.entities.get(request, id)
  if (entity === undefined) {
    throw notFound(`there is no entity ${id}${filter.kind === 'all' ? '' : ' that type and attrs let through'}`)
  }
  return { entity, linked: await retrieveLinked(call, [entity], join) }
}
