/**
 * Deliveries in memory: a feed for each subscription, in it lanes, and for each endpoint the queue in which lanes take turns.
 */
import type { LogRecord } from '../../core/model/log-record.ts'
import type { Space } from '../../core/model/space.ts'
import type { Cursor, Page } from '../../store/port.ts'
import type { EndpointQueue, Turn } from './endpoint-queue.ts'

/** One notification owed to one subscription. */
export interface Delivery {
  readonly record: LogRecord
  /** The notification's id. */
  readonly notification: string
  /** Present when it was settled before, and is owed again. */
  readonly isAgain?: true
}

/** An endpoint's lanes, and how much they hold. */
export interface LaneQueue {
  /** The endpoint's URI. */
  readonly uri: string
  /** False while the endpoint is one that comes to the broker, and is not there: nothing is kept in memory for it. */
  readonly isHere: () => boolean
  readonly turns: EndpointQueue<Lane | PeriodTurn>
  /** Deliveries in memory, those under way not counted. */
  waiting: number
  /** Messages delivered since the start. */
  successes: number
  /** Feeds that had no room here: they are read again when there is some. */
  readonly behind: Set<Feed>
}

/**
 * Deliveries that must go one after the other: those of one subscription and entity; all of a throttled subscription, because
 * its window counts over all entities.
 */
export interface Lane extends Turn {
  readonly feed: Feed
  readonly queue: LaneQueue
  readonly key: string
  readonly isThrottled: boolean
  /** Only the latest state of each entity stays. */
  readonly keepsLatest: boolean
  /** Oldest first. */
  waiting: Delivery[]
  /** Tries of what stands first. */
  tries: number
  /** How many of them failed because of the message: it was refused, or the endpoint took others meanwhile. */
  refusals: number
  /** The endpoint's successes at the last failed try. */
  successesSeen: number
  /** In the endpoint's queue, or under way. */
  isScheduled: boolean
}

/** A period of a periodic subscription; in milliseconds since 1970. */
export interface Period {
  readonly begin: number
  /** The beginning of the next one. */
  readonly end: number
  readonly claimedAt: number
}

/** What is to be told of the entities that a periodic subscription selects, a page at a time. */
export interface PeriodTurn extends Turn {
  readonly feed: Feed
  readonly queue: LaneQueue
  readonly period: Period
  /** Pages that were told. */
  pages: number
  /** Tries of the one that is to be told now, which begins there. */
  tries: number
  after: Cursor | undefined
  page: Page | undefined
}

/** What delivery knows about one subscription: its lanes, and whether the outbox holds more than those. */
export interface Feed {
  readonly space: Space
  readonly id: string
  readonly lanes: Map<string, Lane>
  /** Notification ids in memory or not yet off the outbox: reading it must not bring them a second time. */
  readonly known: Set<string>
  /** Messages under way. */
  underWay: number
  /** The outbox may owe more than is in memory: until it has been read, new deliveries are left to it, to keep the order. */
  isBehind: boolean
  /** A delivery was left to the outbox after the last reading of it began. */
  hasMissed: boolean
  isReading: boolean
  /** Where it waits for room. */
  awaits: LaneQueue | undefined
  /** Reading must wait for what is under way: it was let go of, and may come back to the outbox's first place. */
  mustSettle: boolean
  /** Off the outbox since the last reading of it began: that reading may still bring them, and they stay known so long. */
  readonly settled: Set<string>
  /** Milliseconds since 1970 at which the last delivery came in. */
  lastUsed: number
  /** Milliseconds since 1970 at which throttling allows the next message. */
  nextAllowed: number
  /** No more than so many deliveries are owed; Infinity while they were not counted. */
  owedAtMost: number
  /** How many were owed after all but the latest of each entity were last taken off the outbox. */
  thinnedTo: number
}

/** A feed begins where the outbox begins. `now`: milliseconds since 1970. */
export function createFeed(space: Space, id: string, now: number): Feed {
  return {
    space,
    id,
    lanes: new Map(),
    known: new Set(),
    underWay: 0,
    isBehind: true,
    hasMissed: false,
    isReading: false,
    awaits: undefined,
    mustSettle: false,
    settled: new Set(),
    lastUsed: now,
    nextAllowed: 0,
    owedAtMost: Infinity,
    thinnedTo: 0,
  }
}

/** Lets go of all that waits in memory: the outbox has it. What is under way stays known. */
export function evict(feed: Feed): void {
  for (const lane of feed.lanes.values()) {
    lane.queue.waiting -= lane.waiting.length
    for (const delivery of lane.waiting.splice(0)) feed.known.delete(delivery.notification)
  }
  feed.lanes.clear()
  feed.isBehind = true
  feed.mustSettle = true
}
