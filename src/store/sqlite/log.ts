/** The log, by entity and by who was notified. */
import { setImmediate } from 'node:timers/promises'
import { invalidRequest } from '../../core/errors.ts'
import type { HistoryRequest, LogStore } from '../outbox-port.ts'
import type { Connection } from './connection.ts'
import { answer } from './connection.ts'
import type { LogTables } from './log-rows.ts'
import { deliveryOf, parseRecord } from './log-rows.ts'

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
    endOf: ({ space, subscription }) =>
      answer(() => {
        const sql = 'SELECT max(seq) FROM notified WHERE space = ? AND subscription = ?'
        return String(connection.get(sql, spaces.find(space) ?? null, subscription)?.[0] ?? 0)
      }),
    before: (position) => {
      if (!/^[0-9]{1,15}$/.test(position)) throw invalidRequest('this is no position in the log')
      return position
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
