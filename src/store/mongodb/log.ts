/** The log: what an entity went through, and what its changes still owe. */
import { microsOfTimeKey } from '../../base/time.ts'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { DeadLetter, DueDelivery, HistoryRequest, LogStore, Outbox, Settlement } from '../port.ts'
import { call, onlyDuplicateKeys } from './errors.ts'
import { dueKey, logKey, logKeysAfter, splitDueKey } from './keys.ts'
import type { DeadLetterDocument, LogDocument } from './log-document.ts'
import { recordOf } from './log-document.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'

/** The log by entity, and by who was notified. */
export function createLogStore(collections: Collections): LogStore {
  const { log } = collections
  return {
    ofEntity: async ({ space, entity, afterVersion, limit }) => {
      const filter = { _id: logKeysAfter(space, entity, afterVersion), entity }
      const options = { ...bounded, projection: { record: 1 }, sort: { _id: 1 }, limit } as const
      return (await call(log.find<{ record: string }>(filter, options).toArray())).map(recordOf)
    },
    ofSubscription: (request) => findNotified(collections, request),
  }
}

/** A version is never below the time of its request, but may be above: what is older is passed over by the record itself. */
async function findNotified({ log }: Collections, request: HistoryRequest): Promise<readonly DueDelivery[]> {
  const { space, subscription, since, limit } = request
  const notified = dueKey(space, subscription)
  const notBefore = since === undefined ? {} : { version: { $gte: microsOfTimeKey(since) } }
  const found: DueDelivery[] = []
  for (let after = request.after; ;) {
    const filter = { $and: [{ notified }, notBefore, after === undefined ? {} : behind(after)] }
    const options = { ...bounded, sort: { version: 1, _id: 1 }, limit: limit - found.length } as const
    const documents = await call(log.find(filter, options).toArray())
    const deliveries = documents.flatMap((document) => deliveriesOf(document, subscription))
    found.push(...deliveries.filter(({ record }) => since === undefined || record.time >= since))
    after = deliveries.at(-1)?.position
    if (found.length >= limit || documents.length < options.limit || after === undefined) return found
  }
}

/** What is owed, by subscription. */
export function createOutbox(collections: Collections): Outbox {
  return {
    due: (request) => findDue(collections, request),
    owed: async () => {
      // Texts only: a record whose deliveries are all done keeps an empty list.
      const keys = await call(collections.log.distinct('due', { due: { $gt: '' } }, bounded))
      return keys.filter((key) => typeof key === 'string').map(splitDueKey)
    },
    settle: (settlements) => settle(collections, settlements),
    deadLetters: async ({ space, limit }) => {
      const options = { ...bounded, sort: { at: 1, _id: 1 }, limit } as const
      return (await call(collections.deadLetters.find({ space }, options).toArray())).map(deadLetterOf)
    },
  }
}

type DueRequest = Parameters<Outbox['due']>[0]

async function findDue({ log }: Collections, request: DueRequest): Promise<readonly DueDelivery[]> {
  const due = dueKey(request.space, request.subscription)
  const filter = request.after === undefined ? { due } : { due, ...behind(request.after) }
  const options = { ...bounded, sort: { version: 1, _id: 1 }, limit: request.limit } as const
  const documents = await call(log.find(filter, options).toArray())
  return documents.flatMap((document) => deliveriesOf(document, request.subscription))
}

/** A position is a version and, since those of two entities may be equal, a key. */
function positionOf({ version, _id }: LogDocument): string {
  return `${String(version)} ${_id}`
}

function behind(position: string): object {
  const blank = position.indexOf(' ')
  const version = Number(position.slice(0, blank))
  return { $or: [{ version: { $gt: version } }, { version, _id: { $gt: position.slice(blank + 1) } }] }
}

function deliveriesOf(document: LogDocument, subscription: string): readonly DueDelivery[] {
  const record = recordOf(document)
  return notificationsOf(record, subscription).map((notification) => {
    return { position: positionOf(document), record, subscription, notification }
  })
}

function notificationsOf({ due }: LogRecord, subscription: string): readonly string[] {
  return due?.notifications.filter((one) => one.subscription === subscription).map((one) => one.notification) ?? []
}

/** Dead letters are kept before they leave the outbox: a crash in between has them delivered or settled once more. */
async function settle(collections: Collections, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return
  const dead = settlements.filter(({ deadLetter }) => deadLetter !== undefined)
  if (dead.length > 0) await keepDeadLetters(collections, dead)
  const operations = settlements.map(({ space, entity, version, subscription }) => ({
    updateOne: {
      filter: { _id: logKey(space, entity, version) },
      update: { $pull: { due: dueKey(space, subscription) } },
    },
  }))
  await call(collections.log.bulkWrite(operations, { ...bounded, ordered: false }))
}

async function keepDeadLetters({ log, deadLetters }: Collections, dead: readonly Settlement[]): Promise<void> {
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

function deadLetterOf(document: DeadLetterDocument): DeadLetter {
  const { position, subscription, notification, reason, attempts, at } = document
  return { reason, attempts, at, delivery: { position, record: recordOf(document), subscription, notification } }
}
