/** The documents of leases: one per subscription. Every change of one is conditional on the holder that was read. */
import type { AnyBulkWriteOperation, Collection } from 'mongodb'
import { call, onlyDuplicateKeys } from './errors.ts'
import { bounded } from './options.ts'

export interface LeaseDocument {
  /** Due key of the subscription. */
  readonly _id: string
  /** The tenure; null: given back. */
  readonly holder: string | null
  /** The last period that was claimed, by its beginning in milliseconds since 1970. */
  readonly claimed?: number
}

export type LeaseDocuments = Collection<LeaseDocument>

/** Leases asked for in one command. */
export const SLICE = 500

/** As they are, or as those are that were never held. */
export async function readLeases(leases: LeaseDocuments, keys: readonly string[]): Promise<readonly LeaseDocument[]> {
  const found = await call(leases.find({ _id: { $in: [...keys] } }, bounded).toArray())
  const known = new Map(found.map((lease) => [lease._id, lease]))
  return keys.map((_id) => known.get(_id) ?? { _id, holder: null })
}

/** Makes a tenure the holder of leases whose holder is still the one that was read. Which these are tells `leasesOf`. */
export async function takeLeases(
  leases: LeaseDocuments,
  wanted: readonly LeaseDocument[],
  holder: string,
): Promise<void> {
  const operations = wanted.map(({ _id, holder: before }): AnyBulkWriteOperation<LeaseDocument> => {
    // Of one that has a document somebody else may be the holder now: the upsert then meets its key.
    return { updateOne: { filter: { _id, holder: before }, update: { $set: { holder } }, upsert: before === null } }
  })
  try {
    await leases.bulkWrite(operations, { ...bounded, ordered: false })
  } catch (error) {
    if (!onlyDuplicateKeys(error)) throw error
  }
}

/** Those of the keys that a tenure holds. */
export async function leasesOf(
  leases: LeaseDocuments,
  holder: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const filter = { _id: { $in: [...keys] }, holder }
  const found = await call(leases.find(filter, { ...bounded, projection: { _id: 1 } }).toArray())
  return new Set(found.map(({ _id }) => _id))
}

/** Gives back those that the tenure holds. */
export async function releaseLeases(leases: LeaseDocuments, holder: string, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += SLICE) {
    const filter = { _id: { $in: keys.slice(at, at + SLICE) }, holder }
    await call(leases.updateMany(filter, { $set: { holder: null } }, bounded))
  }
}

/** Forgets those that the tenure holds. */
export async function removeLeases(leases: LeaseDocuments, holder: string, keys: readonly string[]): Promise<void> {
  await call(leases.deleteMany({ _id: { $in: [...keys] }, holder }, bounded))
}

/** True when the tenure holds the lease, and neither the period nor a later one was claimed before. */
export async function claimPeriodOf(leases: LeaseDocuments, lease: LeaseDocument, period: number): Promise<boolean> {
  const filter = { _id: lease._id, holder: lease.holder, claimed: { $not: { $gte: period } } }
  const { matchedCount } = await call(leases.updateOne(filter, { $set: { claimed: period } }, bounded))
  return matchedCount > 0
}
