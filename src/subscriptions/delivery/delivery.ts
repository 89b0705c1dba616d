/**
 * Delivery: works off the outbox, at least once, in order per subscription and entity.
 *
 * One process delivers for each subscription (`holding.ts`). A committed record's deliveries come in by `offer` and wait in
 * memory, in one queue per endpoint (`endpoint-queue.ts`).
 * What memory has no room for stays in the outbox and is read from there later (`outbox-reader.ts`); after a start everything
 * is. Nothing is taken off the outbox before it is delivered, dead, or no longer wanted (`turn.ts`).
 */
import type { TimeKey } from '../../base/time.ts'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { Space } from '../../core/model/space.ts'
import type { DeliveryStanding, Endpoint, NotificationStatus, Subscription } from '../../core/model/subscription.ts'
import type { SubscriptionRef } from '../../store/outbox-port.ts'
import { repeat } from '../../ops/repeat.ts'
import type { DeliveryParts, DeliveryState } from './delivery-state.ts'
import { endpointKey } from './endpoint-key.ts'
import { createEndpointQueue } from './endpoint-queue.ts'
import type { Delivery as FeedDelivery, Lane, LaneQueue, PeriodTurn } from './feed.ts'
import { evict } from './feed.ts'
import type { Holding } from './holding.ts'
import { createHolding, readAgain } from './holding.ts'
import { accept, feedOf } from './intake.ts'
import { createNotificationStatuses } from './notification-status.ts'
import { readBehind } from './outbox-reader.ts'
import { takePeriodTurn } from './period-turn.ts'
import { createReplays } from './replays.ts'
import { createSettler } from './settler.ts'
import { createSlots } from './slots.ts'
import { standing, totalsOf } from './standing.ts'
import { subscriptionKey } from '../subscription-key.ts'
import { takeTurn } from './turn.ts'
import { keepBounds } from './upkeep.ts'

export interface Delivery {
  /** Begins with what the outbox owes. Subscriptions must be known by then. */
  start(): Promise<void>
  /** To be called right after a commit, in the order of commits. Never throws; what is not taken here waits in the outbox. */
  offer(record: LogRecord): void
  /** To be called after a subscription was changed, paused, revived or deleted. */
  subscriptionChanged(space: Space, id: string): void
  /** To be called when a receiver that comes to the broker has come (`Transport.isHere`). */
  arrived(uri: string): void
  /** Undefined while there was no notification. What another process counts is seen some seconds later. */
  status(space: Space, id: string): Promise<NotificationStatus | undefined>
  /** How its delivery stands now, given how its notifications went. Rejects when the store cannot be asked. */
  standing(subscription: Subscription, status: Promise<NotificationStatus | undefined>): Promise<DeliveryStanding>
  /** The outbox owes it something again. */
  owesAgain(ref: SubscriptionRef): void
  /** Sends again what it was owed since a time. Resolves when that is durable. */
  replay(ref: SubscriptionRef, since: TimeKey): Promise<void>
  /**
   * Begins no further try, waits up to `deadline` milliseconds for those under way, writes the counters, and leaves the rest to
   * others.
   */
  stop(deadline: number): Promise<void>
}

/** Tries under way over all endpoints. */
const SLOTS = 256
/** Endpoints remembered before those are forgotten that nothing is owed to. */
const MOST_QUEUES = 1000
/** Milliseconds between two writes of the counters. */
const STATUS_INTERVAL = 5000

export function createDelivery(parts: DeliveryParts): Delivery {
  const state = createState(parts)
  parts.metrics.follow(() => totalsOf(state.feeds.values(), state.queues.values()))
  return {
    start: () => start(state),
    offer: (record) => {
      offer(state, record)
    },
    subscriptionChanged: (space, id) => {
      subscriptionChanged(state, space, id)
    },
    arrived: (uri) => {
      arrived(state, uri)
    },
    status: async (space, id) =>
      state.statuses.isLoaded(space, id) ? state.statuses.get(space, id) : state.statuses.read(space, id),
    standing: (subscription, status) => standing(state, subscription, status),
    owesAgain: ({ space, subscription }) => {
      state.holding.tell(space, subscription)
    },
    replay: (ref, since) => state.replays.request(ref, since),
    stop: (deadline) => stop(state, deadline),
  }
}

interface CreatedState extends DeliveryState {
  readonly queues: Map<string, LaneQueue>
  readonly underWay: Set<Promise<void>>
  readonly holding: Holding
  /** Ends the looks at what waits. */
  stopUpkeep: () => Promise<void>
}

