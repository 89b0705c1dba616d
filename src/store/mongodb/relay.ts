/** From pending records inside entity documents to the collection `log`. Relaying a record again changes nothing. */
import type { Filter } from 'mongodb'
import { call, onlyDuplicateKeys } from './errors.ts'
import type { PendingHolder } from './entity-document.ts'
import { logKey } from './keys.ts'
import type { LogDocument, Pending } from './log-document.ts'
import { logDocumentOf } from './log-document.ts'
import type { Marks } from './marks.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'

const SWEEP_SLICE = 100

/**
 * Inserts records into the log; those that are there already count as inserted. Tries twice: the entities are written, and
 * their writers should hear so in spite of one lost answer.
 */
export async function relay({ log }: Collections, records: readonly LogDocument[]): Promise<void> {
  if (records.length === 0) return
  const insert = (): Promise<void> => call(insertMissing(log, records))
  await insert().catch(insert)
}

async function insertMissing(log: Collections['log'], records: readonly LogDocument[]): Promise<void> {
  try {
    await log.insertMany([...records], { ...bounded, ordered: false })
  } catch (error) {
    if (!onlyDuplicateKeys(error)) throw error
  }
}

/**
 * Which pending records of these documents may not be in the log: those above their broker's mark that the log lacks.
 * Returns a test; asks the database at most once.
 */
export async function findUnrelayed(
  collections: Collections,
  marks: Marks,
  holders: readonly PendingHolder[],
): Promise<(holder: PendingHolder, pending: Pending) => boolean> {
  const keyOf = (holder: PendingHolder, pending: Pending): string => logKey(holder.space, holder.id, pending.version)
  const open = holders.flatMap((holder) =>
    holder.pending.filter((pending) => !marks.isRelayed(pending)).map((pending) => keyOf(holder, pending)),
  )
  if (open.length === 0) return () => false
  const cursor = collections.log.find({ _id: { $in: open } }, { ...bounded, projection: { _id: 1 } })
  const missing = new Set(open)
  for (const { _id } of await call(cursor.toArray())) missing.delete(_id)
  return (holder, pending) => missing.has(keyOf(holder, pending))
}

/** The stamps of a broker that a sweep looks at. */
export interface SweepRange {
  readonly broker: string
  readonly after: number
  readonly upTo: number
}

/** Told of records that came into the log by another way than the commit they belong to: who is owed by them, as due keys. */
export type Late = (dueKeys: readonly string[]) => void

/**
 * Relays what one broker left pending, then takes it out of the entity documents, so that it can never be relayed again.
 * Does no harm to a broker that lives.
 */
export async function sweep(collections: Collections, range: SweepRange, late: Late): Promise<void> {
  const stamps = { broker: range.broker, at: { $gt: range.after, $lte: range.upTo } }
  const filter: Filter<PendingHolder> = { pending: { $elemMatch: stamps } }
  const isInRange = ({ broker, at }: Pending): boolean =>
    broker === range.broker && at > range.after && at <= range.upTo
  for (;;) {
    const projection = { space: 1, id: 1, version: 1, pending: 1 }
    const cursor = collections.pendingHolders.find(filter, { ...bounded, projection, limit: SWEEP_SLICE })
    const holders = await call(cursor.toArray())
    const found = holders.map((holder) => ({ ...holder, pending: holder.pending.filter(isInRange) }))
    await relay(
      collections,
      found.flatMap(({ space, id, pending }) => pending.map((one) => logDocumentOf(space, id, one))),
    )
    late(found.flatMap(({ pending }) => pending.flatMap(({ due = [] }) => due)))
    if (found.length > 0) await call(clear(collections, range.broker, found))
    // A broker that lives goes on writing: what comes later is its own affair.
    if (holders.length < SWEEP_SLICE) return
  }
}

async function clear(
  { pendingHolders }: Collections,
  broker: string,
  relayed: readonly PendingHolder[],
): Promise<void> {
  const operations = relayed.map(({ _id, pending }) => ({
    updateOne: {
      filter: { _id },
      update: { $pull: { pending: { broker: { $eq: broker }, at: { $in: pending.map(({ at }) => at) } } } },
    },
  }))
  await pendingHolders.bulkWrite(operations, { ...bounded, ordered: false })
}
