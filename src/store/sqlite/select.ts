/** From a query to FROM and WHERE: which table leads, so that a page is read in id order without sorting. */
import type { Box } from '../../core/model/geometry.ts'
import { boxAround } from '../../core/query/box-around.ts'
import type { Query } from '../../core/query/ast.ts'
import { all, and } from '../../core/query/ast.ts'
import type { Precision } from '../candidates.ts'
import type { CompileContext } from './compile-query.ts'
import { compileQuery, idRange } from './compile-query.ts'
import type { Values } from './connection.ts'

/** A table in id order. */
export interface Table {
  readonly from: string
  readonly where: string
  readonly values: Values
  readonly id: string
}

/** What is walked in id order, before any condition on the entities themselves. */
export interface Lead extends Table {
  /** The tables that it is merged from, perhaps itself alone. */
  readonly arms: readonly Table[]
}

export interface Selection {
  readonly precision: Precision
  readonly lead: Lead
  /** Joins the entity; empty where the entity itself leads. */
  readonly join: string
  /** The condition on the entity `e`. */
  readonly where: string
  readonly values: Values
  /** True when the condition is one that has to be decided on each entity. */
  readonly decides: boolean
  /**
   * `bare`: the lead alone tells the rows, nothing is left to decide. `few`: the rows are few, and found at once. `walk`: what
   * is walked may be all of the space, for a row or none.
   */
  readonly reach: 'bare' | 'few' | 'walk'
}

/** The selection of a query: led by the ids or the types asked for, or by all entities in id order. */
export function selectOf(query: Query, context: CompileContext): Selection {
  const parts = partsOf(query)
  if (parts.some((part) => part.kind === 'ids')) return { ...byEntity(query, context), reach: 'few' }
  const lead = parts.find((part) => typesOf(part).length > 0)
  if (lead === undefined) return byEntity(query, context)
  return byTypes(typesOf(lead), and(...parts.filter((part) => part !== lead)), context)
}

function partsOf(query: Query): readonly Query[] {
  return query.kind === 'and' ? query.of : [query]
}

export interface Place {
  /** Everything asked for meets it. */
  readonly box: Box
  /** What is asked for besides. */
  readonly rest: Query
}

/** The place of a query, where it has one. */
export function placeOf(query: Query): Place | undefined {
  const parts = partsOf(query)
  for (const part of parts) {
    const box = part.kind === 'geo' ? boxAround(part) : undefined
    if (box !== undefined) return { box, rest: and(...parts.filter((other) => other !== part)) }
  }
  return undefined
}

/** Those of the selected entities in which something has expired by now: few, and found by an index of their own. */
export function selectExpired(query: Query, context: CompileContext): Selection {
  // The plus signs leave the planner no other index.
  const table = {
    from: 'entity e',
    where: 'e.expires <= ? AND +e.space = ?',
    values: [context.now, context.space],
    id: '+e.id',
  }
  return ofEntities(query, context, { table, reach: 'few' })
}

/** Those of the selected entities that have these numbers. */
export function selectNumbered(query: Query, context: CompileContext, nums: readonly number[]): Selection {
  const from = 'json_each(?) n CROSS JOIN entity e ON e.num = n.value'
  const table = { from, where: '+e.space = ?', values: [JSON.stringify(nums), context.space], id: '+e.id' }
  return ofEntities(query, context, { table, reach: 'few' })
}

/** The types of a type, or of a choice of nothing but types. */
function typesOf(query: Query): readonly string[] {
  if (query.kind === 'type') return [query.type]
  if (query.kind !== 'or' || !query.of.every((part) => part.kind === 'type')) return []
  return query.of.map(({ type }) => type)
}

function byTypes(types: readonly string[], rest: Query, context: CompileContext): Selection {
  const nums = new Set(types.flatMap((type) => context.typeNumber(type) ?? []))
  if (nums.size === 0) return selectNumbered(all, context, [])
  const { precision, sql, values } = compileQuery(rest, context)
  return {
    // Types are found exactly, so that the whole is never less than a superset.
    precision: precision === 'exact' ? 'exact' : 'superset',
    lead: leadOfTypes([...nums], context.space, rangeOf(rest)),
    // CROSS JOIN: the order of the tables stays as it is written.
    join: 'CROSS JOIN entity e ON e.num = l.entity',
    where: sql,
    values,
    decides: sql !== '1',
    reach: sql === '1' ? 'bare' : 'walk',
  }
}

/** An entity of several of the types is there once. SQLite merges the arms in ascending order without sorting. */
function leadOfTypes(nums: readonly number[], space: number, range: Range): Lead {
  const arms = nums.map((num): Table => {
    const arm = { from: 'entity_type l', where: 'l.space = ? AND l.type = ?', values: [space, num], id: 'l.id' }
    return within(arm, range)
  })
  const [first] = arms
  if (arms.length === 1 && first !== undefined) return { ...first, arms }
  const union = arms.map(({ from, where }) => `SELECT l.id, l.entity FROM ${from} WHERE ${where}`).join(' UNION ')
  return { from: `(${union}) l`, where: '1', values: arms.flatMap(({ values }) => values), id: 'l.id', arms }
}

function byEntity(query: Query, context: CompileContext): Selection {
  const entities = { from: 'entity e', where: 'e.space = ?', values: [context.space], id: 'e.id' }
  return ofEntities(query, context, { table: within(entities, rangeOf(query)), reach: 'walk' })
}

/** Where the entity itself leads. */
function ofEntities(
  query: Query,
  context: CompileContext,
  { table, reach }: { readonly table: Table; readonly reach: 'few' | 'walk' },
): Selection {
  const { precision, sql, values } = compileQuery(query, context)
  const lead = { ...table, arms: [table] }
  const where = `e.text IS NOT NULL AND ${sql}`
  return { precision, lead, join: '', where, values, decides: sql !== '1', reach }
}

type Range = ReturnType<typeof idRange>

/** Where ids begin as a pattern says, nothing else is walked. */
function rangeOf(query: Query): Range {
  return partsOf(query)
    .flatMap((part) => (part.kind === 'idPattern' ? [idRange(part)] : []))
    .find((range) => range !== undefined)
}

function within(table: Table, range: Range): Table {
  if (range === undefined) return table
  const where = `${table.where} AND ${table.id} >= ? AND ${table.id} < ?`
  return { ...table, where, values: [...table.values, ...range] }
}
