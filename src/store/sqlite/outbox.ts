/** The outbox: the log's rows that are owed to someone. */
import { setImmediate } from 'node:timers/promises'
import type { OwedRecord, Outbox, SubscriptionRef, Settlement } from '../port.ts'
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
    owed: () =>
      answer(() =>
        connection.all('SELECT DISTINCT space, subscription FROM due').map(([space, subscription]) => ({
          space: spaces.nameOf(Number(space)),
          subscription: String(subscription),
        })),
      ),
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
    drop: (request) => dropOldest(tables, request),
    keepLatest: (ref) => keepLatest(tables, ref),
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

async function dropOldest(tables: LogTables, request: Parameters<Outbox['drop']>[0]): Promise<number> {
  const { connection, spaces, queue } = tables
  const { limit, before } = request
  let dropped = 0
  while (dropped < limit) {
    const most = Math.min(STRETCH, limit - dropped)
    const oldest = `SELECT d.seq, n.time FROM due d
      JOIN notified n ON n.space = d.space AND n.subscription = d.subscription AND n.seq = d.seq
      WHERE d.space = ?1 AND d.subscription = ?2 ORDER BY d.seq LIMIT ?3`
    const sql = `DELETE FROM due WHERE space = ?1 AND subscription = ?2 AND seq IN
      (SELECT seq FROM (${oldest}) WHERE ?4 IS NULL OR time < ?4)`
    const gone = await queue.add(() => connection.run(sql, ...keyOf(spaces, request), most, before ?? null))
    dropped += gone
    if (gone < most) return dropped
  }
  return dropped
}

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
