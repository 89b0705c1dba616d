import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { NgsiError } from '../../core/errors.ts'
import { readEntity } from '../../core/model/read-entity.ts'
import { replaceOrCreate, updateOrCreate } from '../../core/model/write/upsert.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'

/** One item of a batch, with the context that it is to be read in, or the error that its context made. */
export interface BatchItem {
  readonly body: Json
  readonly context: CompiledContext | NgsiError
}

/** BatchOperationResult (clause 5.2.16); `created` are those of `success` that did not exist before. */
export interface BatchResult {
  readonly success: readonly string[]
  readonly created: readonly string[]
  readonly errors: readonly BatchError[]
}

export interface BatchError {
  readonly entityId: string
  readonly error: NgsiError
}

export type UpsertMode = 'replace' | 'update'

/**
 * Batch Upsert (clause 5.6.8). Items are processed in order and share one modifiedAt (clause 5.5.11); each stands or falls
 * alone. All of them go into one commit where the store coalesces.
 */
export async function upsertEntities(call: Call, items: readonly BatchItem[], mode: UpsertMode): Promise<BatchResult> {
  const outcomes = await Promise.all(items.map((item) => upsertOne(call, item, mode)))
  return {
    success: [...new Set(outcomes.flatMap((outcome) => (outcome.error === undefined ? [outcome.entityId] : [])))],
    created: outcomes.flatMap((outcome) => (outcome.created === true ? [outcome.entityId] : [])),
    errors: outcomes.flatMap(({ entityId, error }) => (error === undefined ? [] : [{ entityId, error }])),
  }
}

interface Outcome {
  readonly entityId: string
  readonly created?: boolean
  readonly error?: NgsiError
}

async function upsertOne(call: Call, item: BatchItem, mode: UpsertMode): Promise<Outcome> {
  const entityId = idOf(item.body)
  try {
    if (item.context instanceof NgsiError) throw item.context
    const fragment = readEntity(item.context, item.body)
    const upsert = mode === 'replace' ? replaceOrCreate : updateOrCreate
    const created = await writeEntity(call, {
      id: fragment.id,
      operation: 'upsertBatch',
      createsSpace: true,
      apply: (before) => ({ state: upsert(before, fragment, call.time), result: before === undefined }),
    })
    return { entityId, created }
  } catch (error) {
    if (error instanceof NgsiError) return { entityId, error }
    throw error
  }
}

/** The id as sent, for the result; empty when there is none to name. */
function idOf(body: Json): string {
  const id = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body['id'] ?? body['@id']) : undefined
  return typeof id === 'string' ? id : ''
}
