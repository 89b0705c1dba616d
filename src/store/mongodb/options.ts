/** How this adapter speaks with MongoDB, whatever the URL says. */
import type { MongoClientOptions } from 'mongodb'

/** Milliseconds for one command on the server, and for the wait until a majority has a write in its journal. */
const COMMAND_TIMEOUT = 8_000

/** For every command that takes it. */
export const bounded = { maxTimeMS: COMMAND_TIMEOUT } as const

/** For the reads that a write decides on: the newest state there is, or the write would lose against it. */
export const newest = { ...bounded, readConcern: { level: 'local' } } as const

/** For the reads whose word is given to a client. */
export const durable = { ...bounded, readConcern: { level: 'majority' } } as const

/** A change stream waits this long (milliseconds) for a change; less than the socket may be silent. */
export const STREAM_WAIT = 2_000

/**
 * Options of the client. They override those of the URL where the store's promises depend on them: what is acknowledged
 * is durable, and what is read is durable too.
 */
export const clientOptions: MongoClientOptions = {
  appName: 'estran',
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: COMMAND_TIMEOUT },
  retryReads: true,
  retryWrites: true,
  // Beyond the server's own limit: it is for servers that fall silent.
  socketTimeoutMS: COMMAND_TIMEOUT + 2_000,
  connectTimeoutMS: 5_000,
  waitQueueTimeoutMS: COMMAND_TIMEOUT,
  ignoreUndefined: false,
}
