/** What a query becomes in SQL. */
import type { Precision } from '../candidates.ts'
import type { Values } from './connection.ts'

/** A condition over `entity e`, never NULL, and the values for its question marks. */
export interface Condition {
  readonly precision: Precision
  readonly sql: string
  readonly values: Values
}

/** The condition that does not filter. */
export const anything: Condition = { precision: 'none', sql: '1', values: [] }

export function exact(sql: string, ...values: Values): Condition {
  return { precision: 'exact', sql, values }
}

export function superset(sql: string, ...values: Values): Condition {
  return { precision: 'superset', sql, values }
}
