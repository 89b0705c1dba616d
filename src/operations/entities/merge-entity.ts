import { readMergeFragment } from '../../core/model/read-entity.ts'
import { mergeEntity as merge } from '../../core/model/write/merge.ts'
import type { MergeMode } from '../../core/model/write/merge-attribute.ts'
import type { Call } from '../call.ts'
import { changeEntity, requireSameId } from '../existing.ts'
import type { EntityRequest } from './append-attributes.ts'

/** What the URL parameters of a merge say. */
export type MergeParameters = Pick<MergeMode, 'simplified' | 'lang' | 'observedAt'>

/** Merge Entity (clause 5.6.17). Throws BadRequestData, ResourceNotFound. */
export async function mergeEntity(call: Call, request: EntityRequest, parameters: MergeParameters): Promise<void> {
  const { target, context, body } = request
  const fragment = readMergeFragment(context, body)
  requireSameId(fragment, target.id)
  const mode: MergeMode = { context, nullDeletes: true, ...parameters }
  await changeEntity(call, target, {
    operation: 'mergeEntity',
    apply: (before) => ({ state: merge(mode, before, fragment, call.time), result: undefined }),
  })
}
