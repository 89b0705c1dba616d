/**
 * Who has relayed what. Each flush of a broker has a stamp, which its pending records carry; a broker's mark says that
 * all of its flushes up to that stamp are in the log. Only what is above a mark is ever looked at again.
 */
import { randomUUID } from 'node:crypto'
import type { Collection } from 'mongodb'
import { call } from './errors.ts'
import type { Pending } from './log-document.ts'
import { bounded } from './options.ts'

export interface BrokerDocument {
  /** One per process: a broker that starts again is another one, and its former self is swept. */
  readonly _id: string
  readonly relayedUpTo: number
  /** Rises as long as the broker lives. */
  readonly beat: number
  /** True when nothing above the mark is left, and the broker is gone. */
  readonly finished: boolean
}

/** Milliseconds without a beat after which others take a broker for dead (`custodian.ts`). */
export const SILENCE = 30_000

/** A broker that has not beaten for so long (milliseconds) beats before it writes, because others may think it dead. */
const STALE = SILENCE / 2

/**
 * A call that failed may still reach the database afterwards. So long (milliseconds) after a failure the mark stands
 * still: more than any call, with its retry, may take.
 */
const DOUBT = 60_000

export interface Marks {
  /** The name that this process gives its records. */
  readonly broker: string
  /** Begins a flush; its stamp. One flush at a time. */
  begin(): number
  /** The flush has ended and all of it is in the log. */
  readonly succeed: () => void
  /** The flush has ended, and what it wrote may not be in the log. */
  readonly doubt: () => void
  inDoubt(): boolean
  /** What a sweep of this broker's own records may settle: everything after the mark up to the last flush that ended. */
  ended(): { readonly after: number; readonly upTo: number }
  /** All up to a stamp was swept. Moves the mark when no late write can come any more. */
  swept(upTo: number): void
  /** True when a mark says that the record is in the log; false when it may be. */
  isRelayed(pending: Pick<Pending, 'broker' | 'at'>): boolean
  /** Tells the others that this broker lives, and its mark. */
  beat(): Promise<void>
  /** Beats when the last beat is too long ago. */
  keepAlive(): Promise<void>
  /** Reads the marks of the others; returns those that are not finished. The first reading is of all that ever were. */
  readOthers(): Promise<readonly BrokerDocument[]>
  /** Says that a silent broker is finished, unless it has beaten meanwhile. */
  finish(broker: BrokerDocument): Promise<void>
  /** The last word of this broker. */
  leave(): Promise<void>
}

/** The marks of a database, and this process's own: `name` with a random part, which makes it one of a kind. */
export function createMarks(collection: Collection<BrokerDocument>, name: string): Marks {
  const broker = `${name}#${randomUUID().slice(0, 8)}`
  const others = new Map<string, number>()
  let unfinished: readonly string[] | undefined
  const own = createOwnMark()
  let beats = 0
  let lastBeat = -Infinity

  const publish = async (finished: boolean): Promise<void> => {
    const at = performance.now()
    beats += 1
    const state = { relayedUpTo: own.mark(), beat: beats, finished }
    await call(collection.updateOne({ _id: broker }, { $set: state }, { ...bounded, upsert: true }))
    lastBeat = at
  }

  return {
    broker,
    ...own.lifecycle,
    isRelayed: (pending) =>
      pending.at <= (pending.broker === broker ? own.mark() : (others.get(pending.broker) ?? -Infinity)),
    beat: () => publish(false),
    keepAlive: async () => {
      if (performance.now() - lastBeat > STALE) await publish(false)
    },
    readOthers: async () => {
      // Those that have just finished are read once more: their last mark is their final one.
      const filter = unfinished === undefined ? {} : { $or: [{ finished: false }, { _id: { $in: unfinished } }] }
      const found = await call(collection.find({ $and: [{ _id: { $ne: broker } }, filter] }, bounded).toArray())
      for (const other of found) others.set(other._id, other.relayedUpTo)
      const alive = found.filter(({ finished }) => !finished)
      unfinished = alive.map(({ _id }) => _id)
      return alive
    },
    finish: async ({ _id, beat }) => {
      await call(collection.updateOne({ _id, beat }, { $set: { finished: true } }, bounded))
    },
    leave: () => publish(!own.lifecycle.inDoubt()),
  }
}

type Lifecycle = Pick<Marks, 'begin' | 'succeed' | 'doubt' | 'inDoubt' | 'ended' | 'swept'>

function createOwnMark(): { mark(): number; lifecycle: Lifecycle } {
  let last = Date.now() * 1000
  let mark = last
  let flushing = false
  let doubtedAt: number | undefined

  return {
    mark: () => mark,
    lifecycle: {
      begin: () => {
        flushing = true
        last = Math.max(last + 1, Date.now() * 1000)
        return last
      },
      succeed: () => {
        flushing = false
        if (doubtedAt === undefined) mark = last
      },
      doubt: () => {
        flushing = false
        doubtedAt = performance.now()
      },
      inDoubt: () => doubtedAt !== undefined,
      ended: () => ({ after: mark, upTo: flushing ? last - 1 : last }),
      swept: (upTo) => {
        if (doubtedAt === undefined || performance.now() - doubtedAt < DOUBT) return
        mark = upTo
        doubtedAt = undefined
      },
    },
  }
}
