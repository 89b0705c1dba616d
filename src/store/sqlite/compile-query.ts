/**
 * The query tree as a condition in SQL over `entity e`. Each kind says how well its condition fits (HOUSE 4); what is not
 * exact is finished by `evaluate` (`store/finish.ts`).
 *
 * Where something has expired in an entity, the condition speaks of what is stored and not of what is left. Such a row
 * may pass too often, never too seldom: that is why `not` lets it pass.
 */
import type { TimeKey } from '../../base/time.ts'
import type { Query, QueryKind, QueryOf } from '../../core/query/ast.ts'
import type { Precision } from '../candidates.ts'
import { precisionOfAnd, precisionOfNot, precisionOfOr } from '../candidates.ts'
import { compileGeo } from './compile-geo.ts'
import type { Condition } from './condition.ts'
import { anything, exact, superset } from './condition.ts'

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
  exists: ofTarget,
  equals: ofTarget,
  range: ofTarget,
  order: ofTarget,
  pattern: ofTarget,
  linked: ofTarget,
  scope: () => superset("json_type(e.text, '$.scope') IS NOT NULL"),
  geo: (query, context) => compileGeo(query, context.space),
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
  const sql = `(${parts.map((part) => part.sql).join(` ${word} `)})`
  return { precision, sql, values: parts.flatMap((part) => part.values) }
}

function compileNot({ of }: QueryOf<'not'>, context: CompileContext): Condition {
  const part = compileQuery(of, context)
  if (precisionOfNot(part.precision) === 'none') return anything
  return exact(`(NOT ${part.sql} OR (e.expires IS NOT NULL AND e.expires <= ?))`, ...part.values, context.now)
}

function compileType({ type }: QueryOf<'type'>, { space, typeNumber }: CompileContext): Condition {
  const num = typeNumber(type)
  if (num === undefined) return exact('0')
  return exact('EXISTS (SELECT 1 FROM entity_type t WHERE t.space = ? AND t.type = ? AND t.id = e.id)', space, num)
}

/** Members that are not attributes, see `core/model/entity.ts`. */
const entityMembers: ReadonlySet<string> = new Set(['id', 'type', 'scope', 'expiresAt'])

function presence(name: string): Condition {
  if (entityMembers.has(name)) return exact('0')
  // json_each and not a JSON path: attribute names hold dots, slashes, and perhaps quotes.
  return exact('EXISTS (SELECT 1 FROM json_each(e.text) WHERE key = ?)', name)
}

/** These stand alone for the entity's own timestamps, see `core/query/targets.ts`. */
const entityTimes: ReadonlySet<string> = new Set(['createdAt', 'modifiedAt', 'expiresAt'])

/** Every comparison wants its target to exist, so the attribute must. */
function ofTarget({ path }: QueryOf<'exists' | 'equals' | 'range' | 'order' | 'pattern' | 'linked'>): Condition {
  return entityTimes.has(path.attribute) ? anything : { ...presence(path.attribute), precision: 'superset' }
}

/** A pattern that begins with `^` and plain characters, and has no alternatives, holds only for ids of that beginning. */
function compileIdPattern({ pattern }: QueryOf<'idPattern'>): Condition {
  const prefix = pattern.includes('|') ? '' : prefixOf(pattern)
  const last = prefix.codePointAt(prefix.length - 1)
  if (last === undefined) return anything
  const bound = prefix.slice(0, -1) + String.fromCodePoint(last + 1)
  return superset('(e.id >= ? AND e.id < ?)', prefix, bound)
}

function prefixOf(pattern: string): string {
  const plain = /^\^([A-Za-z0-9:_/-]*)(.?)/.exec(pattern)
  const [, literal = '', next = ''] = plain ?? []
  // `a*`, `a?` and `a{0}` may do without the a.
  return '*?{'.includes(next) && next !== '' ? literal.slice(0, -1) : literal
}
