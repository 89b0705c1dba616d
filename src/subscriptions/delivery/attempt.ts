/** One try at one message: compose it, hand it to the transport. */
import type { Subscription } from '../../core/model/subscription.ts'
import type { Endpoints } from '../endpoints.ts'
import type { ComposeParts } from '../rendering/compose.ts'
import { composeMessage } from '../rendering/compose.ts'
import { combinedId } from '../rendering/notification-id.ts'
import { changedEntity } from '../rendering/notified-entity.ts'
import type { Outcome } from '../transport.ts'
import type { Delivery } from './feed.ts'

/** `unready`: the broker could not render the message, for now; the endpoint was not asked. */
export type AttemptOutcome = Outcome | { readonly kind: 'unready'; readonly reason: string }

export interface AttemptParts extends ComposeParts {
  readonly endpoints: Endpoints
}

/** Never rejects. */
export async function attempt(
  parts: AttemptParts,
  subscription: Subscription,
  deliveries: readonly Delivery[],
): Promise<AttemptOutcome> {
  const transport = parts.endpoints.transportOf(subscription.endpoint)
  if (transport === undefined) return { kind: 'unready', reason: 'no transport for this scheme' }
  try {
    const id = combinedId(deliveries.map((delivery) => delivery.notification))
    const entities = deliveries.map(({ record }) => changedEntity(record, subscription))
    const message = composeMessage(parts, subscription, { id, entities })
    // Not awaited where it is there: nobody shall be able to pause the subscription in between.
    return await transport.send(message instanceof Promise ? await message : message)
  } catch (error) {
    return { kind: 'unready', reason: error instanceof Error ? error.message : String(error) }
  }
}
