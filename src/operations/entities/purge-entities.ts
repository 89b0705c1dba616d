import type { PurgeMode } from '../../core/model/write/purge.ts'
import { purge } from '../../core/model/write/purge.ts'
import type { Query } from '../../core/query/ast.ts'
import { and } from '../../core/query/ast.ts'
import { evaluate } from '../../core/query/evaluate.ts'
import type { Cursor } from '../../store/port.ts'
import type { BatchResult, Done, Outcome } from '../batch-result.ts'
import { batchResult, outcomeOf } from '../batch-result.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'
import { writeEntity } from '../write.ts'

/** Which entities are to be purged, and of what. */
export interface Purge {
  readonly filter: Query
  readonly mode: PurgeMode
}

/** Entities at a time: other requests get in between. */
const PAGE = 200

/**
 * Purge Entities (clause 5.6.21): page by page in id order, each entity's write asking once more whether it still matches.
 * What is created meanwhile may stay. Throws NonexistentTenant, TooComplexQuery.
 */
export async function purgeEntities(call: Call, { filter, mode }: Purge): Promise<BatchResult> {
  const request = { space: call.space, filter, visibility: visibilityOf(call), now: call.time, limit: PAGE, offset: 0 }
  const matching = and(filter, request.visibility)
  const outcomes: Outcome[] = []
  let after: Cursor | undefined
  do {
    const page = await call.broker.store.entities.query(after === undefined ? request : { ...request, after })
    const writes = page.entities.map(({ id }) => outcomeOf(id, () => purgeOne(call, id, { filter: matching, mode })))
    outcomes.push(...(await Promise.all(writes)))
    after = page.next
  } while (after !== undefined)
  return batchResult(outcomes)
}

async function purgeOne(call: Call, id: string, { filter, mode }: Purge): Promise<Done> {
  return writeEntity<Done>(call, {
    id,
    operation: 'purgeEntity',
    createsSpace: false,
    apply: (before) => {
      if (before === undefined || !evaluate(filter, before)) return { state: before, result: 'left' }
      return { state: purge(before, mode, call.time), result: 'changed' }
    },
  })
}
