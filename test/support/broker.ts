/** Brokers for tests that go through the front door: one chapter of tests, run on every store there is. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import supertest from 'supertest'
import type { Agent } from 'supertest'
import { startBroker } from '../../src/broker.ts'
import { loadConfig } from '../../src/config.ts'
import type { TestContextMap, TestContexts } from './context-map.ts'
import { writeContextMap } from './context-map.ts'
import { skipWithout } from './needed.ts'

/** A broker on a port of its own, over a store of its own. */
export interface TestBroker {
  /** Without a trailing slash. */
  readonly url: string
  readonly request: Agent
  /** May be called by a test; the chapter stops whatever still runs. */
  stop(): Promise<void>
}

/**
 * Starts a broker; all those of one chapter see the same store, so only one may run on SQLite at a time. `contexts` are the
 * @contexts it can have beside the core's: by address, a document or the absolute path of one.
 */
export type Start = (flags?: Readonly<Record<string, string>>, contexts?: TestContexts) => Promise<TestBroker>

/** Flags that name a store which is empty at first, and how to get rid of it. */
interface TestStore {
  readonly flags: Readonly<Record<string, string>>
  remove(): Promise<void>
}

const MONGODB_URL = process.env['ESTRAN_TEST_MONGODB_URL'] ?? ''

/** Milliseconds that a hook or a test may take, on a machine that does other things too. */
const PATIENCE = 30_000

/**
 * Runs a chapter on SQLite and, where ESTRAN_TEST_MONGODB_URL names a server, on MongoDB. Without one MongoDB is skipped
 * loudly; under CI that is a failure.
 */
export function describeOnStores(title: string, chapter: (start: Start) => void): void {
  describeOnSqlite(title, chapter)
  describeOnSharedStore(title, chapter)
}

/** Runs a chapter on what only SQLite does. */
export function describeOnSqlite(title: string, chapter: (start: Start) => void): void {
  describe(`${title}, on SQLite`, function () {
    this.timeout(PATIENCE)
    chapter(useStore(sqliteStore))
  })
}

/** Runs a chapter where several brokers may run at a time: on MongoDB, as `describeOnStores` does. */
export function describeOnSharedStore(title: string, chapter: (start: Start) => void): void {
  describe(`${title}, on MongoDB`, function () {
    this.timeout(PATIENCE)
    if (MONGODB_URL !== '') chapter(useStore(mongodbStore))
    else
      it('runs where ESTRAN_TEST_MONGODB_URL names a server', function () {
        skipWithout(this, 'ESTRAN_TEST_MONGODB_URL')
      })
  })
}

function useStore(open: () => TestStore): Start {
  // Those that are still starting too: a hook that did not end in time must not leave one behind.
  const running = new Set<Promise<TestBroker>>()
  const maps: TestContextMap[] = []
  let store: TestStore | undefined
  after(async () => {
    try {
      await Promise.all(Array.from(running, async (broker) => (await broker).stop()))
    } finally {
      for (const map of maps) map.remove()
      await store?.remove()
    }
  })
  const mapFlags = (contexts: TestContexts): Readonly<Record<string, string>> => {
    const map = writeContextMap(contexts)
    maps.push(map)
    return { 'context-map': map.path }
  }
  return (flags = {}, contexts) => {
    store ??= open()
    const known = contexts === undefined ? {} : mapFlags(contexts)
    const broker = startTestBroker({ ...store.flags, ...known, ...flags }, () => running.delete(broker))
    running.add(broker)
    broker.catch(() => running.delete(broker))
    return broker
  }
}

async function startTestBroker(flags: Readonly<Record<string, string>>, stopped: () => void): Promise<TestBroker> {
  const common = { port: '0', 'log-level': 'silent', outbound: 'open' }
  const broker = await startBroker(loadConfig({ flags: { ...common, ...flags }, env: {}, cwd: process.cwd() }))
  let stopping: Promise<void> | undefined
  return {
    url: broker.url,
    request: supertest.agent(broker.url),
    stop: () => {
      stopped()
      return (stopping ??= broker.stop())
    },
  }
}

function sqliteStore(): TestStore {
  const folder = mkdtempSync(join(tmpdir(), 'estran-test-'))
  return {
    flags: { data: folder },
    remove: () => {
      rmSync(folder, { recursive: true })
      return Promise.resolve()
    },
  }
}

function mongodbStore(): TestStore {
  const name = `estran_test_${randomUUID().slice(0, 8)}`
  // Not the class URL: it refuses the lists of hosts that replica sets have.
  const url = MONGODB_URL.replace(/^(\w[\w+]*:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`)
  return {
    flags: { store: 'mongodb', 'mongodb-url': url },
    remove: async () => {
      const client = await new MongoClient(url).connect()
      await client.db().dropDatabase()
      await client.close()
    },
  }
}
