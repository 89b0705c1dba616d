/** The log and the outbox, which is the log's rows that are owed to someone. */
import { setImmediate } from 'node:timers/promises'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { DeadLetter, DueDelivery, HistoryRequest, LogStore, Outbox, Settlement } from '../port.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection, Row } from './connection.ts'
import { answer } from './connection.ts'
import type { Names } from './names.ts'

interface LogTables {
  readonly connection: Connection
  readonly spaces: Names
  readonly queue: CommitQueue
}

export function createLog({ connection, spaces }: LogTables): LogStore {
  return {
    ofEntity: ({ space, entity, afterVersion, limit }) =>
      answer(() => {
        const sql = `SELECT l.record FROM entity e JOIN log l ON l.entity = e.num
          WHERE e.space = ? AND e.id = ? AND l.version > ? ORDER BY l.version LIMIT ?`
        const rows = connection.all(sql, spaces.find(space) ?? null, entity, afterVersion, limit)
        return rows.map(([record]) => parseRecord(record))
      }),
    ofSubscription: async (request) => {
      const space = spaces.find(request.space) ?? null
      const after = await startOf(connection, space, request)
      return answer(() => {
        const sql = `SELECT n.seq, n.subscription, n.notification, l.record FROM notified n JOIN log l ON l.seq = n.seq
          WHERE n.space = ? AND n.subscription = ? AND n.seq > ? AND n.time >= ? ORDER BY n.seq LIMIT ?`
        return connection
          .all(sql, space, request.subscription, after, request.since ?? '', request.limit)
          .map(deliveryOf)
      })
    },
  }
}

/** Rows that one statement passes over at most: it holds up the broker while it runs. */
const STRETCH = 10_000

/** The position to read from: behind the rows that are older than what is asked for, a stretch at a time. */
async function startOf(connection: Connection, space: number | null, request: HistoryRequest): Promise<number> {
  const { subscription, since } = request
  let after = Number(request.after ?? 0)
  while (since !== undefined) {
    const sql = `SELECT min(seq) FILTER (WHERE time >= ?), max(seq), count(*) FROM
      (SELECT seq, time FROM notified WHERE space = ? AND subscription = ? AND seq > ? ORDER BY seq LIMIT ?)`
    const passed = await answer(() => connection.get(sql, since, space, subscription, after, STRETCH))
    const [found = null, last = null, count] = passed ?? []
    if (found !== null) return Number(found) - 1
    after = last === null ? after : Number(last)
    if (Number(count) < STRETCH) return after
    await setImmediate()
  }
  return after
}

function parseRecord(text: Row[number] | undefined): LogRecord {
  return JSON.parse(String(text)) as LogRecord
}

export function createOutbox({ connection, spaces, queue }: LogTables): Outbox {
  return {
    due: ({ space, subscription, after, limit }) =>
      answer(() => {
        const sql = `SELECT d.seq, d.subscription, d.notification, l.record FROM due d JOIN log l ON l.seq = d.seq
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
    settle(settlements) {
      if (settlements.length === 0) return Promise.resolve()
      return queue.add(() => {
        for (const settlement of settlements) settle({ connection, spaces }, settlement)
      })
    },
    deadLetters: ({ space, limit }) =>
      answer(() => {
        const sql = `SELECT d.seq, d.subscription, d.notification, l.record, d.reason, d.attempts, d.at
          FROM dead_letter d JOIN log l ON l.seq = d.seq WHERE d.space = ? ORDER BY d.num LIMIT ?`
        return connection.all(sql, spaces.find(space) ?? null, limit).map(deadLetterOf)
      }),
  }
}

/** What is settled already, or was never owed, changes nothing. */
function settle({ connection, spaces }: Omit<LogTables, 'queue'>, settlement: Settlement): void {
  const space = spaces.find(settlement.space) ?? null
  const sql = `DELETE FROM due WHERE space = ?1 AND subscription = ?2 AND seq =
    (SELECT l.seq FROM entity e JOIN log l ON l.entity = e.num WHERE e.space = ?1 AND e.id = ?3 AND l.version = ?4)
    RETURNING seq, notification`
  const gone = connection.get(sql, space, settlement.subscription, settlement.entity, settlement.version)
  if (gone === undefined || settlement.deadLetter === undefined) return
  const [seq = null, notification = null] = gone
  const { reason, attempts, at } = settlement.deadLetter
  const insert =
    'INSERT INTO dead_letter (space, subscription, seq, notification, reason, attempts, at) VALUES (?, ?, ?, ?, ?, ?, ?)'
  connection.run(insert, space, settlement.subscription, seq, notification, reason, attempts, at)
}

function deliveryOf([seq, subscription, notification, record]: Row): DueDelivery {
  return {
    position: String(seq),
    record: parseRecord(record),
    subscription: String(subscription),
    notification: String(notification),
  }
}

function deadLetterOf(row: Row): DeadLetter {
  const [reason, attempts, at] = row.slice(4)
  return { delivery: deliveryOf(row), reason: String(reason), attempts: Number(attempts), at: String(at) }
}
