import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'
import { existing, requireEntityId } from '../existing.ts'

/** Delete Entity (clause 5.6.6). Throws BadRequestData, ResourceNotFound. */
export async function deleteEntity(call: Call, id: string): Promise<void> {
  requireEntityId(id)
  await writeEntity(call, {
    id,
    operation: 'deleteEntity',
    createsSpace: false,
    apply: (before) => {
      existing(before, id)
      return { state: undefined, result: undefined }
    },
  })
}
