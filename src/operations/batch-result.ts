/** Results of operations over many entities, of which each stands or falls alone (ETSI GS CIM 009 V1.9.1, clause 5.2.16). */
import { NgsiError } from '../core/errors.ts'

/** BatchOperationResult, in the order of the items; `created` are those of `success` that did not exist before. */
export interface BatchResult {
  /** Each id once, be it in several items. */
  readonly success: readonly string[]
  readonly created: readonly string[]
  readonly errors: readonly BatchError[]
}

export interface BatchError {
  readonly entityId: string
  readonly error: NgsiError
}

/** What became of one entity. */
export type Done = 'created' | 'changed' | 'left'

/** What became of one item: what was done, or why nothing was. */
export interface Outcome {
  readonly entityId: string
  readonly done?: Done
  readonly error?: NgsiError
}

/** Runs one write; its NgsiError becomes its outcome. */
export async function outcomeOf(entityId: string, write: () => Promise<Done>): Promise<Outcome> {
  try {
    return { entityId, done: await write() }
  } catch (error) {
    if (error instanceof NgsiError) return { entityId, error }
    throw error
  }
}

/** The result of all outcomes. Throws NonexistentTenant or ServiceUnavailable when that is why nothing was done. */
export function batchResult(outcomes: readonly Outcome[]): BatchResult {
  const idsOf = (...kinds: readonly Done[]): readonly string[] =>
    outcomes.flatMap(({ entityId, done }) => (done !== undefined && kinds.includes(done) ? [entityId] : []))
  const errors = outcomes.flatMap(({ entityId, error }) => (error === undefined ? [] : [{ entityId, error }]))
  const success = [...new Set(idsOf('created', 'changed'))]
  const failure = success.length === 0 ? failureOfAll(errors.map(({ error }) => error)) : undefined
  if (failure !== undefined) throw failure
  return { success, created: idsOf('created'), errors }
}

/** The error that is not about any item but about the request. */
function failureOfAll(errors: readonly NgsiError[]): NgsiError | undefined {
  const [first] = errors
  // A database in trouble may have told the items different things: what it said of each is for each.
  const isOfAll = first?.name === 'ServiceUnavailable' && errors.every(({ detail }) => detail === first.detail)
  return isOfAll ? first : errors.find(({ name }) => name === 'NonexistentTenant')
}
