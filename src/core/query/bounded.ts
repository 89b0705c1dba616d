import { NgsiError } from '../errors.ts'
import type { Query } from './ast.ts'
import { conditionsIn } from './ast.ts'

/** Each condition costs at every entity that is looked at, and a database bounds them, too. */
const MAX_CONDITIONS = 2_000

/** The filter. Throws TooComplexQuery, naming the `members` that it was made of, when it has too many conditions. */
export function bounded(filter: Query, members: string): Query {
  if (conditionsIn(filter) <= MAX_CONDITIONS) return filter
  throw new NgsiError(
    'TooComplexQuery',
    `${members}: more than ${String(MAX_CONDITIONS)} types, attributes, scopes and values in one query`,
  )
}
