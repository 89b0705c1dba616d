/** Dead letters: deliveries that were given up. */
import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from '../outbox-port.ts'
import type { Row, Values } from './connection.ts'
import { answer } from './connection.ts'
import type { LogTables } from './log-rows.ts'
import { deliveryOf } from './log-rows.ts'
import type { Names } from './names.ts'

/** Rows that one statement removes at most: it holds up the broker while it runs. */
const STRETCH = 1000

export function createDeadLetters(tables: LogTables): DeadLetterStore {
  const { connection, spaces } = tables
  return {
    list: ({ after, limit, ...filter }) =>
      answer(() => {
        const { sql, values } = conditionOf(spaces, filter)
        const select = `SELECT d.seq, d.subscription, d.notification, l.record, d.reason, d.attempts, d.at, d.num
          FROM dead_letter d JOIN log l ON l.seq = d.seq WHERE ${sql} AND d.num > ? ORDER BY d.num LIMIT ?`
        return connection.all(select, ...values, Number(after ?? 0), limit).map(deadLetterOf)
      }),
    count: (filter) =>
      answer(() => {
        const { sql, values } = conditionOf(spaces, filter)
        return Number(connection.get(`SELECT count(*) FROM dead_letter d WHERE ${sql}`, ...values)?.[0])
      }),
    remove: (filter) => removeWhere(tables, conditionOf(spaces, filter)),
    trim: async ({ before, most }) => {
      const tooMany = 'd.num <= (SELECT num FROM dead_letter ORDER BY num DESC LIMIT 1 OFFSET ?)'
      return removeWhere(tables, { sql: `(d.at < ? OR ${tooMany})`, values: [before, most] })
    },
  }
}

interface Condition {
  readonly sql: string
  readonly values: Values
}

function conditionOf(spaces: Names, { space, subscription, notification }: DeadLetterFilter): Condition {
  const parts = [
    ...(space === undefined ? [] : [['d.space = ?', spaces.find(space) ?? null] as const]),
    ...(subscription === undefined ? [] : [['d.subscription = ?', subscription] as const]),
    ...(notification === undefined ? [] : [['d.notification = ?', notification] as const]),
  ]
  return { sql: ['TRUE', ...parts.map(([sql]) => sql)].join(' AND '), values: parts.map(([, value]) => value) }
}

async function removeWhere({ connection, queue }: LogTables, { sql, values }: Condition): Promise<number> {
  const statement = `DELETE FROM dead_letter WHERE num IN (SELECT d.num FROM dead_letter d WHERE ${sql} LIMIT ?)`
  let removed = 0
  for (;;) {
    const gone = await queue.add(() => connection.run(statement, ...values, STRETCH))
    removed += gone
    if (gone < STRETCH) return removed
  }
}

function deadLetterOf(row: Row): DeadLetter {
  const [reason, attempts, at, num] = row.slice(4)
  return {
    delivery: deliveryOf(row.slice(0, 4)),
    ...{ reason: String(reason), attempts: Number(attempts), at: String(at), cursor: String(num) },
  }
}
