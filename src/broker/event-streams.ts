/** Event streams, which show of a subscription what delivery would send. */
import type { Config } from '../config.ts'
import type { ContextSource } from '../core/context/tables.ts'
import type { ContextResolver } from '../core/context/resolver.ts'
import type { Log } from '../ops/log.ts'
import type { Store } from '../store/port.ts'
import { composeDeliveries } from '../subscriptions/delivery/attempt.ts'
import type { EventStreams } from '../subscriptions/events/event-streams.ts'
import { createEventStreams } from '../subscriptions/events/event-streams.ts'
import type { SubscriptionRegistry } from '../subscriptions/registry.ts'

export interface StreamParts {
  readonly store: Store
  readonly contexts: ContextResolver & { linkOf(source: ContextSource): string }
  readonly registry: Pick<SubscriptionRegistry, 'get'>
  readonly log: Log
}

export function createStreams(config: Config, { store, contexts, registry, log }: StreamParts): EventStreams {
  const telling = {
    ...{ resolver: contexts, entities: store.entities, log, now: Date.now },
    linkOf: (source: ContextSource) => contexts.linkOf(source),
    defaultTimeout: config.notificationTimeout,
  }
  return createEventStreams({
    ...{ store, log, now: Date.now, subscriptionOf: registry.get },
    compose: async (subscription, delivery) =>
      (await composeDeliveries(telling, subscription, [delivery]))?.notification,
  })
}
