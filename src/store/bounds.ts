/** What one request may cost: a query that a database cannot decide is decided here, entity by entity, up to a limit. */
import { NgsiError } from '../core/errors.ts'

export interface Bounds {
  /** How many entities one request may have looked at one by one: by its database, by `evaluate`, or to put them in order. */
  readonly maxCandidates: number
  /** Hears how many were looked at, slice by slice. */
  readonly evaluated: (count: number) => void
}

/** What an operator may set of the bounds. */
export type BoundsOptions = Partial<Bounds>

/** Entities that one request may look at, unless the operator says otherwise. */
const MAX_CANDIDATES = 100_000

export function boundsOf({ maxCandidates = MAX_CANDIDATES, evaluated = () => undefined }: BoundsOptions): Bounds {
  return { maxCandidates, evaluated }
}

/** What is left of the bounds of one request. */
export interface Budget {
  /** Throws TooComplexQuery (clause 5.5.4 lists it; 403) when there are more than the request may look at. */
  spend(count: number): void
}

export function budgetOf({ maxCandidates, evaluated }: Bounds): Budget {
  let spent = 0
  return {
    spend(count) {
      if (count === 0) return
      spent += count
      if (spent > maxCandidates) throw tooComplex(maxCandidates)
      evaluated(count)
    },
  }
}

function tooComplex(maxCandidates: number): NgsiError {
  return new NgsiError(
    'TooComplexQuery',
    `more than ${String(maxCandidates)} entities would have to be looked at one by one: narrow the query by type, id or place, or order by id; the operator sets the limit with maxCandidates`,
  )
}
