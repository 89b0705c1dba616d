/** From a subscription to the form that the matcher works with: names expanded, q and selectors parsed, once. */
import { optional } from '../../base/optional.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { coreContext } from '../../core/context/compile.ts'
import type { ContextResolver } from '../../core/context/resolver.ts'
import { badRequestData } from '../../core/errors.ts'
import type { EntitySelector, NotificationTrigger, Subscription } from '../../core/model/subscription.ts'
import type { Query, QueryOf } from '../../core/query/ast.ts'
import { all, and, depthOfLinks, or } from '../../core/query/ast.ts'
import { bounded } from '../../core/query/bounded.ts'
import { boxAround } from '../../core/query/box-around.ts'
import { parseGeoQ } from '../../core/query/parse-geo.ts'
import type { QOptions } from '../../core/query/parse-q.ts'
import { parseQ } from '../../core/query/parse-q.ts'
import { parseScopeQ } from '../../core/query/parse-scope.ts'
import { parseTypeSelection } from '../../core/query/parse-type.ts'
import { compilePattern } from '../../core/query/pattern.ts'
import type { Fence } from './fences.ts'
import { anyOf, typesOf } from './required-types.ts'
import { splitLinked } from './split-linked.ts'

/** Where the matcher files a subscription: under ids, under types, or (both absent) under all entities. */
export interface Bucket {
  readonly ids?: readonly string[]
  readonly types?: readonly string[]
}

export interface CompiledSubscription {
  /** None where changes set off nothing: a periodic subscription (clause 5.8.6). */
  readonly buckets: readonly Bucket[]
  /** Where an entity must be to match; absent: that is no matter, or it cannot be told by a box. */
  readonly fence?: Fence
  /** Absent: every attribute is watched. */
  readonly watched?: readonly string[]
  readonly triggers: ReadonlySet<NotificationTrigger>
  /** What an entity must fulfil by itself: selectors, q, geoQ, scopeQ. */
  readonly filter: Query
  /** What it must fulfil, too, and what only its linked entities can tell: decided at delivery. */
  readonly linkedFilter?: Query
}

/**
 * Fetches the @context that q is written in and compiles. Rejects with what the context's resolution rejects with, and with
 * BadRequestData or TooComplexQuery naming q, geoQ, scopeQ or the selector's member: so an operation calls this before it stores
 * the subscription.
 */
export async function compileSubscription(
  resolver: ContextResolver,
  subscription: Subscription,
): Promise<CompiledSubscription> {
  // A subscription without q must not hang on a @context that nothing in it needs.
  const context = subscription.q === undefined ? coreContext : await resolver.resolve(subscription.source)
  return compileWith(context, subscription)
}

/** As `compileSubscription`, with the context of q at hand. Throws BadRequestData, TooComplexQuery. */
export function compileWith(context: CompiledContext, subscription: Subscription): CompiledSubscription {
  const selectors = subscription.entities?.map(compileSelector)
  const selected = selectors === undefined ? all : or(...selectors.map((selector) => selector.query))
  const geo = compileGeoQ(subscription)
  const { own, linked } = splitLinked(compileQ(context, subscription))
  const buckets = subscription.timeInterval === undefined ? (selectors?.map(({ bucket }) => bucket) ?? [{}]) : []
  return {
    buckets,
    ...optional('fence', geo && fenceOf(geo)),
    ...optional('watched', subscription.watchedAttributes),
    triggers: expandTriggers(subscription.triggers),
    filter: bounded(and(selected, own, geo ?? all, compileScopeQ(subscription)), FILTERS),
    ...optional('linkedFilter', linked && bounded(linked, FILTERS)),
  }
}

/** What makes a filter long. */
const FILTERS = 'entities, q, scopeQ'

function compileQ(context: CompiledContext, subscription: Subscription): Query {
  if (subscription.q === undefined) return all
  const query = parseQ(context, subscription.q, namesIn(subscription))
  if (depthOfLinks(query) <= MAX_LINKS) return query
  throw badRequestData(`q: it follows more than ${String(MAX_LINKS)} links in a row`)
}

/** How many links in a row a q may follow, whatever joinLevel says: what is linked is read at each delivery. */
const MAX_LINKS = 16

/** Its geoproperty is a core name already. */
function compileGeoQ({ geoQ }: Subscription): QueryOf<'geo'> | undefined {
  return geoQ && parseGeoQ(coreContext, geoQ, 'geoQ.')
}

function compileScopeQ({ scopeQ }: Subscription): Query {
  return scopeQ === undefined ? all : parseScopeQ(scopeQ)
}

function fenceOf(query: QueryOf<'geo'>): Fence | undefined {
  const box = boxAround(query)
  return box && { property: query.property, box }
}

function compileSelector(selector: EntitySelector, index: number): { query: Query; bucket: Bucket } {
  const path = `entities[${String(index)}]`
  // The stored selection is in core names already.
  const type = parseTypeSelection(coreContext, selector.type, `${path}.type`)
  const { ids, idPattern } = selector
  if (ids !== undefined) return { query: and(type, { kind: 'ids', ids }), bucket: { ids } }
  const types = typesOf(type)
  const bucket = types === anyOf ? {} : { types }
  if (idPattern === undefined) return { query: type, bucket }
  compilePattern(idPattern, `${path}.idPattern`)
  return { query: and(type, { kind: 'idPattern', pattern: idPattern }), bucket }
}

// There are few combinations, and many subscriptions: each set is there once.
const triggerSets = new Map<string, ReadonlySet<NotificationTrigger>>()

/** Clause 5.2.12: `entityUpdated` stands for the three attribute triggers. */
function expandTriggers(triggers: readonly NotificationTrigger[]): ReadonlySet<NotificationTrigger> {
  const attribute = ['attributeCreated', 'attributeUpdated', 'attributeDeleted'] as const
  const expanded = new Set(triggers.flatMap((trigger) => (trigger === 'entityUpdated' ? attribute : [trigger])))
  const key = [...expanded].toSorted().join(' ')
  const known = triggerSets.get(key) ?? expanded
  triggerSets.set(key, known)
  return known
}

/** How names in q are understood (clauses 4.9, 5.2.12). */
function namesIn({ jsonKeys, expandValues }: Subscription): QOptions {
  return {
    ...optional('jsonKeys', jsonKeys && new Set(jsonKeys)),
    ...optional('expandValues', expandValues && new Set(expandValues)),
  }
}
