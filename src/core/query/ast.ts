/**
 * The one query tree. q, type selection, scopeQ, geoQ, ids, attrs and (later) CQL2 and SPARQL push-down all end here;
 * `evaluate`, each store's `compile-query` and `print` are its back ends, tables over `Query['kind']` that do not compile
 * until every kind has its function. All names in it are core names.
 * Source: ETSI GS CIM 009 V1.9.1, clauses 4.9 (q), 4.10 (geoQ), 4.11 (temporalQ), 4.17 (type), 4.19 (scopeQ), 4.23 (ordering).
 */
import type { Json } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import type { GeometryType } from '../model/geometry.ts'
import type { TemporalKey } from './temporal.ts'

/** Where in an entity a comparison looks: attribute, then sub-attributes or system members, then keys inside the value. */
export interface Path {
  readonly attribute: string
  /** `temperature.observedAt`, `temperature.accuracy`: names after the first dot. */
  readonly members: readonly string[]
  /** `address[city.name]`: keys inside the JSON value, in core names; for a languageMap, one language tag. */
  readonly keys: readonly string[]
  /** The keys as they were written, where that differs: inside a JsonProperty nothing is ever expanded (clause 4.5.24). */
  readonly rawKeys?: readonly string[]
}

/** A comparison operand. Text that is a DateTime, Date or Time compares as time when the target is one too (`temporal.ts`). */
export type Operand =
  | {
      readonly kind: 'value'
      readonly value: string | number | boolean
      /** The core name that the text stands for, where it differs: what a VocabProperty is compared with (clause 4.9). */
      readonly vocab?: string
    }
  | { readonly kind: 'time'; readonly time: TemporalKey; readonly text: string }
  | { readonly kind: 'uri'; readonly uri: string; readonly vocab?: string }

export type Equality = '==' | '!='
export type Order = '>' | '>=' | '<' | '<='

/** A geometry of a geo-query; GeometryCollection is not one (clause 4.7.1). */
export interface Geometry {
  readonly type: GeometryType
  readonly coordinates: Json
}

export type GeoRelation =
  | { readonly name: 'near'; readonly maxDistance?: number; readonly minDistance?: number }
  | { readonly name: 'within' | 'contains' | 'intersects' | 'equals' | 'disjoint' | 'overlaps' }

export type Query =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly of: readonly Query[] }
  | { readonly kind: 'or'; readonly of: readonly Query[] }
  | { readonly kind: 'not'; readonly of: Query }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'idPattern'; readonly pattern: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'exists'; readonly path: Path }
  /** `==` any of the operands; `!=` each of them, the target existing. */
  | { readonly kind: 'equals'; readonly path: Path; readonly operator: Equality; readonly operands: readonly Operand[] }
  /** Both ends are in the range. */
  | {
      readonly kind: 'range'
      readonly path: Path
      readonly operator: Equality
      readonly from: Operand
      readonly to: Operand
    }
  | { readonly kind: 'order'; readonly path: Path; readonly operator: Order; readonly operand: Operand }
  | { readonly kind: 'pattern'; readonly path: Path; readonly negated: boolean; readonly pattern: string }
  /** `rel{path}`: the filter holds for an entity that the relationship at `path` leads to. */
  | { readonly kind: 'linked'; readonly path: Path; readonly types: readonly string[]; readonly of: Query }
  | { readonly kind: 'scope'; readonly levels: readonly string[]; readonly descendants: boolean }
  | { readonly kind: 'geo'; readonly relation: GeoRelation; readonly geometry: Geometry; readonly property: string }
  | { readonly kind: 'temporal'; readonly property: TimeProperty; readonly from?: TimeKey; readonly until?: TimeKey }

export type TimeProperty = 'observedAt' | 'createdAt' | 'modifiedAt' | 'deletedAt'
export type QueryKind = Query['kind']
export type QueryOf<K extends QueryKind> = Extract<Query, { kind: K }>

/** One criterion of an ordering (clause 4.23). `id` and `type` are the entity's own; every other path leads to a value. */
export type OrderBy =
  | { readonly kind: 'path'; readonly path: Path; readonly descending: boolean }
  | { readonly kind: 'id'; readonly descending: boolean }
  | { readonly kind: 'type'; readonly descending: boolean }
  | { readonly kind: 'distance'; readonly property: string; readonly from: Geometry; readonly descending: boolean }

/** An order of entities: the criteria in turn, and the id's UTF-8 byte order where they say nothing. @public */
export interface Ordering {
  readonly by: readonly OrderBy[]
  /** An ICU collation (BCP 47) for texts; absent: root collation (clause 4.23: `und-x-icu`). */
  readonly collation?: string
}

/** The filter that lets everything through: today's visibility. */
export const all: Query = { kind: 'all' }

/** All of the filters; `all` members vanish. */
export function and(...queries: readonly Query[]): Query {
  const of = queries.flatMap((query) => (query.kind === 'and' ? query.of : query.kind === 'all' ? [] : [query]))
  const [first] = of
  if (first === undefined) return all
  return of.length === 1 ? first : { kind: 'and', of }
}

/** Any of the filters. */
export function or(...queries: readonly Query[]): Query {
  const [first] = queries
  return queries.length === 1 && first !== undefined ? first : { kind: 'or', of: queries }
}

/** How many relationships a query follows, one behind the other: what joinLevel must allow (clause 4.9). */
export function depthOfLinks(query: Query): number {
  if (query.kind === 'linked') return 1 + depthOfLinks(query.of)
  if (query.kind === 'not') return depthOfLinks(query.of)
  return query.kind === 'and' || query.kind === 'or' ? Math.max(0, ...query.of.map(depthOfLinks)) : 0
}

/** How many conditions there are in a query, each value that something may equal counted: what looking at one entity costs. */
export function conditionsIn(query: Query): number {
  if (query.kind === 'and' || query.kind === 'or') return query.of.reduce((sum, part) => sum + conditionsIn(part), 0)
  if (query.kind === 'not') return conditionsIn(query.of)
  if (query.kind === 'linked') return 1 + conditionsIn(query.of)
  return query.kind === 'equals' ? query.operands.length : 1
}
