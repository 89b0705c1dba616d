import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { NgsiError } from '../../core/errors.ts'
import { patchSubscription } from '../../core/model/patch-subscription.ts'
import { storedSubscription } from '../../core/model/subscription.ts'
import type { Call } from '../call.ts'
import { linkedContextUrl } from '../host-context.ts'
import { readFragment } from './read-fragment.ts'
import { findSubscription } from './stored-subscription.ts'

/** What a client sent to change one subscription. */
export interface SubscriptionFragment {
  readonly id: string
  readonly context: CompiledContext
  readonly body: Json
}

const MAX_TRIES = 5

/**
 * Update Subscription (clause 5.8.2). Throws BadRequestData, ResourceNotFound, LdContextNotAvailable; Conflict when others
 * keep changing it at the same time.
 */
export async function updateSubscription(call: Call, fragment: SubscriptionFragment): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await updateOnce(call, fragment)
      return
    } catch (error) {
      const wasOvertaken = error instanceof NgsiError && error.name === 'Conflict'
      if (!wasOvertaken || tries === MAX_TRIES) throw error
    }
  }
}

async function updateOnce(call: Call, { id, context, body }: SubscriptionFragment): Promise<void> {
  const { store, contexts, subscriptions } = call.broker
  const { subscription: before, revision } = await findSubscription(call, id)
  const patch = { fragment: readFragment(context, body), source: context.source, now: call.time }
  const after = patchSubscription(before, patch)
  subscriptions.checkEndpoint(after)
  const compiled = await subscriptions.compile(after)
  // One that is out of reach today must not hinder a change of something else (clause 5.8.2.4).
  if (after.context !== before.context) {
    await contexts.resolve(after.context)
    await linkedContextUrl(call, after.context)
  }
  const stored = { space: call.space, kind: 'subscription', id, revision, body: storedSubscription(after) } as const
  await store.documents.replace(stored)
  subscriptions.take(after, compiled)
}
