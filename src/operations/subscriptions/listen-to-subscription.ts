import { statusOf } from '../../core/model/subscription.ts'
import type { LogPosition } from '../../store/outbox-port.ts'
import type { StreamEvent } from '../../subscriptions/events/event-streams.ts'
import type { Call } from '../call.ts'
import { findSubscription } from './stored-subscription.ts'

export type { StreamEvent } from '../../subscriptions/events/event-streams.ts'

/** A subscription as a listener meets it. */
export interface Listening {
  /** The URL of the @context of its notifications. */
  readonly link: string
  /** Absent where nothing more will ever come. */
  readonly events?: AsyncIterable<StreamEvent>
}

/**
 * Listen to a subscription (beyond the specification): what it is notified of after a position of the log, or from now on.
 * Throws ResourceNotFound, NonexistentTenant, and InvalidRequest when it is no position.
 */
export async function listenToSubscription(call: Call, id: string, after: LogPosition | undefined): Promise<Listening> {
  const { store, subscriptions, contexts } = call.broker
  if (after !== undefined) store.log.before(after, 0)
  const { subscription } = await findSubscription(call, id)
  const link = contexts.linkOf(subscription.context)
  const isOver = statusOf(subscription, call.time) === 'expired' && !(await isBehind(call, id, after))
  return isOver ? { link } : { link, events: subscriptions.listen(subscription, after) }
}

async function isBehind(
  { broker, space }: Call,
  subscription: string,
  after: LogPosition | undefined,
): Promise<boolean> {
  if (after === undefined) return false
  return (await broker.store.log.ofSubscription({ space, subscription, after, limit: 1 })).length > 0
}
