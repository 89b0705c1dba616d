/** Dead letters: deliveries that were given up. */
import type { Filter } from 'mongodb'
import type { DeadLetter, DeadLetterFilter, DeadLetterStore, Settlement } from '../outbox-port.ts'
import { call, onlyDuplicateKeys } from './errors.ts'
import { dueKey, logKey } from './keys.ts'
import type { DeadLetterDocument, LogDocument } from './log-document.ts'
import { recordOf } from './log-document.ts'
import { deliveriesOf } from './log-rows.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'

/** Documents removed in one step. */
const STRETCH = 1000

const oldestFirst = { at: 1, _id: 1 } as const

export function createDeadLetters({ deadLetters }: Collections): DeadLetterStore {
  return {
    list: async ({ after, limit, ...filter }) => {
      const found = deadLetters.find(
        { $and: [conditionOf(filter), after === undefined ? {} : behind(after)] },
        { ...bounded, sort: oldestFirst, limit },
      )
      return (await call(found.toArray())).map(deadLetterOf)
    },
    count: (filter) => call(deadLetters.countDocuments(conditionOf(filter), bounded)),
    remove: async (filter) => {
      const { deletedCount } = await call(deadLetters.deleteMany(conditionOf(filter), bounded))
      return deletedCount
    },
    trim: async ({ before, most }) => {
      const { deletedCount } = await call(deadLetters.deleteMany({ at: { $lt: before } }, bounded))
      const tooMany = (await call(deadLetters.countDocuments({}, bounded))) - most
      return deletedCount + (await removeOldest(deadLetters, tooMany))
    },
  }
}

async function removeOldest(deadLetters: Collections['deadLetters'], count: number): Promise<number> {
  let removed = 0
  while (removed < count) {
    const limit = Math.min(STRETCH, count - removed)
    const options = { ...bounded, projection: { _id: 1 }, sort: oldestFirst, limit } as const
    const oldest = await call(deadLetters.find({}, options).toArray())
    const { deletedCount } = await call(deadLetters.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } }, bounded))
    removed += deletedCount
    if (oldest.length < limit) break
  }
  return removed
}

function conditionOf({ space, subscription, notification }: DeadLetterFilter): Filter<DeadLetterDocument> {
  return {
    ...(space !== undefined && { space }),
    ...(subscription !== undefined && { subscription }),
    ...(notification !== undefined && { notification }),
  }
}

/** A cursor is the time and the key. */
function cursorOf({ at, _id }: DeadLetterDocument): string {
  return `${at} ${_id}`
}

function behind(cursor: string): Filter<DeadLetterDocument> {
  const blank = cursor.indexOf(' ')
  const at = cursor.slice(0, blank)
  return { $or: [{ at: { $gt: at } }, { at, _id: { $gt: cursor.slice(blank + 1) } }] }
}

function deadLetterOf(document: DeadLetterDocument): DeadLetter {
  const { position, subscription, notification, reason, attempts, at } = document
  const delivery = { position, record: recordOf(document), subscription, notification }
  return { reason, attempts, at, delivery, cursor: cursorOf(document) }
}

/** Keeps the letters of settlements that have one. */
export async function keepDeadLetters({ log, deadLetters }: Collections, dead: readonly Settlement[]): Promise<void> {
  const keys = dead.map(({ space, entity, version }) => logKey(space, entity, version))
  const found = await call(log.find({ _id: { $in: keys } }, bounded).toArray())
  const documents = new Map(found.map((document) => [document._id, document]))
  const letters = dead.flatMap((settlement) => {
    const document = documents.get(logKey(settlement.space, settlement.entity, settlement.version))
    return document === undefined ? [] : letterOf(settlement, document)
  })
  if (letters.length > 0) await call(insertMissing(deadLetters, letters))
}

/** The letter; none when the delivery is settled already. */
function letterOf(settlement: Settlement, document: LogDocument): readonly DeadLetterDocument[] {
  const { space, subscription, deadLetter } = settlement
  if (deadLetter === undefined || document.due?.includes(dueKey(space, subscription)) !== true) return []
  return deliveriesOf(document, subscription).map(({ position, notification }) => ({
    _id: `${document._id} ${subscription}`,
    ...{ space, position, subscription, notification, ...deadLetter },
    record: document.record,
  }))
}

async function insertMissing(
  deadLetters: Collections['deadLetters'],
  letters: readonly DeadLetterDocument[],
): Promise<void> {
  try {
    await deadLetters.insertMany([...letters], { ...bounded, ordered: false })
  } catch (error) {
    if (!onlyDuplicateKeys(error)) throw error
  }
}
