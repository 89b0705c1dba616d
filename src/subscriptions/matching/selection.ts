/** What a periodic subscription selects (ETSI GS CIM 009 V1.9.1, clause 5.8.6): the whole of its filter, as a query. */
import type { ContextResolver } from '../../core/context/resolver.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { Query } from '../../core/query/ast.ts'
import { all, and } from '../../core/query/ast.ts'
import { compileSubscription } from './compile.ts'

const selections = new WeakMap<Subscription, Query>()

/** Made once. Rejects when the @context of q cannot be had. */
export async function selectionOf(resolver: ContextResolver, subscription: Subscription): Promise<Query> {
  const known = selections.get(subscription)
  if (known !== undefined) return known
  const { filter, linkedFilter = all } = await compileSubscription(resolver, subscription)
  const selection = and(filter, linkedFilter)
  selections.set(subscription, selection)
  return selection
}
