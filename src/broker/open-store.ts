import { hostname } from 'node:os'
import type { Config } from '../config.ts'
import type { Log } from '../ops/log.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { EntityStore, Store } from '../store/port.ts'

interface StoreParts {
  readonly log: Log
  readonly metrics: Pick<Metrics, 'commits' | 'candidatesEvaluated'>
}

/** Opens the store that the configuration names. Rejects when it cannot be had before the start deadline. */
export async function openStore(config: Config, parts: StoreParts): Promise<Store> {
  const store = await openConfigured(config, parts)
  return { ...store, entities: countingCommits(store.entities, parts.metrics.commits) }
}

function openConfigured(config: Config, parts: StoreParts): Promise<Store> {
  switch (config.store) {
    case 'sqlite':
      return openSqlite(config, parts)
    case 'mongodb':
      return openMongodb(config, parts)
  }
}

function countingCommits(entities: EntityStore, committed: () => void): EntityStore {
  return {
    ...entities,
    submit: async (change) => {
      const commit = await entities.submit(change)
      if (commit.record !== undefined) committed()
      return commit
    },
  }
}

// Each adapter is loaded only where it is used: the other one's driver costs memory and start-up time.
async function openSqlite({ data, maxCandidates }: Config, { metrics }: StoreParts): Promise<Store> {
  const { openSqliteStore } = await import('../store/sqlite/open.ts')
  return openSqliteStore({ folder: data, maxCandidates, evaluated: metrics.candidatesEvaluated })
}

async function openMongodb(
  { mongodbUrl, startTimeout, maxCandidates, port }: Config,
  { log, metrics }: StoreParts,
): Promise<Store> {
  if (mongodbUrl === undefined) throw new Error('ESTRAN_MONGODB_URL: the store mongodb needs it')
  const { openMongodbStore } = await import('../store/mongodb/open.ts')
  return openMongodbStore({
    url: mongodbUrl,
    broker: `${hostname()}:${String(process.pid)}`,
    // Port 0 is another one at each start.
    ...(port !== 0 && { seat: `${hostname()}:${String(port)}` }),
    startTimeout: startTimeout * 1000,
    maxCandidates,
    evaluated: metrics.candidatesEvaluated,
    log: (message) => {
      log.info({}, message)
    },
  })
}
