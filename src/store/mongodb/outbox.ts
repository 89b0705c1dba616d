/** The outbox: the log documents that are owed to someone. */
import type { Filter } from 'mongodb'
import { microsOfTimeKey } from '../../base/time.ts'
import type { DueDelivery, Outbox, SubscriptionRef, Settlement } from '../outbox-port.ts'
import { keepDeadLetters } from './dead-letters.ts'
import { call } from './errors.ts'
import { dueKey, logKey, splitDueKey } from './keys.ts'
import type { LogDocument } from './log-document.ts'
import { behind, deliveriesOf } from './log-rows.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'

/** Documents looked at in one step. */
const STRETCH = 1000

/** What is owed, by subscription. */
export function createOutbox(collections: Collections): Outbox {
  const { log } = collections
  return {
    due: (request) => findDue(collections, request),
    owed: async () => {
      // Texts only: a record whose deliveries are all done keeps an empty list.
      const keys = await call(log.distinct('due', { due: { $gt: '' } }, bounded))
      return keys.filter((key) => typeof key === 'string').map(splitDueKey)
    },
    count: ({ space, subscription }) => call(log.countDocuments({ due: dueKey(space, subscription) }, bounded)),
    settle: (settlements) => settle(collections, settlements),
    owe: async (records) => {
      if (records.length === 0) return
      const operations = records.map(({ space, entity, version, subscription }) => {
        const key = dueKey(space, subscription)
        const filter = { _id: logKey(space, entity, version), notified: key, due: { $ne: key } }
        return { updateOne: { filter, update: { $addToSet: { due: key, again: key } } } }
      })
      await call(log.bulkWrite(operations, { ...bounded, ordered: false }))
    },
    drop: (request) => drop(collections, request),
    keepLatest: (ref) => keepLatest(collections, ref),
  }
}

async function findDue({ log }: Collections, request: Parameters<Outbox['due']>[0]): Promise<readonly DueDelivery[]> {
  const due = dueKey(request.space, request.subscription)
  const filter = request.after === undefined ? { due } : { due, ...behind(request.after) }
  const options = { ...bounded, sort: { version: 1, _id: 1 }, limit: request.limit } as const
  const documents = await call(log.find(filter, options).toArray())
  return documents.flatMap((document) => deliveriesOf(document, request.subscription))
}

/** Dead letters are kept before they leave the outbox: a crash in between has them delivered or settled once more. */
async function settle(collections: Collections, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return
  const dead = settlements.filter(({ deadLetter }) => deadLetter !== undefined)
  if (dead.length > 0) await keepDeadLetters(collections, dead)
  const operations = settlements.map(({ space, entity, version, subscription }) => {
    const key = dueKey(space, subscription)
    return {
      updateOne: { filter: { _id: logKey(space, entity, version) }, update: { $pull: { due: key, again: key } } },
    }
  })
  await call(collections.log.bulkWrite(operations, { ...bounded, ordered: false }))
}

async function drop(collections: Collections, request: Parameters<Outbox['drop']>[0]): Promise<number> {
  const key = dueKey(request.space, request.subscription)
  const filter = await unwanted(collections, key, request)
  if (filter === undefined) return 0
  const options = { ...bounded, projection: { _id: 1 }, sort: { version: 1, _id: 1 }, limit: STRETCH } as const
  let dropped = 0
  for (;;) {
    const oldest = await call(collections.log.find(filter, options).toArray())
    const ids = oldest.map(({ _id }) => _id)
    dropped += await takeOff(collections, key, ids)
    if (oldest.length < STRETCH) return dropped
  }
}

/** By age or by number. A version is never below the time of its record: at most a little is kept for longer. */
async function unwanted(
  { log }: Collections,
  key: string,
  request: Parameters<Outbox['drop']>[0],
): Promise<Filter<LogDocument> | undefined> {
  if ('before' in request) return { due: key, version: { $lt: microsOfTimeKey(request.before) } }
  const options = {
    ...bounded,
    projection: { version: 1 },
    sort: { version: -1, _id: -1 },
    skip: request.most,
  } as const
  const last = await call(log.findOne({ due: key }, options))
  if (last === null) return undefined
  const { version, _id } = last
  return { due: key, $or: [{ version: { $lt: version } }, { version, _id: { $lte: _id } }] }
}

/** From the newest to the oldest: what comes meanwhile is newer still, and is left alone. */
async function keepLatest(collections: Collections, { space, subscription }: SubscriptionRef): Promise<number> {
  const key = dueKey(space, subscription)
  const options = { ...bounded, projection: { entity: 1, version: 1 }, sort: { version: -1, _id: -1 } } as const
  const seen = new Set<string>()
  let dropped = 0
  for (let last: { version: number; _id: string } | undefined; ;) {
    const filter = last === undefined ? { due: key } : { due: key, ...inFrontOf(last) }
    const stretch = await call(collections.log.find(filter, { ...options, limit: STRETCH }).toArray())
    const older = stretch.filter(({ entity }) => seen.has(entity) || !seen.add(entity))
    dropped += await takeOff(
      collections,
      key,
      older.map(({ _id }) => _id),
    )
    last = stretch.at(-1)
    if (stretch.length < STRETCH || last === undefined) return dropped
  }
}

function inFrontOf({ version, _id }: { readonly version: number; readonly _id: string }): object {
  return { $or: [{ version: { $lt: version } }, { version, _id: { $lt: _id } }] }
}

async function takeOff({ log }: Collections, key: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const update = { $pull: { due: key, again: key } }
  const { modifiedCount } = await call(log.updateMany({ _id: { $in: [...ids] }, due: key }, update, bounded))
  return modifiedCount
}
