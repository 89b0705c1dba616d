import { readEntityFragment } from '../../core/model/read-entity.ts'
import { updateAttributes as update } from '../../core/model/write/update.ts'
import type { Call } from '../call.ts'
import { changeEntity, requireSameId } from '../existing.ts'
import type { EntityRequest } from './append-attributes.ts'

/** Update Attributes (clause 5.6.2): replaces whole attributes, appends missing ones. Throws BadRequestData, ResourceNotFound. */
export async function updateAttributes(call: Call, { target, context, body }: EntityRequest): Promise<void> {
  const fragment = readEntityFragment({ context, nullDeletes: true }, body)
  requireSameId(fragment, target.id)
  await changeEntity(call, target, {
    operation: 'updateEntity',
    apply: (before) => ({ state: update(before, fragment, call.time), result: undefined }),
  })
}
