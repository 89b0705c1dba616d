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
import type { Range } from './ranges.ts'
import { among, everything } from './ranges.ts'

export interface Compiled {
  readonly filter: Filter<LiveDocument>
  readonly precision: Precision
  /** True when the passing of time alone can change the answer, because an attribute expires. */
  readonly fades: boolean
  /** Holds all that passes, together; absent where no index leads there. A single one that has the same filter says it all. */
  readonly ranges?: readonly Range[]
}

type Compile<K extends QueryKind> = (query: QueryOf<K>, space: Space) => Compiled

const nothingSaid: Compiled = { filter: {}, precision: 'none', fades: true }

const compilers: { readonly [K in QueryKind]: Compile<K> } = {
  all: () => found([everything], 'exact', lasts),
  and: compileAnd,
  or: compileOr,
  not: compileNot,
  ids: ({ ids }, space) => found([among(ids.map((id) => entityKey(space, id)))], 'exact', lasts),
  idPattern: compileIdPattern,
  type: ({ type }) => found([having('types', [type])], 'exact', lasts),
  attribute: ({ name }) => found([having('attributes', [name])], 'exact', fades),
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

const lasts = false
const fades = true

/** What is found in ranges of indexes. */
function found(ranges: readonly Range[], precision: Precision, fading: boolean): Compiled {
  const [first = everything, ...others] = ranges
  const filter = others.length === 0 ? first.filter : { $or: ranges.map((range) => range.filter) }
  return { filter, precision, fades: fading, ranges }
}

/** Those that have any of the values. */
function having(index: 'types' | 'attributes' | 'scopes', values: readonly string[]): Range {
  return { index, filter: { [index]: { $in: values } }, inOrder: true }
}

function compileAnd({ of }: QueryOf<'and'>, space: Space): Compiled {
  const parts = of.map((query) => compileQuery(query, space))
  const said = parts.filter(({ precision }) => precision !== 'none')
  const ranges = said.find((part) => part.ranges !== undefined)?.ranges
  return {
    filter: said.length === 0 ? {} : { $and: said.map(({ filter }) => filter) },
    precision: precisionOfAnd(parts.map(({ precision }) => precision)),
    fades: parts.some((part) => part.fades),
    ...(ranges !== undefined && { ranges }),
  }
}

function compileOr({ of }: QueryOf<'or'>, space: Space): Compiled {
  // An empty `or` matches nothing, and $or must not be empty.
  if (of.length === 0) return found([among([])], 'exact', lasts)
  // A choice of types, or of attributes, is one range.
  if (of.every((part) => part.kind === 'type')) {
    return found(
      [
        having(
          'types',
          of.map(({ type }) => type),
        ),
      ],
      'exact',
      lasts,
    )
  }
  if (of.every((part) => part.kind === 'attribute')) {
    return found(
      [
        having(
          'attributes',
          of.map(({ name }) => name),
        ),
      ],
      'exact',
      fades,
    )
  }
  const parts = of.map((query) => compileQuery(query, space))
  const precision = precisionOfOr(parts.map((part) => part.precision))
  if (precision === 'none') return nothingSaid
  const ranges = parts.map((part) => part.ranges)
  return {
    filter: { $or: parts.map(({ filter }) => filter) },
    precision,
    fades: parts.some((part) => part.fades),
    ...(ranges.every((one) => one !== undefined) && { ranges: ranges.flat() }),
  }
}

function compileNot({ of }: QueryOf<'not'>, space: Space): Compiled {
  const part = compileQuery(of, space)
  if (precisionOfNot(part.precision) === 'none') return nothingSaid
  return { filter: { $nor: [part.filter] }, precision: part.precision, fades: part.fades }
}

/** These look like attributes in a path, but an entity has them without an attribute of that name. */
const systemMembers: ReadonlySet<string> = new Set(['createdAt', 'modifiedAt', 'deletedAt', 'expiresAt'])

/** Whatever a comparison asks of an attribute, `!=` included, the attribute is there (clause 4.9). */
function ofPath({ attribute }: Path): Compiled {
  if (systemMembers.has(attribute)) return nothingSaid
  return found([having('attributes', [attribute])], 'superset', fades)
}

function compileComparison(query: QueryOf<'equals' | 'range' | 'order'>): Compiled {
  const ranges = systemMembers.has(query.path.attribute) ? undefined : valuesToFind(query)
  return ranges === undefined ? ofPath(query.path) : found(ranges, 'superset', fades)
}

/**
 * The fixed beginning of a pattern as a range of keys. The pattern itself never goes to the database: its regular
 * expressions backtrack, and a client's pattern could stall it.
 */
function compileIdPattern({ pattern }: QueryOf<'idPattern'>, space: Space): Compiled {
  const prefix = fixedBeginning(pattern)
  if (prefix === '') return nothingSaid
  const from = entityKey(space, prefix)
  const filter = { _id: { $gte: from, $lt: following(from) } }
  return found([{ index: 'live', filter, inOrder: true }], 'superset', lasts)
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
  if (wildcard === 0) return anyScope('superset')
  if (wildcard > 0) return found([scopesBelow(normalScope(levels.slice(0, wildcard)))], 'superset', lasts)
  const node = normalScope(levels)
  const there = having('scopes', [node])
  if (!descendants) return found([there], 'exact', lasts)
  return levels.length === 0 ? anyScope('exact') : found([there, scopesBelow(node)], 'exact', lasts)
}

function anyScope(precision: Precision): Compiled {
  return { filter: { 'scopes.0': { $exists: true } }, precision, fades: lasts }
}

function scopesBelow(node: string): Range {
  const filter = { scopes: { $elemMatch: { $gt: `${node}/`, $lt: `${node}0` } } }
  return { index: 'scopes', filter, inOrder: false }
}

function compileGeo({ relation, geometry, property }: QueryOf<'geo'>): Compiled {
  const distance = reach(relation)
  const cells = distance === undefined ? undefined : cellsToFind(geometry, property, distance)
  // Whatever the relation, without the property there is none.
  if (cells === undefined) return found([having('attributes', [property])], 'superset', fades)
  return found([{ index: 'cells', filter: { cells: { $in: cells } }, inOrder: false }], 'superset', fades)
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
