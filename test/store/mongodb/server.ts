/** The MongoDB that the tests run on: `ESTRAN_TEST_MONGODB_URL`. Each database of a test is its own, and is dropped. */
import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { MongoClient } from 'mongodb'
import { readCandidates } from '../../../src/store/mongodb/entities.ts'
import { openMongodbStore } from '../../../src/store/mongodb/open.ts'
import type { Collections } from '../../../src/store/mongodb/schema.ts'
import { collectionsOf } from '../../../src/store/mongodb/schema.ts'
import type { Store } from '../../../src/store/port.ts'
import type { OpenStore } from '../contract/opened.ts'
import { compareBytes } from '../contract/opened.ts'

const url = process.env['ESTRAN_TEST_MONGODB_URL'] ?? ''

/** A database of its own, seen past the store too. */
export interface TestDatabase {
  readonly name: string
  readonly db: Db
  readonly collections: Collections
  readonly open: (broker?: string) => Promise<Store>
  readonly drop: () => Promise<void>
}

/** Tests that need a server: skipped loudly where none is named, failing where CI forgot it. */
export function describeOnMongodb(title: string, tests: () => void): void {
  if (url !== '') {
    describe(title, tests)
    return
  }
  describe(title, () => {
    it('runs where ESTRAN_TEST_MONGODB_URL names a server', function () {
      if (process.env['CI'] === 'true') throw new Error('CI must run MongoDB: ESTRAN_TEST_MONGODB_URL is not set')
      this.skip()
    })
  })
}

/** The URL of the test server. */
export function serverUrl(): string {
  return url
}

/** A new, empty database. Dropping it closes the stores that a failing test has left open. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `estran_test_${randomUUID().slice(0, 8)}`
  const client = await new MongoClient(url).connect()
  const db = client.db(name)
  const stores: Store[] = []
  return {
    name,
    db,
    collections: collectionsOf(db),
    open: async (broker = 'test') => {
      const store = await openMongodbStore({ url, database: name, broker, startTimeout: 5_000 })
      stores.push(store)
      return store
    },
    drop: async () => {
      for (const store of stores) await store.close()
      await db.dropDatabase()
      await client.close()
    },
  }
}

/** A store for the contract suite. */
export const openContractStore: OpenStore = async () => {
  const database = await createDatabase()
  let store = await database.open()
  const isStandIn = await comparesUtf16()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await database.open()
      return store
    },
    destroy: async () => {
      await store.close()
      await database.drop()
    },
    candidates: (request) => readCandidates(database.collections, request),
    compareIds: isStandIn ? compareUtf16 : compareBytes,
  }
}

function compareUtf16(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

let utf16: Promise<boolean> | undefined

/** True when the server compares texts by UTF-16 units, which mongo-java-server does and MongoDB does not. */
export function comparesUtf16(): Promise<boolean> {
  return (utf16 ??= askForOrder())
}

async function askForOrder(): Promise<boolean> {
  const { db, drop } = await createDatabase()
  await db.collection<{ _id: string }>('order').insertMany([{ _id: '\uFFFD' }, { _id: '\u{1F30A}' }])
  const [first] = await db.collection<{ _id: string }>('order').find().sort({ _id: 1 }).toArray()
  await drop()
  return first?._id !== '\uFFFD'
}
