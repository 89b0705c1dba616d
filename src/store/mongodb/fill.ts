import type { Db, MatchKeysAndValues } from 'mongodb'
import type { Entity } from '../../core/model/entity.ts'
import type { LiveDocument } from './entity-document.ts'
import { call } from './errors.ts'
import type { LogDocument } from './log-document.ts'
import { dueKeysOf, recordOf } from './log-document.ts'
import { bounded } from './options.ts'

const SLICE = 500

/**
 * Gives the entities of an older database a member that they lack. A document that changes meanwhile is left alone: whoever
 * of this version writes it, another broker that does the same included, writes the member.
 */
export async function fill<K extends 'facets' | 'values'>(
  db: Db,
  member: K,
  derive: (entity: Entity) => LiveDocument[K],
): Promise<void> {
  const entities = db.collection<LiveDocument>('entities')
  for (let last = ''; ;) {
    const filter = { _id: { $gt: last }, deleted: false as const, [member]: { $exists: false } }
    const options = { ...bounded, projection: { version: 1, text: 1 }, sort: { _id: 1 }, limit: SLICE } as const
    const slice = await call(entities.find(filter, options).toArray())
    const updates = slice.map(({ _id, version, text }) => {
      const added: MatchKeysAndValues<LiveDocument> = { [member]: derive(JSON.parse(text) as Entity) }
      return { updateOne: { filter: { _id, version }, update: { $set: added } } }
    })
    if (updates.length > 0) await call(entities.bulkWrite(updates, { ...bounded, ordered: false }))
    last = slice.at(-1)?._id ?? last
    if (slice.length < SLICE) return
  }
}

/** Tells the log records of an older database who was ever owed a notification of theirs; those that owed any have `due`. */
export async function fillNotified(db: Db): Promise<void> {
  const log = db.collection<LogDocument>('log')
  for (let last = ''; ;) {
    const filter = { _id: { $gt: last }, due: { $exists: true }, notified: { $exists: false } }
    const options = { ...bounded, projection: { record: 1 }, sort: { _id: 1 }, limit: SLICE } as const
    const slice = await call(log.find<Pick<LogDocument, '_id' | 'record'>>(filter, options).toArray())
    const updates = slice.map(({ _id, record }) => {
      return { updateOne: { filter: { _id }, update: { $set: { notified: dueKeysOf(recordOf({ record })) } } } }
    })
    if (updates.length > 0) await call(log.bulkWrite(updates, { ...bounded, ordered: false }))
    last = slice.at(-1)?._id ?? last
    if (slice.length < SLICE) return
  }
}
