/**
 * The MongoDB that the tests run on: `ESTRAN_TEST_MONGODB_URL`, and `ESTRAN_TEST_MONGODB_STREAMS_URL` where change streams
 * matter (the stand-in keeps every write for them, and grows slow). Each database of a test is its own, and is dropped.
 */
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
import { skipWithout } from '../../support/needed.ts'

const URL_VARIABLE = 'ESTRAN_TEST_MONGODB_URL'
const STREAMS_VARIABLE = 'ESTRAN_TEST_MONGODB_STREAMS_URL'
const url = process.env[URL_VARIABLE] ?? ''

/** Milliseconds that a hook or a test may take, on a machine that does other things too. */
const PATIENCE = 30_000

/** A database of its own, seen past the store too. */
export interface TestDatabase {
  readonly name: string
  readonly db: Db
  readonly collections: Collections
  /** `at`: the server by another way than the common one. */
  readonly open: (broker?: string, at?: string) => Promise<Store>
  readonly drop: () => Promise<void>
}

/** Tests that need a server: skipped loudly where none is named, failing where CI forgot it. */
export function describeOnMongodb(title: string, tests: () => void): void {
  describeWhere(title, URL_VARIABLE, tests)
}

/** Tests that need a server with change streams; they are given its URL. */
export function describeOnStreams(title: string, tests: (streamsUrl: string) => void): void {
  describeWhere(title, STREAMS_VARIABLE, tests)
}

function describeWhere(title: string, variable: string, tests: (server: string) => void): void {
  const server = process.env[variable] ?? ''
  describe(title, function () {
    this.timeout(PATIENCE)
    if (server !== '') tests(server)
    else {
      it(`runs where ${variable} names a server`, function () {
        skipWithout(this, variable)
      })
    }
  })
}

/** The URL of the test server. */
export function serverUrl(): string {
  return url
}

/** Databases that are not dropped: a hook that fails, or does not end in time, leaves them behind. */
const left = new Set<Promise<TestDatabase>>()

// A connection that stays open would keep the whole run from ending.
after(async function () {
  this.timeout(PATIENCE)
  await Promise.allSettled(Array.from(left, async (database) => (await database).drop()))
})

/** A new, empty database. Dropping it closes the stores that a failing test has left open. */
export function createDatabase(server = url): Promise<TestDatabase> {
  const database = connectToNew(server, () => left.delete(database))
  left.add(database)
  return database
}

async function connectToNew(server: string, dropped: () => void): Promise<TestDatabase> {
  const name = `estran_test_${randomUUID().slice(0, 8)}`
  const client = await new MongoClient(server).connect()
  const db = client.db(name)
  const stores = new Set<Promise<Store>>()
  return {
    name,
    db,
    collections: collectionsOf(db),
    open: (broker = 'test', at = server) => {
      const store = openMongodbStore({ url: at, database: name, broker, startTimeout: PATIENCE })
      stores.add(store)
      store.catch(() => stores.delete(store))
      return store
    },
    drop: async () => {
      dropped()
      try {
        await Promise.all(Array.from(stores, async (store) => (await store).close()))
        await db.dropDatabase()
      } finally {
        await client.close()
      }
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
    destroy: () => database.drop(),
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
