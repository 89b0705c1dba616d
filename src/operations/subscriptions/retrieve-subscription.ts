import type { JsonObject } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import type { DocumentedSubscription } from '../../core/model/subscription.ts'
import { parseStoredSubscription } from '../../core/model/subscription.ts'
import { renderSubscription } from '../../core/model/render-subscription.ts'
import type { Call } from '../call.ts'
import { requireSpace } from '../require-space.ts'
import { findSubscription } from './stored-subscription.ts'

export interface SubscriptionView {
  readonly context: CompiledContext
  readonly sysAttrs: boolean
}

/** Retrieve Subscription (clause 5.8.3), in the client's words. Throws ResourceNotFound. */
export async function retrieveSubscription(call: Call, id: string, view: SubscriptionView): Promise<JsonObject> {
  const { subscription } = await findSubscription(call, id)
  return render(call, subscription, view)
}

export interface SubscriptionPage {
  readonly limit: number
  readonly offset: number
}

export interface SubscriptionList {
  readonly subscriptions: readonly JsonObject[]
  readonly total: number
}

/** Query Subscriptions (clause 5.8.4): one page in id order, and how many there are. Throws NonexistentTenant. */
export async function querySubscriptions(
  call: Call,
  page: SubscriptionPage,
  view: SubscriptionView,
): Promise<SubscriptionList> {
  await requireSpace(call)
  const { documents } = call.broker.store
  // A limit of 0 asks for their number alone.
  const stored = page.limit === 0 ? [] : await documents.page('subscription', { ...page, space: call.space })
  const subscriptions = await Promise.all(stored.map(({ body }) => render(call, parseStoredSubscription(body), view)))
  return { subscriptions, total: await documents.count('subscription', call.space) }
}

async function render(call: Call, subscription: DocumentedSubscription, view: SubscriptionView): Promise<JsonObject> {
  const { contexts, subscriptions } = call.broker
  const status = subscriptions.status(subscription.space, subscription.id)
  const [standing, notifications] = await Promise.all([subscriptions.standing(subscription, status), status])
  const jsonldContext = contexts.linkOf(subscription.context)
  return renderSubscription(subscription, { ...view, jsonldContext, notifications, standing, now: call.time })
}
