/**
 * The query tree as a condition in SQL over `entity e`. Each kind says how well its condition fits (HOUSE 4); what is not
 * exact is finished by `evaluate` (`store/finish.ts`).
 *
 * Where something has expired in an entity, the condition speaks of what is stored and not of what is left. Such a row
 * may pass too often, never too seldom: that is why `not` lets it pass.
 */
import type { TimeKey } from '../../base/time.ts'
import type { Operand, Query, QueryKind, QueryOf } from '../../core/query/ast.ts'
import type { Precision } from '../candidates.ts'
import { precisionOfAnd, precisionOfNot, precisionOfOr } from '../candidates.ts'
import { textsEqualTo } from '../equal-texts.ts'
import { compileGeo } from './compile-geo.ts'
import type { Condition } from './condition.ts'
import { anything, exact } from './condition.ts'
import type { MemberQuery } from './functions.ts'
import { memberOf, printQuery, readsTimes } from './functions.ts'

export interface CompileContext {
  readonly space: number
  readonly now: TimeKey
  /** The number of a type, undefined when no entity has ever had it. */
  readonly typeNumber: (name: string) => number | undefined
}

type Compile<K extends QueryKind> = (query: QueryOf<K>, context: CompileContext) => Condition

const compilers: { readonly [K in QueryKind]: Compile<K> } = {
  all: () => exact('1'),
  and: ({ of }, context) => joined(of, context, { word: 'AND', none: '1', precisionOf: precisionOfAnd }),
  or: ({ of }, context) => joined(of, context, { word: 'OR', none: '0', precisionOf: precisionOfOr }),
  not: compileNot,
  ids: ({ ids }) => exact('e.id IN (SELECT value FROM json_each(?))', JSON.stringify(ids)),
  idPattern: compileIdPattern,
  type: compileType,
  attribute: ({ name }) => presence(name),
  exists: held,
  equals: compileEquals,
  range: held,
  order: held,
  pattern: held,
  linked: ({ path }) => ({ ...presence(path.attribute), precision: 'superset' }),
  scope: held,
  geo: compileGeo,
  temporal: () => anything,
}

/** The condition of a query. */
export function compileQuery(query: Query, context: CompileContext): Condition {
  // One entry per kind (the table's type says so); TypeScript cannot pair an entry with its own kind here.
  const compile = compilers[query.kind] as Compile<QueryKind>
  return compile(query, context)
}

interface Junction {
  readonly word: 'AND' | 'OR'
  /** What it means without members. */
  readonly none: '0' | '1'
  readonly precisionOf: (parts: readonly Precision[]) => Precision
}

function joined(of: readonly Query[], context: CompileContext, { word, none, precisionOf }: Junction): Condition {
  const parts = of.map((query) => compileQuery(query, context))
  const precision = precisionOf(parts.map((part) => part.precision))
  if (precision === 'none') return anything
  if (parts.length === 0) return exact(none)
  const sql = joinedEvenly(
    parts.map((part) => part.sql),
    word,
  )
  return { precision, sql, values: parts.flatMap((part) => part.values) }
}

/** In parentheses, halves of halves: a chain is as deep as it is long, and SQLite bounds the depth of an expression. */
function joinedEvenly(parts: readonly string[], word: Junction['word']): string {
  if (parts.length <= 2) return `(${parts.join(` ${word} `)})`
  const middle = parts.length >> 1
  return `(${joinedEvenly(parts.slice(0, middle), word)} ${word} ${joinedEvenly(parts.slice(middle), word)})`
}

function compileNot({ of }: QueryOf<'not'>, context: CompileContext): Condition {
  const part = compileQuery(of, context)
  if (precisionOfNot(part.precision) === 'none') return anything
  return exact(`(NOT ${part.sql} OR (e.expires IS NOT NULL AND e.expires <= ?))`, ...part.values, context.now)
}

function compileType({ type }: QueryOf<'type'>, { typeNumber }: CompileContext): Condition {
  const num = typeNumber(type)
  if (num === undefined) return exact('0')
  // In the row itself, which is at hand: the index would be another search.
  return exact("instr(',' || e.types || ',', ?) > 0", `,${String(num)},`)
}

/** Members that are not attributes, see `core/model/entity.ts`. */
const entityMembers: ReadonlySet<string> = new Set(['id', 'type', 'scope', 'expiresAt'])

function presence(name: string): Condition {
  if (entityMembers.has(name)) return exact('0')
  return exact('json_type(e.text, ?) IS NOT NULL', pathTo(name))
}

/** A member as a JSON path: its name quoted and escaped, so that dots, brackets and quotes in it mean nothing. */
function pathTo(name: string): string {
  return `$.${JSON.stringify(name)}`
}

/** Decided on the one member by the code that is right by definition (`functions.ts`). */
function held(query: MemberQuery): Condition {
  const filter = printQuery(query)
  if (filter === undefined) return anything
  const times = readsTimes(query) ? 'e.times' : 'NULL'
  return exact(`holds(?, e.text -> ?, ${times})`, filter, pathTo(memberOf(query)))
}

/** Most entities that do not hold a text are told by their own text, without reading it as JSON. */
function compileEquals(query: QueryOf<'equals'>): Condition {
  const condition = held(query)
  const texts = query.operator === '!=' ? [undefined] : query.operands.map(textsToFind)
  if (!texts.every((found) => found !== undefined)) return condition
  const values = texts.flat().map((text) => JSON.stringify(text))
  const holding = joinedEvenly(
    values.map(() => 'instr(e.text, ?)'),
    'OR',
  )
  return { ...condition, sql: `(${holding} AND ${condition.sql})`, values: [...values, ...condition.values] }
}

function textsToFind(operand: Operand): readonly string[] | undefined {
  const texts = textsEqualTo(operand)
  return texts?.length === 0 ? undefined : texts
}

/** A pattern that begins with `^` and plain characters, and has no alternatives, holds only for ids of that beginning. */
function compileIdPattern(query: QueryOf<'idPattern'>): Condition {
  const range = idRange(query)
  const filter = JSON.stringify(query)
  if (range === undefined) return exact('id_holds(?, e.id)', filter)
  return exact('(e.id >= ? AND e.id < ? AND id_holds(?, e.id))', ...range, filter)
}

/** The ids among which all that match are: from the first one, up to but not including the second. */
export function idRange({ pattern }: QueryOf<'idPattern'>): readonly [string, string] | undefined {
  const prefix = pattern.includes('|') ? '' : prefixOf(pattern)
  const last = prefix.codePointAt(prefix.length - 1)
  return last === undefined ? undefined : [prefix, prefix.slice(0, -1) + String.fromCodePoint(last + 1)]
}

function prefixOf(pattern: string): string {
  const plain = /^\^([A-Za-z0-9:_/-]*)(.?)/.exec(pattern)
  const [, literal = '', next = ''] = plain ?? []
  // `a*`, `a?` and `a{0}` may do without the a.
  return '*?{'.includes(next) && next !== '' ? literal.slice(0, -1) : literal
}
