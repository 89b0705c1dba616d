/** The one connection to the database: how it is set up, its prepared statements, and what its errors become. */
import type { SQLInputValue } from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'
import { NgsiError } from '../../core/errors.ts'
import { defineFunctions } from './functions.ts'

export type Values = readonly SQLInputValue[]
/** No column holds a blob, no number needs a bigint. */
export type Row = readonly (string | number | null)[]

/** Statements by their text, prepared once. Rows are arrays: half the price of objects. */
export interface Connection {
  readonly database: DatabaseSync
  /** How many rows it changed. */
  run(sql: string, ...values: Values): number
  /** The rowid that it gave. */
  insert(sql: string, ...values: Values): number
  get(sql: string, ...values: Values): Row | undefined
  all(sql: string, ...values: Values): readonly Row[]
}

/**
 * Opens the file. Every commit is on disk before it returns (WAL, synchronous=FULL). The checkpoint every 10,000 pages
 * is what measured best for throughput. The time-out is short because a wait would stop the whole broker; the folder's
 * lock keeps other writers away.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false, timeout: 250 })
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 10000;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;
  `)
  return database
}

// Texts of the broker's own are some thirty; those of queries vary with the shape of the query.
const MAX_STATEMENTS = 500

/** The statements of a database. */
export function connect(database: DatabaseSync): Connection {
  defineFunctions(database)
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepared = (sql: string): ReturnType<DatabaseSync['prepare']> => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    statements.set(sql, statement)
    return statement
  }
  return {
    database,
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    insert: (sql, ...values) => Number(prepared(sql).run(...values).lastInsertRowid),
    // Arrays by setReturnArrays; the types of node:sqlite know objects only.
    get: (sql, ...values) => prepared(sql).get(...values) as Row | undefined,
    all: (sql, ...values) => prepared(sql).all(...values) as unknown as readonly Row[],
  }
}

/** True for an error of the driver or of the database, and not one of ours. */
export function isDatabaseError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_SQLITE_ERROR' || code === 'ERR_INVALID_STATE'
}

/** What passes the store's border: a driver's error only as the cause of ServiceUnavailable. */
export function translated(error: unknown): unknown {
  if (!isDatabaseError(error)) return error
  return new NgsiError('ServiceUnavailable', 'the database cannot be used now', { cause: error })
}

/** The answer of a synchronous read as a promise, its error translated. */
export function answer<T>(read: () => T): Promise<Awaited<T>> {
  return new Promise<T>((resolve) => {
    resolve(read())
  }).catch((error: unknown) => {
    throw translated(error)
  }) as Promise<Awaited<T>>
}

/** For what is answered from memory: throws ServiceUnavailable when the database was closed. */
export function assertOpen({ database }: Connection): void {
  if (!database.isOpen) throw new NgsiError('ServiceUnavailable', 'the store is closed')
}
