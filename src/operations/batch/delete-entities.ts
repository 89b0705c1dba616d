import { badRequestData } from '../../core/errors.ts'
import type { BatchResult } from '../batch-result.ts'
import type { Call } from '../call.ts'
import { changeEntity } from '../existing.ts'
import type { BatchItem } from './run-batch.ts'
import { runBatch } from './run-batch.ts'

/** Batch Entity Delete (clause 5.6.10); each item is an id. What is not there, or was deleted by an item before, is an error. */
export function deleteEntities(call: Call, items: readonly BatchItem[]): Promise<BatchResult> {
  return runBatch(items, async (_context, id) => {
    if (typeof id !== 'string') throw badRequestData('an item is not the id of an entity')
    return changeEntity(
      call,
      { id },
      { operation: 'deleteBatch', apply: () => ({ state: undefined, result: 'changed' }) },
    )
  })
}
