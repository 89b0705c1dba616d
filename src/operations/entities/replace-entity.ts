import { readEntityFragment } from '../../core/model/read-entity.ts'
import { replaceEntity as replace } from '../../core/model/write/replace.ts'
import type { Call } from '../call.ts'
import { changeEntity, requireSameId } from '../existing.ts'
import type { EntityRequest } from './append-attributes.ts'

/** Replace Entity (clause 5.6.18): all of it but its createdAt. Throws BadRequestData, ResourceNotFound. */
export async function replaceEntity(call: Call, { target, context, body }: EntityRequest): Promise<void> {
  const fragment = readEntityFragment({ context, nullDeletes: false }, body)
  requireSameId(fragment, target.id)
  await changeEntity(call, target, {
    operation: 'replaceEntity',
    apply: (before) => ({ state: replace(before, fragment, call.time), result: undefined }),
  })
}