function createState(parts: DeliveryParts): CreatedState {
  const { store, log, config } = parts
  const slots = createSlots(SLOTS)
  const queues = new Map<string, LaneQueue>()
  const underWay = new Set<Promise<void>>()
  const attempt = (next: Lane | PeriodTurn): Promise<void> => {
    const turn = 'period' in next ? takePeriodTurn(state, next) : takeTurn(state, next)
    underWay.add(turn)
    return turn.finally(() => underWay.delete(turn))
  }
  const createQueue = (endpoint: Endpoint): LaneQueue => {
    const limits = { base: config.retryBase, max: config.retryMax }
    const turns = createEndpointQueue({ slots, limits, now: parts.now, random: parts.random, attempt })
    const isHere = (): boolean => parts.endpoints.isHere(endpoint)
    return { uri: endpoint.uri, isHere, turns, waiting: 0, successes: 0, behind: new Set() }
  }
  const state: Omit<CreatedState, 'holding'> = {
    parts,
    feeds: new Map(),
    queues,
    underWay,
    settler: createSettler(store.outbox, log),
    statuses: createNotificationStatuses(store.documents, log, STATUS_INTERVAL),
    replays: createReplays({
      store,
      asked: ({ space, subscription }) => {
        sendAgain(created, space, subscription)
      },
      report: (err) => {
        log.warn({ err }, 'what is to be sent again could not be looked up')
      },
    }),
    queueOf: (endpoint) => {
      const key = endpointKey(endpoint)
      const known = queues.get(key)
      if (known !== undefined) return known
      if (queues.size >= MOST_QUEUES) forgetIdle(queues)
      const queue = createQueue(endpoint)
      queues.set(key, queue)
      return queue
    },
    isStarted: false,
    isStopping: false,
    stopUpkeep: () => Promise.resolve(),
  }
  const created: CreatedState = Object.assign(state, { holding: createHolding(state) })
  return created
}

function forgetIdle(queues: Map<string, LaneQueue>): void {
  for (const [key, { turns, waiting, behind }] of queues) {
    if (turns.isIdle && waiting === 0 && behind.size === 0) queues.delete(key)
  }
}

async function start(state: CreatedState): Promise<void> {
  const asking = await state.replays.load()
  await state.holding.begin()
  for (const { space, subscription } of asking) state.holding.tell(space, subscription)
  let round = 0
  state.stopUpkeep = repeat(
    state.parts.upkeepInterval,
    () => keepBounds(state, round++),
    (err) => {
      state.parts.log.warn({ err }, 'what waits could not be kept within its bounds; it is tried again')
    },
  )
}

function offer(state: CreatedState, record: LogRecord): void {
  const { space } = record
  const { store, subscriptionOf } = state.parts
  const isAlone = store.leases.isAlone()
  for (const { subscription: id, notification } of record.due?.notifications ?? []) {
    const subscription = subscriptionOf(space, id)
    if (subscription === undefined || !store.leases.holds({ space, subscription: id })) state.holding.tell(space, id)
    else take(state, { subscription, isAlone }, { record, notification })
  }
}

interface Taken {
  readonly subscription: Subscription
  /** Otherwise others may have committed earlier changes of the same entity: the outbox has them in order. */
  readonly isAlone: boolean
}

function take(state: CreatedState, { subscription, isAlone }: Taken, delivery: FeedDelivery): void {
  const feed = feedOf(state, subscription.space, subscription.id)
  feed.owedAtMost++
  if (feed.isBehind || state.isStopping) feed.hasMissed = true
  else if (isAlone) accept(state, subscription, delivery)
  else readAgain(state, feed)
}

function subscriptionChanged(state: CreatedState, space: Space, id: string): void {
  const { subscriptionOf, endpoints } = state.parts
  const subscription = subscriptionOf(space, id)
  const feed = state.feeds.get(subscriptionKey(space, id))
  if (feed === undefined) {
    // Whoever then holds it drops what it is owed.
    if (subscription === undefined) state.holding.tell(space, id)
    else if (endpoints.isGuest(subscription.endpoint)) state.holding.receive([subscription])
    else if (subscription.timeInterval !== undefined) state.holding.tell(space, id)
    return
  }
  const queue = feed.awaits
  evict(feed)
  queue?.behind.delete(feed)
  feed.awaits = undefined
  if (subscription !== undefined && !endpoints.isHere(subscription.endpoint)) state.holding.giveBack(feed)
  else state.holding.resume(feed)
}

/** Who holds it lets go of what is in memory, and begins with what is older. */
function sendAgain(state: CreatedState, space: Space, id: string): void {
  const feed = state.feeds.get(subscriptionKey(space, id))
  if (feed === undefined) {
    state.holding.tell(space, id)
    return
  }
  evict(feed)
  readAgain(state, feed)
}

function arrived(state: CreatedState, uri: string): void {
  for (const queue of state.queues.values()) {
    if (queue.uri !== uri) continue
    queue.turns.revive()
    readBehind(state, queue)
  }
  state.holding.receive(state.parts.subscriptionsTo(uri))
}

async function stop(state: CreatedState, deadline: number): Promise<void> {
  state.isStopping = true
  state.replays.close()
  for (const queue of state.queues.values()) queue.turns.close()
  await Promise.race([Promise.all(state.underWay), after(deadline)])
  await state.stopUpkeep()
  await state.settler.flush()
  await state.statuses.close()
  await state.holding.end()
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}
