import { hostname } from 'node:os'
import type { Config } from '../config.ts'
import type { Log } from '../ops/log.ts'
import type { Store } from '../store/port.ts'

/** Opens the store that the configuration names. Rejects when it cannot be had before the start deadline. */
export async function openStore(config: Config, log: Log): Promise<Store> {
  switch (config.store) {
    case 'sqlite':
      return openSqlite(config)
    case 'mongodb':
      return openMongodb(config, log)
  }
}

// Each adapter is loaded only where it is used: the other one's driver costs memory and start-up time.
async function openSqlite({ data, maxCandidates }: Config): Promise<Store> {
  const { openSqliteStore } = await import('../store/sqlite/open.ts')
  return openSqliteStore({ folder: data, maxCandidates })
}

async function openMongodb({ mongodbUrl, startTimeout, maxCandidates }: Config, log: Log): Promise<Store> {
  if (mongodbUrl === undefined) throw new Error('ESTRAN_MONGODB_URL: the store mongodb needs it')
  const { openMongodbStore } = await import('../store/mongodb/open.ts')
  return openMongodbStore({
    url: mongodbUrl,
    broker: `${hostname()}:${String(process.pid)}`,
    startTimeout: startTimeout * 1000,
    maxCandidates,
    log: (message) => {
      log.info({}, message)
    },
  })
}
