/** Which spaces exist. A space never goes, so that one that was seen is remembered. */
import type { Collection } from 'mongodb'
import type { Space } from '../../core/model/space.ts'
import { DEFAULT_SPACE, nonexistentTenant } from '../../core/model/space.ts'
import { call, isDuplicateKey } from './errors.ts'

export interface SpaceDocument {
  readonly _id: Space
}

export interface Spaces {
  has(space: Space): Promise<boolean>
  /** Rejects with NonexistentTenant for an unknown space. */
  require(space: Space): Promise<void>
  create(space: Space): Promise<void>
}

/** The spaces of a database. */
export function createSpaces(collection: Collection<SpaceDocument>): Spaces {
  const known = new Set<Space>([DEFAULT_SPACE])

  const has = async (space: Space): Promise<boolean> => {
    if (known.has(space)) return true
    const found = await call(collection.findOne({ _id: space }))
    if (found !== null) known.add(space)
    return found !== null
  }

  return {
    has,
    require: async (space) => {
      if (!(await has(space))) throw nonexistentTenant(space)
    },
    create: async (space) => {
      if (known.has(space)) return
      await call(insertIfAbsent(collection, space))
      known.add(space)
    },
  }
}

async function insertIfAbsent(collection: Collection<SpaceDocument>, space: Space): Promise<void> {
  try {
    await collection.insertOne({ _id: space })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}
