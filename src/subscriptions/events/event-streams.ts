/**
 * A subscription's notifications as a stream (docs/events.md): read from the log at the pace of the listener, from any position
 * on. Nothing waits in memory for a listener; it is woken by commits of this broker, and looks by itself for those of others.
 */
import type { JsonObject } from '../../base/json.ts'
import { timeKeyOfMicros } from '../../base/time.ts'
import { NgsiError } from '../../core/errors.ts'
import type { Space } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { parseStoredSubscription, statusOf } from '../../core/model/subscription.ts'
import type { Log } from '../../ops/log.ts'
import type { LogPosition } from '../../store/outbox-port.ts'
import type { Store } from '../../store/port.ts'
import type { Delivery } from '../delivery/feed.ts'
import { subscriptionKey } from '../subscription-key.ts'
import type { Bell, Bells } from './bells.ts'
import { createBells } from './bells.ts'
import type { Found, LogReader } from './log-reader.ts'
import { createLogReader } from './log-reader.ts'

export type StreamEvent =
  /** Comes first; who has heard nothing since may begin there again. */
  | { readonly kind: 'start'; readonly position: LogPosition }
  | { readonly kind: 'notification'; readonly position: LogPosition; readonly notification: JsonObject }
  /** Says that the stream lives. */
  | { readonly kind: 'idle' }
  /** Comes last, and no more will come of this subscription. */
  | { readonly kind: 'end'; readonly reason: 'deleted' | 'expired' }

export interface Asked {
  readonly space: Space
  readonly subscription: string
  /** Absent: from now on. */
  readonly after?: LogPosition
}

export interface EventStreams {
  /**
   * Its first step rejects with ServiceUnavailable when there are too many listeners, with InvalidRequest when `after` is no
   * position. It ends without an `end` when the broker goes down.
   */
  listen(asked: Asked): AsyncIterable<StreamEvent>
  /** To be called after a commit that owes something to a subscription, and when one was changed or deleted. */
  wake(space: Space, subscription: string): void
  stop(): void
}

export interface EventStreamsOptions {
  readonly store: Pick<Store, 'capabilities' | 'log' | 'documents'>
  /** From memory; undefined when it is not, or not yet, known there. */
  readonly subscriptionOf: (space: Space, id: string) => Subscription | undefined
  /** The notification that a delivery is; undefined when there is nothing to be told after all. */
  readonly compose: (subscription: Subscription, delivery: Delivery) => Promise<JsonObject | undefined>
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Default 1,000. */
  readonly maxListeners?: number
  /** Milliseconds of silence after which the stream says that it lives; default 15,000. */
  readonly heartbeat?: number
}

/** Milliseconds between two looks for what other brokers committed, and for what was committed late. */
const POLL = 500
const LOOK_BACK = 2000
/** Milliseconds until a notification that cannot be composed now is tried again. */
const RETRY = 1000

interface State {
  readonly options: Required<EventStreamsOptions>
  readonly bells: Bells
}

export function createEventStreams(given: EventStreamsOptions): EventStreams {
  const state: State = { options: { maxListeners: 1000, heartbeat: 15_000, ...given }, bells: createBells() }
  return {
    listen: (asked) => ({ [Symbol.asyncIterator]: () => iterate(state, asked) }),
    wake: (space, subscription) => {
      state.bells.ring(subscriptionKey(space, subscription))
    },
    stop: () => {
      state.bells.close()
    },
  }
}

/** A listener that leaves wakes its own stream, so that it ends at once. */
function iterate(state: State, asked: Asked): AsyncIterator<StreamEvent> {
  const { bells, options } = state
  let bell: Bell | undefined
  let stream: AsyncGenerator<StreamEvent, undefined> | undefined
  return {
    next: () => {
      if (stream === undefined && bells.size >= options.maxListeners) {
        return Promise.reject(new NgsiError('ServiceUnavailable', 'too many listeners'))
      }
      bell ??= bells.hang(subscriptionKey(asked.space, asked.subscription))
      return (stream ??= events(state, asked, bell)).next()
    },
    return: async () => {
      bell?.close()
      await stream?.return(undefined)
      return { done: true, value: undefined }
    },
  }
}

async function* events(state: State, asked: Asked, bell: Bell): AsyncGenerator<StreamEvent, undefined> {
  const { store, now, heartbeat } = state.options
  let quietSince = now()
  let lookBackAt = now()
  let known: Subscription | undefined
  try {
    const reader = await createLogReader({ log: store.log, ...asked })
    yield { kind: 'start', position: reader.position }
    while (!bell.isClosed()) {
      // Before reading: what is owed until then is told, and then the end.
      const subscription = await subscriptionNow(state, asked)
      known = subscription ?? known
      const found = await read(reader, now() >= lookBackAt)
      if (now() >= lookBackAt) lookBackAt = now() + LOOK_BACK
      if (known !== undefined && found.length > 0) {
        yield* tell(state, { subscription: known, found, bell })
        quietSince = now()
        continue
      }
      const reason = endOf(state, subscription)
      if (reason !== undefined) {
        yield { kind: 'end', reason }
        return
      }
      if (now() - quietSince >= heartbeat) {
        yield { kind: 'idle' }
        quietSince = now()
      }
      await bell.wait(Math.min(quietSince + heartbeat - now(), patience(state, subscription)))
    }
  } finally {
    bell.close()
  }
}

async function subscriptionNow({ options }: State, { space, subscription }: Asked): Promise<Subscription | undefined> {
  const known = options.subscriptionOf(space, subscription)
  if (known !== undefined) return known
  // Memory follows the store, a little behind.
  const stored = await options.store.documents.get(space, 'subscription', subscription)
  return stored && parseStoredSubscription(stored.body)
}

async function read(reader: LogReader, looksBack: boolean): Promise<readonly Found[]> {
  const late = looksBack ? await reader.late() : []
  return late.length > 0 ? late : reader.next()
}

interface Telling {
  readonly subscription: Subscription
  readonly found: readonly Found[]
  readonly bell: Bell
}

async function* tell(state: State, { subscription, found, bell }: Telling): AsyncGenerator<StreamEvent, undefined> {
  for (const { delivery, position } of found) {
    const notification = await composed(state, subscription, { delivery, bell })
    if (bell.isClosed()) return undefined
    if (notification !== undefined) yield { kind: 'notification', position, notification }
  }
  return undefined
}

/** Tries until it can be had, or the listener is gone: to leave it out would be to lose it. */
async function composed(
  { options }: State,
  subscription: Subscription,
  { delivery, bell }: { readonly delivery: Delivery; readonly bell: Bell },
): Promise<JsonObject | undefined> {
  while (!bell.isClosed()) {
    try {
      return await options.compose(subscription, delivery)
    } catch (error) {
      options.log.warn({ err: error, subscription: subscription.id }, 'a stream cannot go on now; trying again')
      const end = options.now() + RETRY
      while (!bell.isClosed() && options.now() < end) await bell.wait(end - options.now())
    }
  }
  return undefined
}

function endOf({ options }: State, subscription: Subscription | undefined): 'deleted' | 'expired' | undefined {
  if (subscription === undefined) return 'deleted'
  return statusOf(subscription, timeKeyOfMicros(options.now() * 1000)) === 'expired' ? 'expired' : undefined
}

/** Milliseconds until the listener has to look by itself. */
function patience({ options }: State, subscription: Subscription | undefined): number {
  if (options.store.capabilities.manyBrokers) return POLL
  // Nothing rings when it expires.
  return subscription?.expiresAt === undefined ? Infinity : POLL
}
