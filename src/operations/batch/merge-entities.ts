import { readMergeFragment } from '../../core/model/read-entity.ts'
import { mergeEntity } from '../../core/model/write/merge.ts'
import type { BatchResult } from '../batch-result.ts'
import type { Call } from '../call.ts'
import { changeEntity } from '../existing.ts'
import type { BatchItem } from './run-batch.ts'
import { requireId, runBatch } from './run-batch.ts'

/** Batch Entity Merge (clause 5.6.20): Merge Entity (clause 5.6.17) for each. */
export function mergeEntities(call: Call, items: readonly BatchItem[]): Promise<BatchResult> {
  return runBatch(items, async (context, body) => {
    const fragment = readMergeFragment(context, body)
    const mode = { context, nullDeletes: true, simplified: false }
    return changeEntity(
      call,
      { id: requireId(fragment) },
      {
        operation: 'mergeBatch',
        apply: (before) => ({ state: mergeEntity(mode, before, fragment, call.time), result: 'changed' }),
      },
    )
  })
}
