/** What the parts of delivery share. */
import type { ContextResolver } from '../../core/context/resolver.ts'
import type { ContextSource } from '../../core/context/tables.ts'
import type { Space } from '../../core/model/space.ts'
import type { Endpoint, Subscription } from '../../core/model/subscription.ts'
import type { Store } from '../../store/port.ts'
import type { Log } from '../../ops/log.ts'
import type { NotificationMetrics } from '../../ops/notification-metrics.ts'
import type { Endpoints } from '../endpoints.ts'
import type { Feed, LaneQueue } from './feed.ts'
import type { NotificationStatuses } from './notification-status.ts'
import type { Replays } from './replays.ts'
import type { Settler } from './settler.ts'

export interface DeliveryConfig {
  /** Milliseconds that one try may take where the endpoint sets no timeout. */
  readonly notificationTimeout: number
  /** Tries of one notification that fail because of the notification itself, before it becomes a dead letter. */
  readonly maxDeliveryAttempts: number
  /** Seconds after a change for which its notifications are kept for an endpoint that is absent. */
  readonly maxDeliveryAge: number
  /** Notifications that one subscription may be owed. */
  readonly maxOwed: number
  /** Seconds for which dead letters are kept, and their number. */
  readonly maxDeadLetterAge: number
  readonly maxDeadLetters: number
  /** Milliseconds; see `backoff.ts`. */
  readonly retryBase: number
  readonly retryMax: number
  /** Deliveries kept in memory for each endpoint. */
  readonly queueMemory: number
}

export interface DeliveryParts {
  readonly store: Pick<Store, 'entities' | 'log' | 'outbox' | 'deadLetters' | 'leases' | 'documents'>
  readonly endpoints: Endpoints
  /** The subscription as it is now; undefined when there is none (any more). */
  readonly subscriptionOf: (space: Space, id: string) => Subscription | undefined
  /** Those that somebody must hold, owed or not: with a timeInterval, or for receivers that come to a broker. */
  readonly alwaysHeld: () => readonly Subscription[]
  /** The subscriptions that go to a receiver. */
  readonly subscriptionsTo: (uri: string) => readonly Subscription[]
  readonly resolver: ContextResolver
  /** The URL that says the same as a source, hosted by this broker where need be. */
  readonly linkOf: (source: ContextSource) => string
  readonly config: DeliveryConfig
  readonly log: Log
  readonly metrics: NotificationMetrics
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
  /** Milliseconds between two looks at what waits, for its bounds. */
  readonly upkeepInterval: number
}

export interface DeliveryState {
  readonly parts: DeliveryParts
  /** Of the subscriptions whose lease is held. */
  readonly feeds: Map<string, Feed>
  readonly settler: Settler
  readonly statuses: NotificationStatuses
  readonly replays: Replays
  readonly queueOf: (endpoint: Endpoint) => LaneQueue
  /** Leases may be acquired. */
  isStarted: boolean
  isStopping: boolean
}
