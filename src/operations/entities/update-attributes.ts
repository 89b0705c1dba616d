import { readEntityFragment } from '../../core/model/read-entity.ts'
import { updateAttributes as update } from '../../core/model/write/update.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'
import type { AttributesRequest } from './append-attributes.ts'
import { existing, requireEntityId, requireSameId } from '../existing.ts'

/** Update Attributes (clause 5.6.2): replaces whole attributes, appends missing ones. Throws BadRequestData, ResourceNotFound. */
export async function updateAttributes(call: Call, { id, context, body }: AttributesRequest): Promise<void> {
  requireEntityId(id)
  const fragment = readEntityFragment({ context, nullDeletes: true }, body)
  requireSameId(fragment, id)
  await writeEntity(call, {
    id,
    operation: 'updateEntity',
    createsSpace: false,
    apply: (before) => ({ state: update(existing(before, id), fragment, call.time), result: undefined }),
  })
}
