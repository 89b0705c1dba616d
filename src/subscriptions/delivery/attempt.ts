/** One try at one message: resolve the @context, render, hand to the transport. */
import { timeKeyOfMicros } from '../../base/time.ts'
import type { ContextResolver } from '../../core/context/resolver.ts'
import type { ContextSource } from '../../core/context/tables.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { Endpoints } from '../endpoints.ts'
import { combinedId, renderMessage } from '../rendering/notification.ts'
import type { Message, Outcome } from '../transport.ts'
import type { Delivery } from './feed.ts'

/** `unready`: the broker could not render the message, for now; the endpoint was not asked. */
export type AttemptOutcome = Outcome | { readonly kind: 'unready'; readonly reason: string }

export interface AttemptParts {
  readonly resolver: ContextResolver
  readonly linkOf: (source: ContextSource) => string
  readonly endpoints: Endpoints
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds, where the endpoint sets no timeout. */
  readonly defaultTimeout: number
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
    const message = await render(parts, subscription, deliveries)
    return await transport.send(message)
  } catch (error) {
    return { kind: 'unready', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function render(
  { resolver, linkOf, now, defaultTimeout }: AttemptParts,
  subscription: Subscription,
  deliveries: readonly Delivery[],
): Promise<Message> {
  const context = resolver.peek(subscription.context) ?? (await resolver.resolve(subscription.context))
  return renderMessage(
    {
      subscription,
      context,
      link: linkOf(subscription.context),
      id: combinedId(deliveries.map((delivery) => delivery.notification)),
      records: deliveries.map((delivery) => delivery.record),
      notifiedAt: timeKeyOfMicros(Math.floor(now()) * 1000),
    },
    defaultTimeout,
  )
}
