/** Comparisons of q as filters on the values that stand beside an entity's text (`values.ts`): a superset always. */
import type { Filter } from 'mongodb'
import type { Operand, Order, QueryOf } from '../../core/query/ast.ts'
import { textsEqualTo } from '../equal-texts.ts'
import type { Range } from './ranges.ts'
import type { FindableValue } from './values.ts'

type Comparison = QueryOf<'equals' | 'range' | 'order'>

/** The values among which a comparison's matches are; undefined where values do not help. */
export function valuesToFind(query: Comparison): readonly Range[] | undefined {
  const { attribute: k, members, keys } = query.path
  if (members.length > 0 || keys.length > 0) return undefined
  const conditions = conditionsOf(query)
  if (conditions === undefined) return undefined
  // Besides: what is marked.
  const points = [...conditions.filter((condition) => typeof condition !== 'object'), null]
  const ranges = conditions.filter((condition) => typeof condition === 'object')
  const range = (v: Filter<FindableValue>['v'], inOrder: boolean): Range => ({
    index: 'values',
    filter: { values: { $elemMatch: { k, v } } },
    inOrder,
  })
  return [range({ $in: points }, true), ...ranges.map((v) => range(v, false))]
}

/** `!=` is for nearly all: the presence of the attribute says as much. */
function conditionsOf(query: Comparison): readonly Condition[] | undefined {
  if (query.kind === 'order') return ordered(query.operator, query.operand)
  if (query.operator === '!=') return undefined
  return query.kind === 'equals' ? query.operands.flatMap(equalTo) : within(query)
}

function equalTo(operand: Operand): readonly Condition[] {
  if (operand.kind === 'time') return [{ ...sameSecond(operand) }]
  if (operand.kind === 'value' && typeof operand.value !== 'string') return [operand.value]
  return textsEqualTo(operand) ?? []
}

/** A value between them is of the type of both. */
function within({ from, to }: QueryOf<'range'>): readonly Condition[] {
  if (isNumber(from) !== isNumber(to)) return []
  return ordered('>=', from).flatMap((low) => ordered('<=', to).map((high) => ({ ...high, ...low })))
}

function isNumber(operand: Operand): boolean {
  return operand.kind === 'value' && typeof operand.value === 'number'
}

interface Bounds {
  readonly $gt?: string | number
  readonly $gte?: string | number
  readonly $lt?: string | number
  readonly $lte?: string | number
}

type Condition = Bounds | string | number | boolean

/** Any text at all, in whatever order the broker compares texts: MongoDB compares values of one type only. */
const anyText: Bounds = { $gte: '' }

const operators = { '>': '$gt', '>=': '$gte', '<': '$lt', '<=': '$lte' } as const

/** Times are told apart by the second: their fractions are written in many ways. Booleans have no order. */
function ordered(operator: Order, operand: Operand): readonly Bounds[] {
  if (operand.kind === 'uri') return [anyText]
  if (operand.kind === 'time') {
    const { $gte, $lt } = sameSecond(operand)
    return operator.startsWith('>') ? [{ $gte }] : [{ $lt }]
  }
  if (typeof operand.value === 'boolean') return []
  return typeof operand.value === 'string' ? [anyText] : [{ [operators[operator]]: operand.value }]
}

/** The texts that begin as a time does, up to its second. */
function sameSecond({ time }: Operand & { readonly kind: 'time' }): { $gte: string; $lt: string } {
  const second = time.replace(/\.\d{6}Z$/, '')
  return { $gte: second, $lt: `${second}\uFFFF` }
}
