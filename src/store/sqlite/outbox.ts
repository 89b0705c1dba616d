/** The outbox: the log's rows that are owed to someone. */
import { setImmediate } from 'node:timers/promises'
import type { OwedRecord, Outbox, SubscriptionRef, Settlement } from '../outbox-port.ts'
import type { Connection, Row, Values } from './connection.ts'
import { answer } from './connection.ts'
import type { LogTables } from './log-rows.ts'
import { deliveryOf } from './log-rows.ts'
import type { Names } from './names.ts'

/** Rows that one statement looks at or changes at most: it holds up the broker while it runs. */
const STRETCH = 1000

export function createOutbox(tables: LogTables): Outbox {
  const { connection, spaces, queue } = tables
  return {
    due: ({ space, subscription, after, limit }) =>
      answer(() => {
        const sql = `SELECT d.seq, d.subscription, d.notification, l.record, d.again FROM due d JOIN log l ON l.seq = d.seq
          WHERE d.space = ? AND d.subscription = ? AND d.seq > ? ORDER BY d.seq LIMIT ?`
        return connection.all(sql, spaces.find(space) ?? null, subscription, Number(after ?? 0), limit).map(deliveryOf)
      }),
    owed: () => answer(() => owed({ connection, spaces })),
    count: (ref) =>
      answer(() => {
        const sql = 'SELECT count(*) FROM due WHERE space = ? AND subscription = ?'
        return Number(connection.get(sql, ...keyOf(spaces, ref))?.[0])
      }),
    settle(settlements) {
      if (settlements.length === 0) return Promise.resolve()
      return queue.add(() => {
        for (const settlement of settlements) settle({ connection, spaces }, settlement)
      })
    },
    owe(records) {
      if (records.length === 0) return Promise.resolve()
      return queue.add(() => {
        for (const record of records) owe({ connection, spaces }, record)
      })
    },
    drop: (request) => drop(tables, request),
    keepLatest: (ref) => keepLatest(tables, ref),
  }
}

/** One look for each: DISTINCT would walk over everything that is owed. */
function owed({ connection, spaces }: Pick<LogTables, 'connection' | 'spaces'>): readonly SubscriptionRef[] {
  const sql = `SELECT space, subscription FROM due WHERE (space, subscription) > (?, ?) ORDER BY space, subscription LIMIT 1`
  const found: SubscriptionRef[] = []
  for (let last: Row | undefined = [0, '']; ;) {
    last = connection.get(sql, ...last)
    if (last === undefined) return found
    found.push({ space: spaces.nameOf(Number(last[0])), subscription: String(last[1]) })
  }
}

function keyOf(spaces: Names, { space, subscription }: SubscriptionRef): Values {
  return [spaces.find(space) ?? null, subscription]
}

/** The log's row of an entity's version. */
const SEQ = `(SELECT l.seq FROM entity e JOIN log l ON l.entity = e.num WHERE e.space = ?1 AND e.id = ?3 AND l.version = ?4)`

/** What is settled already, or was never owed, changes nothing. */
function settle({ connection, spaces }: Pick<LogTables, 'connection' | 'spaces'>, settlement: Settlement): void {
  const [space = null, subscription = null] = keyOf(spaces, settlement)
  const sql = `DELETE FROM due WHERE space = ?1 AND subscription = ?2 AND seq = ${SEQ} RETURNING seq, notification`
  const gone = connection.get(sql, space, subscription, settlement.entity, settlement.version)
  if (gone === undefined || settlement.deadLetter === undefined) return
  const [seq = null, notification = null] = gone
  const { reason, attempts, at } = settlement.deadLetter
  const insert =
    'INSERT INTO dead_letter (space, subscription, seq, notification, reason, attempts, at) VALUES (?, ?, ?, ?, ?, ?, ?)'
  connection.run(insert, space, subscription, seq, notification, reason, attempts, at)
}

function owe({ connection, spaces }: Pick<LogTables, 'connection' | 'spaces'>, record: OwedRecord): void {
  const sql = `INSERT OR IGNORE INTO due (space, subscription, seq, notification, again)
    SELECT space, subscription, seq, notification, 1 FROM notified WHERE space = ?1 AND subscription = ?2 AND seq = ${SEQ}`
  connection.run(sql, ...keyOf(spaces, record), record.entity, record.version)
}

async function drop(tables: LogTables, request: Parameters<Outbox['drop']>[0]): Promise<number> {
  const { connection, spaces, queue } = tables
  const key = keyOf(spaces, request)
  const unwanted =
    'before' in request
      ? { sql: UNWANTED_BY_AGE, values: [...key, request.before, STRETCH] }
      : { sql: UNWANTED_BY_NUMBER, values: [...key, request.most, STRETCH] }
  const sql = `DELETE FROM due WHERE space = ?1 AND subscription = ?2 AND seq IN (${unwanted.sql})`
  let dropped = 0
  for (;;) {
    const gone = await queue.add(() => connection.run(sql, ...unwanted.values))
    dropped += gone
    if (gone < STRETCH) return dropped
  }
}

/** The oldest ones, as far as they are too old. */
const UNWANTED_BY_AGE = `SELECT seq FROM (
  SELECT d.seq, n.time FROM due d JOIN notified n ON n.space = d.space AND n.subscription = d.subscription AND n.seq = d.seq
  WHERE d.space = ?1 AND d.subscription = ?2 ORDER BY d.seq LIMIT ?4) WHERE time < ?3`

const UNWANTED_BY_NUMBER = `SELECT seq FROM due WHERE space = ?1 AND subscription = ?2 AND seq <=
  (SELECT seq FROM due WHERE space = ?1 AND subscription = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3) ORDER BY seq LIMIT ?4`

/** From the newest to the oldest: what comes meanwhile is newer still, and is left alone. */
async function keepLatest({ connection, spaces, queue }: LogTables, ref: SubscriptionRef): Promise<number> {
  const sql = `SELECT d.seq, l.entity FROM due d JOIN log l ON l.seq = d.seq
    WHERE d.space = ? AND d.subscription = ? AND d.seq < ? ORDER BY d.seq DESC LIMIT ?`
  const seen = new Set<number>()
  let dropped = 0
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const rows = await answer(() => connection.all(sql, ...keyOf(spaces, ref), before, STRETCH))
    const older = rows.filter(([, entity]) => seen.has(Number(entity)) || !seen.add(Number(entity)))
    dropped += await queue.add(() => removeRows(connection, keyOf(spaces, ref), older))
    if (rows.length < STRETCH) return dropped
    before = Number(rows.at(-1)?.[0])
    await setImmediate()
  }
}

function removeRows(connection: Connection, key: Values, rows: readonly Row[]): number {
  if (rows.length === 0) return 0
  const sql = 'DELETE FROM due WHERE space = ? AND subscription = ? AND seq IN (SELECT value FROM json_each(?))'
  return connection.run(sql, ...key, JSON.stringify(rows.map(([seq]) => seq)))
}
