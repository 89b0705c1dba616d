/** Registry, endpoints, transports and delivery put together into what operations know as `Subscriptions`. */
import type { Server } from 'node:http'
import type { Config } from '../config.ts'
import type { FramedAnswer, FramedRequest } from '../http/dispatch.ts'
import type { Outbound } from '../net/outbound.ts'
import type { Contexts, Subscriptions } from '../operations/call.ts'
import type { Subscription } from '../core/model/subscription.ts'
import type { Log } from '../ops/log.ts'
import type { NotificationMetrics } from '../ops/notification-metrics.ts'
import type { Store } from '../store/port.ts'
import { compileSubscription } from '../subscriptions/matching/compile.ts'
import type { Delivery } from '../subscriptions/delivery/delivery.ts'
import { createDelivery } from '../subscriptions/delivery/delivery.ts'
import type { Endpoints } from '../subscriptions/endpoints.ts'
import { createEndpoints } from '../subscriptions/endpoints.ts'
import type { Undecided } from '../subscriptions/matching/matcher.ts'
import { createMatcher } from '../subscriptions/matching/matcher.ts'
import type { SubscriptionRegistry } from '../subscriptions/registry.ts'
import { createRegistry } from '../subscriptions/registry.ts'
import { viewOf } from '../subscriptions/rendering/view.ts'
import type { Transport } from '../subscriptions/transport.ts'
import { createEventStreamTransport } from '../subscriptions/transports/event-stream.ts'
import { createHttpTransport } from '../subscriptions/transports/http.ts'
import { createMqttTransport } from '../subscriptions/transports/mqtt.ts'
import type { EventStreams } from '../subscriptions/events/event-streams.ts'
import { createStreams } from './event-streams.ts'
import type { RunningWebSocket } from './websocket.ts'
import { createWebSocket } from './websocket.ts'

export interface SubscriptionParts {
  readonly store: Store
  readonly contexts: Contexts
  readonly outbound: Outbound
  readonly log: Log
  readonly metrics: NotificationMetrics
}

export interface RunningSubscriptions extends Subscriptions {
  /** Takes WebSocket upgrades of the server; requests in frames go to `dispatch`. */
  attach(server: Server, dispatch: (request: FramedRequest) => Promise<FramedAnswer>): void
  /** Takes up what is subscribed to: from then on writes may come. */
  load(): Promise<void>
  /** Begins to notify. */
  start(): Promise<void>
  /** `deadline`: milliseconds to wait for notifications under way. */
  stop(deadline: number): Promise<void>
}

/** Milliseconds until a subscription whose @context could not be had is tried again. */
const CONTEXT_RETRY = 5000
/** Milliseconds between two looks at what waits, for its bounds. */
const UPKEEP_INTERVAL = 1000

/** Nothing runs before `load`, and nothing is sent before `start`. */
export function createSubscriptions(config: Config, parts: SubscriptionParts): RunningSubscriptions {
  const { registry, endpoints, delivery, streams, websocket, outgoing } = putTogether(config, parts)
  return {
    match: registry.match,
    offer: (record) => {
      delivery.offer(record)
      for (const { subscription } of record.due?.notifications ?? []) streams.wake(record.space, subscription)
    },
    checkEndpoint: endpoints.check,
    compile: async (subscription) => {
      viewOf(subscription)
      return compileSubscription(parts.contexts, subscription)
    },
    take: registry.take,
    drop: registry.drop,
    listen: ({ space, id }, after) =>
      streams.listen({ space, subscription: id, ...(after !== undefined && { after }) }),
    status: (space, id) => delivery.status(space, id),
    standing: (subscription, status) => delivery.standing(subscription, status),
    owesAgain: (ref) => {
      delivery.owesAgain(ref)
    },
    replay: (ref, since) => delivery.replay(ref, since),
    attach: (server, dispatch) => {
      server.on('upgrade', websocket.handleUpgrade(dispatch))
    },
    load: async () => {
      await registry.start()
      await websocket.start()
    },
    start: () => delivery.start(),
    stop: async (deadline) => {
      registry.stop()
      streams.stop()
      // A WebSocket client's acknowledgement may be long in coming: it is told that nobody waits for it any more.
      await Promise.all([websocket.close(), delivery.stop(deadline)])
      await Promise.all(outgoing.map((transport) => transport.close()))
    },
  }
}

interface Composed {
  readonly registry: SubscriptionRegistry
  readonly endpoints: Endpoints
  readonly delivery: Delivery
  readonly streams: EventStreams
  readonly websocket: RunningWebSocket
  /** The transports that connect to receivers. */
  readonly outgoing: readonly Transport[]
}

function putTogether(config: Config, parts: SubscriptionParts): Composed {
  const { store, contexts, outbound, log, metrics } = parts
  const warn = warnIn(log)
  const registry = createRegistry({
    ...{ documents: store.documents, contexts, matcher: createMatcher(warnOnce(warn)), warn },
    retryAfter: CONTEXT_RETRY,
    changed: (space, id) => {
      delivery.subscriptionChanged(space, id)
      streams.wake(space, id)
    },
  })
  const websocket = createWebSocket(config, {
    ...{ documents: store.documents, registry, log },
    arrived: (uri) => {
      delivery.arrived(uri)
    },
  })
  const outgoing = createTransports(outbound)
  const endpoints = createEndpoints([...outgoing, websocket, createEventStreamTransport()])
  const delivery = createDelivery({
    ...{ store, endpoints, config, log, metrics, upkeepInterval: UPKEEP_INTERVAL },
    ...{
      subscriptionOf: registry.get,
      subscriptionsTo: registry.to,
      alwaysHeld: registry.alwaysHeld,
      resolver: contexts,
    },
    ...{ now: Date.now, random: Math.random },
    linkOf: (source) => contexts.linkOf(source),
  })
  const streams = createStreams(config, { ...parts, registry })
  return { registry, endpoints, delivery, streams, websocket, outgoing }
}

type Warn = (message: string, error: unknown) => void

/** Warns once for each form of a subscription: writes are many. */
function warnOnce(warn: Warn): Undecided {
  const told = new WeakSet<Subscription>()
  return (subscription, error) => {
    if (!told.has(subscription)) warn(`subscription ${subscription.id} cannot be matched: it notifies nobody`, error)
    told.add(subscription)
  }
}

function warnIn(log: Log): Warn {
  return (message, err) => {
    log.warn({ err }, message)
  }
}

function createTransports({ fetch, connect }: Outbound): readonly Transport[] {
  return [createHttpTransport({ fetch, now: Date.now }), createMqttTransport({ connect, now: Date.now })]
}
