import { randomUUID } from 'node:crypto'
import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { isUri } from '../../core/model/names.ts'
import { readSubscription } from '../../core/model/read-subscription.ts'
import type { DocumentedSubscription } from '../../core/model/subscription.ts'
import { statusOf, storedSubscription } from '../../core/model/subscription.ts'
import type { Call } from '../call.ts'
import { linkedContextUrl } from '../host-context.ts'
import { readFragment } from './read-fragment.ts'

/**
 * Create Subscription (clause 5.8.1). Answers its id; from then on writes are matched against it.
 * Throws BadRequestData, AlreadyExists, LdContextNotAvailable, OperationNotSupported.
 */
export async function createSubscription(call: Call, context: CompiledContext, body: Json): Promise<string> {
  const { store, contexts, subscriptions } = call.broker
  const subscription = readNew(call, context, body)
  subscriptions.checkEndpoint(subscription)
  const compiled = await subscriptions.compile(subscription)
  await contexts.resolve(subscription.context)
  // Clause 5.8.1.4: its notifications link to a context, so one must be there to be linked to.
  await linkedContextUrl(call, subscription.context)
  const { space, id } = subscription
  await store.documents.insert({ space, kind: 'subscription', id, body: storedSubscription(subscription) }, true)
  subscriptions.take(subscription, compiled)
  return id
}

function readNew(call: Call, context: CompiledContext, body: Json): DocumentedSubscription {
  const document = readFragment(context, body)
  const now = call.time
  const meta = {
    space: call.space,
    id: readId(document['id']),
    source: context.source,
    csfSource: context.source,
    context: context.source,
    createdAt: now,
    modifiedAt: now,
    creator: call.caller.id,
  }
  const subscription = readSubscription(meta, document)
  if (statusOf(subscription, now) === 'expired') throw badRequestData('expiresAt: it is in the past')
  return subscription
}

function readId(id: Json | undefined): string {
  if (id === undefined) return `urn:ngsi-ld:Subscription:${randomUUID()}`
  if (!isUri(id)) throw badRequestData(`id: ${JSON.stringify(id)} is not a URI`)
  return id
}
