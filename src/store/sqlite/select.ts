/** From a query to FROM and WHERE: which table leads, so that a page is read in id order without sorting. */
import type { Query } from '../../core/query/ast.ts'
import { and } from '../../core/query/ast.ts'
import type { Precision } from '../candidates.ts'
import type { CompileContext } from './compile-query.ts'
import { compileQuery } from './compile-query.ts'
import type { Values } from './connection.ts'

export interface Selection {
  readonly precision: Precision
  readonly from: string
  /** FROM without `entity`, where the condition needs nothing of it: enough to count. */
  readonly fromAlone?: string
  readonly where: string
  readonly values: Values
  /** The id in the table that leads. */
  readonly id: string
}

/** The selection of a query: led by the few that lie somewhere, by the types asked for, or by all entities in id order. */
export function selectOf(query: Query, context: CompileContext): Selection {
  const parts = query.kind === 'and' ? query.of : [query]
  if (parts.some((part) => part.kind === 'ids')) return byEntity(query, context)
  if (parts.some((part) => part.kind === 'geo' && compileQuery(part, context).precision !== 'none')) {
    return byPlace(query, context)
  }
  const lead = parts.find((part) => typesOf(part).length > 0)
  if (lead === undefined) return byEntity(query, context)
  return byTypes(typesOf(lead), and(...parts.filter((part) => part !== lead)), context)
}

/** The selection, narrowed by a condition on `e`. */
export function narrowed(selection: Selection, condition: string, ...values: Values): Selection {
  const { fromAlone: _, ...rest } = selection
  return { ...rest, where: `${selection.where} AND ${condition}`, values: [...selection.values, ...values] }
}

/** The types of a type, or of a choice of nothing but types. */
function typesOf(query: Query): readonly string[] {
  if (query.kind === 'type') return [query.type]
  if (query.kind !== 'or' || !query.of.every((part) => part.kind === 'type')) return []
  return query.of.map(({ type }) => type)
}

function byTypes(types: readonly string[], rest: Query, context: CompileContext): Selection {
  const nums = new Set(types.flatMap((type) => context.typeNumber(type) ?? []))
  if (nums.size === 0) return byEntity({ kind: 'or', of: [] }, context)
  const condition = compileQuery(rest, context)
  const arm = 'SELECT id, entity FROM entity_type WHERE space = ? AND type = ?'
  // SQLite merges the arms in id order, without sorting.
  const lead = `FROM (${Array.from(nums, () => arm).join(' UNION ')} ORDER BY id) l`
  return {
    // Types are found exactly, so that the whole is never less than a superset.
    precision: condition.precision === 'exact' ? 'exact' : 'superset',
    // CROSS JOIN: the order of the tables stays as it is written.
    from: `${lead} CROSS JOIN entity e ON e.num = l.entity`,
    ...(condition.sql === '1' ? { fromAlone: lead } : {}),
    where: condition.sql,
    values: [...[...nums].flatMap((num) => [context.space, num]), ...condition.values],
    id: 'l.id',
  }
}

function byEntity(query: Query, context: CompileContext): Selection {
  const { precision, sql, values } = compileQuery(query, context)
  const where = `e.space = ? AND e.text IS NOT NULL AND ${sql}`
  return { precision, from: 'FROM entity e', where, values: [context.space, ...values], id: 'e.id' }
}

/** The plus signs keep SQLite from reading all entities in id order: it fetches the few by number, and sorts those. */
function byPlace(query: Query, context: CompileContext): Selection {
  const { precision, sql, values } = compileQuery(query, context)
  const where = `+e.space = ? AND e.text IS NOT NULL AND ${sql}`
  return { precision, from: 'FROM entity e', where, values: [context.space, ...values], id: '+e.id' }
}
