/** What all batches of entities have in common (ETSI GS CIM 009 V1.9.1, clauses 5.5.11, 5.6.7 to 5.6.10, 5.6.20). */
import type { Json } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData, NgsiError } from '../../core/errors.ts'
import type { BatchResult, Done, Outcome } from '../batch-result.ts'
import { batchResult, outcomeOf } from '../batch-result.ts'

/** One item of a batch, with the context that it is to be read in; or the error that reading it, or its context, made. */
export interface BatchItem {
  readonly body: Json
  readonly context: CompiledContext | NgsiError
}

/**
 * Writes every item, in order; each stands or falls alone. Items with one id act as requests that come one after another, and
 * all share one modifiedAt (clause 5.5.11.0). `write` must hand its change to the store before it waits for anything: so all
 * changes arrive in one turn, in the order of the items, and go into one commit where the store coalesces.
 */
export async function runBatch(
  items: readonly BatchItem[],
  write: (context: CompiledContext, body: Json) => Promise<Done>,
): Promise<BatchResult> {
  const outcomes = items.map(({ body, context }, index) =>
    outcomeOf(idOf(body), async () => {
      if (context instanceof NgsiError) throw context
      return write(context, body)
    }).then((outcome) => placed(outcome, index)),
  )
  return batchResult(await Promise.all(outcomes))
}

/** The error of an item that has no id to go by says where it stands. */
function placed({ entityId, ...outcome }: Outcome, index: number): Outcome {
  const { error } = outcome
  if (entityId !== '' || error === undefined) return { entityId, ...outcome }
  return { entityId, error: new NgsiError(error.name, `[${String(index)}]: ${error.detail}`) }
}

/** The id of a fragment. Throws BadRequestData when it has none: in a batch nothing else says which entity is meant (clause 5.4). */
export function requireId({ id }: { readonly id?: string }): string {
  if (id === undefined) throw badRequestData('id: an item of a batch needs one')
  return id
}

/** The id as sent, for the result; empty when there is none to name. */
function idOf(body: Json): string {
  const id = isObject(body) ? (body['id'] ?? body['@id']) : body
  return typeof id === 'string' ? id : ''
}
