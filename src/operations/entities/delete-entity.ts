import type { Call } from '../call.ts'
import type { WrittenEntity } from '../existing.ts'
import { changeEntity } from '../existing.ts'

/** Delete Entity (clause 5.6.6). Throws BadRequestData, ResourceNotFound. */
export async function deleteEntity(call: Call, target: WrittenEntity): Promise<void> {
  await changeEntity(call, target, {
    operation: 'deleteEntity',
    apply: () => ({ state: undefined, result: undefined }),
  })
}
