import { readEntity } from '../../core/model/read-entity.ts'
import { createEntity } from '../../core/model/write/create.ts'
import type { BatchResult } from '../batch-result.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'
import type { BatchItem } from './run-batch.ts'
import { runBatch } from './run-batch.ts'

/** Batch Entity Creation (clause 5.6.7): of several items with one id the first creates, the others fail (clause 5.5.11.1). */
export function createEntities(call: Call, items: readonly BatchItem[]): Promise<BatchResult> {
  return runBatch(items, async (context, body) => {
    const fragment = readEntity(context, body)
    return writeEntity(call, {
      id: fragment.id,
      operation: 'createBatch',
      createsSpace: true,
      apply: (before) => ({ state: createEntity(before, fragment, call.time), result: 'created' }),
    })
  })
}
