/**
 * The query tree as a MongoDB filter. What this cannot say is left out or said too broadly, and `evaluate` finishes it
 * (`finish.ts`). How well each kind does is its `precision`, in the words of `candidates.ts`.
 */
import type { Filter } from 'mongodb'
import type { Space } from '../../core/model/space.ts'
import type { GeoRelation, Path, Query, QueryKind, QueryOf } from '../../core/query/ast.ts'
import type { Precision } from '../candidates.ts'
import { precisionOfAnd, precisionOfNot, precisionOfOr } from '../candidates.ts'
import { cellsToFind } from './cells.ts'
import type { LiveDocument } from './entity-document.ts'
import { normalScope } from './entity-document.ts'
import { valuesToFind } from './find-values.ts'
import { entityKey } from './keys.ts'

export interface Compiled {
  readonly filter: Filter<LiveDocument>
  readonly precision: Precision
  /** True when the passing of time alone can change the answer, because an attribute expires. */
  readonly fades: boolean
}

type Compile<K extends QueryKind> = (query: QueryOf<K>, space: Space) => Compiled

const nothingSaid: Compiled = { filter: {}, precision: 'none', fades: true }

const compilers: { readonly [K in QueryKind]: Compile<K> } = {
  all: () => lasting({}, 'exact'),
  and: compileAnd,
  or: compileOr,
  not: compileNot,
  ids: ({ ids }, space) => lasting({ _id: { $in: ids.map((id) => entityKey(space, id)) } }, 'exact'),
  idPattern: compileIdPattern,
  type: ({ type }) => lasting({ types: type }, 'exact'),
  attribute: ({ name }) => ({ filter: { attributes: name }, precision: 'exact', fades: true }),
  exists: ({ path }) => ofPath(path),
  equals: compileComparison,
  range: compileComparison,
  order: compileComparison,
  pattern: ({ path }) => ofPath(path),
  linked: ({ path }) => ofPath(path),
  scope: compileScope,
  geo: compileGeo,
  // Sub-attributes have their own times, and the log its own query.
  temporal: () => nothingSaid,
}

/** The filter of a query within a space. The space itself is the caller's to add. */
export function compileQuery(query: Query, space: Space): Compiled {
  // One entry per kind (the table's type says so); TypeScript cannot pair an entry with its own kind here.
  const compile = compilers[query.kind] as Compile<QueryKind>
  return compile(query, space)
}

function lasting(filter: Filter<LiveDocument>, precision: Precision): Compiled {
  return { filter, precision, fades: false }
}

function compileAnd({ of }: QueryOf<'and'>, space: Space): Compiled {
  const parts = of.map((query) => compileQuery(query, space))
  const said = parts.filter(({ precision }) => precision !== 'none').map(({ filter }) => filter)
  return {
    filter: said.length === 0 ? {} : { $and: said },
    precision: precisionOfAnd(parts.map(({ precision }) => precision)),
    fades: parts.some(({ fades }) => fades),
  }
}

function compileOr({ of }: QueryOf<'or'>, space: Space): Compiled {
  // An empty `or` matches nothing, and $or must not be empty.
  if (of.length === 0) return lasting({ _id: { $in: [] } }, 'exact')
  const parts = of.map((query) => compileQuery(query, space))
  const precision = precisionOfOr(parts.map((part) => part.precision))
  if (precision === 'none') return nothingSaid
  return { filter: { $or: parts.map(({ filter }) => filter) }, precision, fades: parts.some(({ fades }) => fades) }
}

function compileNot({ of }: QueryOf<'not'>, space: Space): Compiled {
  const { filter, precision, fades } = compileQuery(of, space)
  if (precisionOfNot(precision) === 'none') return nothingSaid
  return { filter: { $nor: [filter] }, precision, fades }
}

/** These look like attributes in a path, but an entity has them without an attribute of that name. */
const systemMembers: ReadonlySet<string> = new Set(['createdAt', 'modifiedAt', 'deletedAt', 'expiresAt'])

/** Whatever a comparison asks of an attribute, `!=` included, the attribute is there (clause 4.9). */
function ofPath({ attribute }: Path): Compiled {
  if (systemMembers.has(attribute)) return nothingSaid
  return { filter: { attributes: attribute }, precision: 'superset', fades: true }
}

function compileComparison(query: QueryOf<'equals' | 'range' | 'order'>): Compiled {
  const filter = systemMembers.has(query.path.attribute) ? undefined : valuesToFind(query)
  return filter === undefined ? ofPath(query.path) : { filter, precision: 'superset', fades: true }
}

/**
 * The fixed beginning of a pattern as a range of keys. The pattern itself never goes to the database: its regular
 * expressions backtrack, and a client's pattern could stall it.
 */
function compileIdPattern({ pattern }: QueryOf<'idPattern'>, space: Space): Compiled {
  const prefix = fixedBeginning(pattern)
  if (prefix === '') return nothingSaid
  const from = entityKey(space, prefix)
  return lasting({ _id: { $gte: from, $lt: following(from) } }, 'superset')
}

/** The first text in byte order that does not begin with this one, whose last character is ASCII. */
function following(text: string): string {
  return `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + 1)}`
}

function fixedBeginning(pattern: string): string {
  if (!pattern.startsWith('^') || pattern.includes('|')) return ''
  const plain = /^[A-Za-z0-9:/_-]*/.exec(pattern.slice(1))?.[0] ?? ''
  // What follows may say that the last character can be missing or repeated.
  const next = pattern.charAt(1 + plain.length)
  return '?*+{'.includes(next) && next !== '' ? plain.slice(0, -1) : plain
}

function compileScope({ levels, descendants }: QueryOf<'scope'>): Compiled {
  const wildcard = levels.indexOf('+')
  // The fixed levels before the first `+` have something below them, whatever it is.
  if (wildcard >= 0) return lasting(belowScope(levels.slice(0, wildcard)), 'superset')
  const node = normalScope(levels)
  if (!descendants) return lasting({ scopes: node }, 'exact')
  if (levels.length === 0) return lasting({ 'scopes.0': { $exists: true } }, 'exact')
  return lasting({ $or: [{ scopes: node }, belowScope(levels)] }, 'exact')
}

function belowScope(levels: readonly string[]): Filter<LiveDocument> {
  if (levels.length === 0) return { 'scopes.0': { $exists: true } }
  const node = normalScope(levels)
  return { scopes: { $elemMatch: { $gt: `${node}/`, $lt: `${node}0` } } }
}

function compileGeo({ relation, geometry, property }: QueryOf<'geo'>): Compiled {
  const distance = reach(relation)
  const cells = distance === undefined ? undefined : cellsToFind(geometry, property, distance)
  // Whatever the relation, without the property there is none.
  if (cells === undefined) return { filter: { attributes: property }, precision: 'superset', fades: true }
  return { filter: { cells: { $in: cells } }, precision: 'superset', fades: true }
}

/** How far (metres) from the geometry a match can be; undefined when it may be anywhere. */
function reach(relation: GeoRelation): number | undefined {
  switch (relation.name) {
    case 'near':
      return relation.maxDistance
    case 'disjoint':
      return undefined
    case 'within':
    case 'contains':
    case 'intersects':
    case 'equals':
    case 'overlaps':
      return 0
  }
}
