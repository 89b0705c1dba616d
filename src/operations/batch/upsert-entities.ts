import { readEntity, readEntityUpdate } from '../../core/model/read-entity.ts'
import { replaceOrCreate, updateOrCreate } from '../../core/model/write/upsert.ts'
import type { BatchResult } from '../batch-result.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'
import type { BatchItem } from './run-batch.ts'
import { runBatch } from './run-batch.ts'

const modes = {
  replace: { read: readEntity, upsert: replaceOrCreate },
  update: { read: readEntityUpdate, upsert: updateOrCreate },
} as const

export type UpsertMode = keyof typeof modes

/** Batch Entity Creation or Update, Upsert (clause 5.6.8): what is there is replaced, or updated, after the mode. */
export function upsertEntities(call: Call, items: readonly BatchItem[], mode: UpsertMode): Promise<BatchResult> {
  const { read, upsert } = modes[mode]
  return runBatch(items, async (context, body) => {
    const fragment = read(context, body)
    return writeEntity(call, {
      id: fragment.id,
      operation: 'upsertBatch',
      createsSpace: true,
      apply: (before) => ({
        state: upsert(before, fragment, call.time),
        result: before === undefined ? 'created' : 'changed',
      }),
    })
  })
}
