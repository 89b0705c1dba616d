/**
 * The part of a q that follows relationships (ETSI GS CIM 009 V1.9.1, clause 4.9), decided at delivery: on the entity as it was
 * after its change, and on the entities that it links to as they are now.
 */
import type { ContextResolver } from '../../core/context/resolver.ts'
import { NgsiError } from '../../core/errors.ts'
import type { EntityState } from '../../core/model/state.ts'
import { parsedState } from '../../core/model/state.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { Query } from '../../core/query/ast.ts'
import { all } from '../../core/query/ast.ts'
import { evaluate } from '../../core/query/evaluate.ts'
import type { Subject } from '../../core/query/targets.ts'
import { followLinks, linkedNodes } from '../../store/linked.ts'
import type { LinkSource } from '../../store/retrieve-linked.ts'
import { compileSubscription } from './compile.ts'

/** Linked entities that are looked at for one change. */
const MAX_LOOKED_AT = 1000

/** True when a q may ask something of linked entities: nothing else in it needs a brace, but for texts and patterns. */
export function asksOfLinked({ q }: Subscription): boolean {
  return q?.includes('{') === true
}

const filters = new WeakMap<Subscription, Query>()

/** What is asked of linked entities; rejects when the @context of q cannot be had. */
export async function linkedFilterOf(resolver: ContextResolver, subscription: Subscription): Promise<Query> {
  const known = filters.get(subscription)
  if (known !== undefined) return known
  const { linkedFilter = all } = await compileSubscription(resolver, subscription)
  filters.set(subscription, linkedFilter)
  return linkedFilter
}

/** True when the entity fulfils the filter. Rejects with TooComplexQuery where too many entities would have to be looked at. */
export async function isFulfilled(filter: Query, entity: EntityState, source: LinkSource): Promise<boolean> {
  const nodes = linkedNodes(filter)
  if (nodes.length === 0) return evaluate(filter, entity)
  return evaluate(filter, { ...entity, entityOf: await followLinks(nodes, [entity], boundedReader(source)) })
}

function boundedReader({
  entities,
  request,
}: LinkSource): (ids: readonly string[]) => Promise<ReadonlyMap<string, Subject>> {
  let room = MAX_LOOKED_AT
  return async (ids) => {
    room -= ids.length
    if (room < 0) throw new NgsiError('TooComplexQuery', `q: over ${String(MAX_LOOKED_AT)} linked entities to look at`)
    const found = await entities.getMany(request, ids)
    return new Map(Array.from(found, ([id, stored]) => [id, parsedState(stored)]))
  }
}
