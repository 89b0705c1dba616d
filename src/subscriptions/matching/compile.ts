/** From a subscription to the form that the matcher works with: names expanded, q and selectors parsed, once. */
import { optional } from '../../base/optional.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { coreContext } from '../../core/context/compile.ts'
import type { ContextResolver } from '../../core/context/resolver.ts'
import type { EntitySelector, NotificationTrigger, Subscription } from '../../core/model/subscription.ts'
import type { Query } from '../../core/query/ast.ts'
import { all, and, or } from '../../core/query/ast.ts'
import type { QOptions } from '../../core/query/parse-q.ts'
import { parseQ } from '../../core/query/parse-q.ts'
import { parseTypeSelection } from '../../core/query/parse-type.ts'
import { compilePattern } from '../../core/query/pattern.ts'
import { anyOf, typesOf } from './required-types.ts'

/** Where the matcher files a subscription: under ids, under types, or (both absent) under all entities. */
export interface Bucket {
  readonly ids?: readonly string[]
  readonly types?: readonly string[]
}

export interface CompiledSubscription {
  readonly buckets: readonly Bucket[]
  /** Absent: every attribute is watched. */
  readonly watched?: ReadonlySet<string>
  readonly triggers: ReadonlySet<NotificationTrigger>
  /** All that an entity must fulfil: selectors and q. */
  readonly filter: Query
}

/**
 * Fetches the @context that q is written in and compiles. Rejects with what the context's resolution rejects with, and with
 * BadRequestData naming q or the selector's member: so an operation calls this before it stores the subscription.
 */
export async function compileSubscription(
  resolver: ContextResolver,
  subscription: Subscription,
): Promise<CompiledSubscription> {
  // A subscription without q must not hang on a @context that nothing in it needs.
  const context = subscription.q === undefined ? coreContext : await resolver.resolve(subscription.source)
  return compileWith(context, subscription)
}

/** As `compileSubscription`, with the context of q at hand. Throws BadRequestData. */
export function compileWith(context: CompiledContext, subscription: Subscription): CompiledSubscription {
  const { q, entities, watchedAttributes } = subscription
  const selectors = entities?.map(compileSelector)
  const selected = selectors === undefined ? all : or(...selectors.map((selector) => selector.query))
  return {
    buckets: selectors?.map((selector) => selector.bucket) ?? [{}],
    ...(watchedAttributes !== undefined && { watched: new Set(watchedAttributes) }),
    triggers: expandTriggers(subscription.triggers),
    filter: and(selected, q === undefined ? all : parseQ(context, q, namesIn(subscription))),
  }
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

/** Clause 5.2.12: `entityUpdated` stands for the three attribute triggers. */
function expandTriggers(triggers: readonly NotificationTrigger[]): ReadonlySet<NotificationTrigger> {
  const attribute = ['attributeCreated', 'attributeUpdated', 'attributeDeleted'] as const
  return new Set(triggers.flatMap((trigger) => (trigger === 'entityUpdated' ? attribute : [trigger])))
}

/** How names in q are understood (clauses 4.9, 5.2.12). */
function namesIn({ jsonKeys, expandValues }: Subscription): QOptions {
  return {
    ...optional('jsonKeys', jsonKeys && new Set(jsonKeys)),
    ...optional('expandValues', expandValues && new Set(expandValues)),
  }
}
