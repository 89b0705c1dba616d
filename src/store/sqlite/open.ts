/** The embedded store: node:sqlite in one folder, for one process. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bounds, BoundsOptions } from '../bounds.ts'
import { boundsOf } from '../bounds.ts'
import type { Candidates } from '../candidates.ts'
import type { EntityRequest, Store } from '../port.ts'
import { createCommitQueue } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import { answer, connect, openDatabase } from './connection.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createDiscovery } from './discovery.ts'
import { createDocuments } from './documents.ts'
import { createEntityImages } from './entity-images.ts'
import { createEntityReads } from './entity-reads.ts'
import type { Tables } from './entity-writes.ts'
import { createEntityWrites } from './entity-writes.ts'
import { createFacetCounters } from './facets.ts'
import { lockFolder } from './folder-lock.ts'
import { createLeases } from './leases.ts'
import { createLog } from './log.ts'
import { createNames } from './names.ts'
import { createOutbox } from './outbox.ts'
import { migrate } from './schema.ts'

export interface SqliteStore extends Store {
  /** What the compiled query alone lets through: for the differential test. */
  readonly candidates: (request: EntityRequest) => Promise<Candidates>
}

export interface SqliteStoreOptions extends BoundsOptions {
  readonly folder: string
}

/**
 * Opens `<folder>/estran.db`, creating the folder and the database where there is none. Rejects with an Error when
 * another process has the folder (naming it), or when the database is of a newer Estran.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { folder } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(folder)
  try {
    const database = openDatabase(join(folder, 'estran.db'))
    migrate(database)
    return await Promise.resolve(storeOn(connect(database), boundsOf(options), unlock))
  } catch (error) {
    unlock()
    throw error
  }
}

function storeOn(connection: Connection, bounds: Bounds, unlock: () => void): SqliteStore {
  const spaces = createNames(connection, 'space')
  const types = createNames(connection, 'type')
  const facets = createFacetCounters(connection, types)
  const tables: Tables = { connection, spaces, types, images: createEntityImages(connection), facets }
  const writes = createEntityWrites(tables)
  // The entities' deferred rows change counters and may bring new types: they are written before the ones and the others.
  const queue = createCommitQueue(connection, [writes, facets, spaces, types])
  const { candidates, ...reads } = createEntityReads(tables, bounds)
  return {
    name: 'sqlite',
    capabilities: { manyBrokers: false },
    spaces: { has: (space) => answer(() => spaces.find(space) !== undefined) },
    entities: { ...reads, submit: (change) => queue.add(() => writes.apply(change)) },
    discovery: createDiscovery(tables),
    log: createLog({ connection, spaces, queue }),
    outbox: createOutbox({ connection, spaces, queue }),
    leases: createLeases({ connection, spaces, queue }),
    deadLetters: createDeadLetters({ connection, spaces, queue }),
    documents: createDocuments({ connection, spaces, queue }),
    ping: () =>
      answer(() => {
        connection.get('SELECT 1')
      }),
    close: () =>
      answer(() => {
        if (!connection.database.isOpen) return
        queue.close()
        connection.database.close()
        unlock()
      }),
    candidates,
  }
}
