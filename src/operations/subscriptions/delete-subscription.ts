import { notFound } from '../../core/errors.ts'
import type { Call } from '../call.ts'
import { requireSpace } from '../require-space.ts'

/** Delete Subscription (clause 5.8.5). What it is still owed is dropped. Throws ResourceNotFound, NonexistentTenant. */
export async function deleteSubscription(call: Call, id: string): Promise<void> {
  const { store, subscriptions } = call.broker
  const wasThere = await store.documents.remove(call.space, 'subscription', id)
  if (!wasThere) {
    await requireSpace(call)
    throw notFound(`there is no subscription ${id}`)
  }
  subscriptions.drop(call.space, id)
}
