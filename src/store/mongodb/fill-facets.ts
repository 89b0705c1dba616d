import type { Db } from 'mongodb'
import type { Entity } from '../../core/model/entity.ts'
import type { LiveDocument } from './entity-document.ts'
import { call } from './errors.ts'
import { facetsOf } from './facets.ts'
import { bounded } from './options.ts'

const SLICE = 500

/**
 * Gives the entities of an older database their facets. A document that changes meanwhile is left alone: whoever of this
 * version writes it, another broker that does the same included, writes its facets.
 */
export async function fillFacets(db: Db): Promise<void> {
  const entities = db.collection<LiveDocument>('entities')
  for (let last = ''; ;) {
    const filter = { _id: { $gt: last }, deleted: false as const, facets: { $exists: false } }
    const options = { ...bounded, projection: { version: 1, text: 1 }, sort: { _id: 1 }, limit: SLICE } as const
    const slice = await call(entities.find(filter, options).toArray())
    const updates = slice.map(({ _id, version, text }) => ({
      updateOne: {
        filter: { _id, version },
        update: { $set: { facets: facetsOf(JSON.parse(text) as Entity) } },
      },
    }))
    if (updates.length > 0) await call(entities.bulkWrite(updates, { ...bounded, ordered: false }))
    last = slice.at(-1)?._id ?? last
    if (slice.length < SLICE) return
  }
}
