import type { Query } from '../../core/query/ast.ts'
import { notFound } from '../../core/errors.ts'
import type { StoredEntity } from '../../core/model/state.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'
import { requireEntityId } from '../existing.ts'

/** Retrieve Entity (clause 5.7.1): the entity if it also passes the filter. Throws BadRequestData, ResourceNotFound. */
export async function retrieveEntity(call: Call, id: string, filter: Query): Promise<StoredEntity> {
  requireEntityId(id)
  const request = { space: call.space, filter, visibility: visibilityOf(call), now: call.time }
  const entity = await call.broker.store.entities.get(request, id)
  if (entity === undefined) throw notFound(`there is no entity ${id}`)
  return entity
}
