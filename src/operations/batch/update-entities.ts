import { readEntityFragment } from '../../core/model/read-entity.ts'
import { appendAttributes, appendMissingAttributes } from '../../core/model/write/append.ts'
import type { BatchResult } from '../batch-result.ts'
import type { Call } from '../call.ts'
import { changeEntity } from '../existing.ts'
import type { BatchItem } from './run-batch.ts'
import { requireId, runBatch } from './run-batch.ts'

/** What happens to attributes that are there. */
export type UpdateMode = 'overwrite' | 'noOverwrite'

/**
 * Batch Entity Update (clause 5.6.9): Append Attributes (clause 5.6.3) to each. An entity of which `noOverwrite` left something
 * as it was counts as updated: that is what was asked for.
 */
export function updateEntities(call: Call, items: readonly BatchItem[], mode: UpdateMode): Promise<BatchResult> {
  return runBatch(items, async (context, body) => {
    const fragment = readEntityFragment({ context, nullDeletes: false }, body)
    return changeEntity(
      call,
      { id: requireId(fragment) },
      {
        operation: 'updateBatch',
        apply: (before) => ({
          state:
            mode === 'overwrite'
              ? appendAttributes(before, fragment, call.time)
              : appendMissingAttributes(before, fragment, call.time).state,
          result: 'changed',
        }),
      },
    )
  })
}
