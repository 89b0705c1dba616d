import { notFound } from '../../core/errors.ts'
import type { DocumentedSubscription } from '../../core/model/subscription.ts'
import { parseStoredSubscription } from '../../core/model/subscription.ts'
import type { Call } from '../call.ts'
import { requireSpace } from '../require-space.ts'

export interface FoundSubscription {
  readonly subscription: DocumentedSubscription
  readonly revision: number
}

/** A subscription of the call's space. Throws ResourceNotFound, NonexistentTenant. */
export async function findSubscription(call: Call, id: string): Promise<FoundSubscription> {
  const { store } = call.broker
  const document = await store.documents.get(call.space, 'subscription', id)
  if (document !== undefined)
    return { subscription: parseStoredSubscription(document.body), revision: document.revision }
  await requireSpace(call)
  throw notFound(`there is no subscription ${id}`)
}
