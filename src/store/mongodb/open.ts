/** The MongoDB store: the parts of this folder put together. */
import type { Db, MongoClient } from 'mongodb'
import { NgsiError } from '../../core/errors.ts'
import type { Bounds, BoundsOptions } from '../bounds.ts'
import { boundsOf } from '../bounds.ts'
import type { Change, Committed, EntityStore, Store } from '../port.ts'
import type { CommitContext } from './commit.ts'
import { commitGroup } from './commit.ts'
import { connect } from './connect.ts'
import { join, startCustodian } from './custodian.ts'
import { createDiscovery } from './discovery.ts'
import { createDocumentStore } from './documents.ts'
import { createEntityReader } from './entities.ts'
import { call } from './errors.ts'
import { entityKey } from './keys.ts'
import { databaseOf } from './location.ts'
import type { MongodbLeases } from './leases.ts'
import { openLeases } from './leases.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createLogStore } from './log.ts'
import { createOutbox } from './outbox.ts'
import type { Marks } from './marks.ts'
import { createMarks } from './marks.ts'
import type { Job } from './plan.ts'
import { createQueue } from './queue.ts'
import type { Collections } from './schema.ts'
import { collectionsOf, migrate } from './schema.ts'
import { createSpaces } from './spaces.ts'
import { createTenure } from './tenure.ts'
import type { Place } from './turns.ts'
import { createWatching } from './watch.ts'

/** Changes in one commit, at most: few enough for one message to the database. */
const MAX_GROUP = 1_000

export interface MongodbStoreOptions extends BoundsOptions {
  /** A mongodb:// or mongodb+srv:// URL. What the store's promises depend on, it cannot change (`options.ts`). */
  readonly url: string
  /** The database; when absent, the one in the URL's path, else `estran`. */
  readonly database?: string
  /** What this process is called in the records it writes; a random part is added. */
  readonly broker: string
  /** Host and port where requests come in: who has it is the successor of whoever had it before (`tenure.ts`). */
  readonly seat?: string
  /** Milliseconds to wait for the database at start-up. */
  readonly startTimeout: number
  /** Hears what the start waits for. */
  readonly log?: (message: string) => void
}

/**
 * Opens the store: connects, brings the schema up to date, and relays what dead brokers left behind. Rejects with
 * ServiceUnavailable, naming the database's place without password, when it does not answer within `startTimeout`.
 */
export async function openMongodbStore(options: MongodbStoreOptions): Promise<Store> {
  const { url, broker, startTimeout, log = () => undefined } = options
  const client = await connect({ url, startTimeout, log })
  try {
    const db = client.db(options.database ?? databaseOf(url))
    const collections = collectionsOf(db)
    await migrate(db)
    const marks = createMarks(collections.brokers, broker)
    const tenure = createTenure(collections.tenures, { broker: marks.broker, seat: options.seat ?? null })
    // Nobody needs to be told of what is relayed now: delivery begins with all that is owed.
    await join({ collections, marks, late: () => undefined })
    const leases = await openLeases(collections.leases, tenure)
    return assemble({ client, db, collections, marks, leases, bounds: boundsOf(options) })
  } catch (error) {
    await client.close()
    throw error
  }
}

interface Parts {
  readonly client: MongoClient
  readonly db: Db
  readonly collections: Collections
  readonly marks: Marks
  readonly leases: MongodbLeases
  readonly bounds: Bounds
}

function assemble({ client, db, collections, marks, leases, bounds }: Parts): Store {
  const spaces = createSpaces(collections.spaces)
  const { heard: late, metAnother } = leases
  const custodian = startCustodian({ collections, marks, late })
  const watching = createWatching(collections, marks.broker)
  const writer = createWriter({ collections, spaces, marks, late, metAnother })
  return {
    name: 'mongodb',
    capabilities: { manyBrokers: true },
    spaces: { has: (space) => spaces.has(space) },
    entities: { ...createEntityReader(collections, spaces, bounds), submit: writer.submit },
    discovery: createDiscovery(collections, spaces),
    log: createLogStore(collections),
    outbox: createOutbox(collections),
    leases,
    deadLetters: createDeadLetters(collections),
    documents: createDocumentStore({ collections, spaces, broker: marks.broker, watching }),
    ping: async () => {
      await call(db.command({ ping: 1 }))
    },
    close: async () => {
      await writer.close()
      await watching.stop()
      await custodian.stop()
      // Others find out by its silence.
      await leases.stop().catch(() => undefined)
      // A last word that fails costs the others a sweep, and nothing else.
      await marks.leave().catch(() => undefined)
      await client.close()
    },
  }
}

interface Writer {
  readonly submit: EntityStore['submit']
  /** Waits for the commits under way; refuses what comes later. */
  close(): Promise<void>
}

function createWriter(context: CommitContext): Writer {
  const queue = createQueue<Job>({ maxGroup: MAX_GROUP, placeOf }, (jobs) => commitGroup(context, jobs))
  let closed = false
  return {
    submit: <T>(change: Change<T>) => {
      const { promise, resolve, reject } = Promise.withResolvers<Committed<T>>()
      if (closed) reject(new NgsiError('ServiceUnavailable', 'the broker is stopping'))
      // The job hands back what its own `decide` returned: a T.
      else queue.push({ change, resolve: resolve as Job['resolve'], reject })
      return promise
    },
    close: async () => {
      closed = true
      await queue.idle()
    },
  }
}

/** What a request writes has its time. */
function placeOf({ change }: Job): Place {
  return { key: entityKey(change.space, change.id), origin: change.micros }
}
