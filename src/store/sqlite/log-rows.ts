/** What the log, the outbox and dead letters work on, and what their rows say. */
import type { LogRecord } from '../../core/model/log-record.ts'
import type { DueDelivery } from '../outbox-port.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection, Row } from './connection.ts'
import type { Names } from './names.ts'

export interface LogTables {
  readonly connection: Connection
  readonly spaces: Names
  readonly queue: CommitQueue
}

/** A row of seq, subscription, notification, record and, where it may be owed again, that. */
export function deliveryOf([seq, subscription, notification, record, again]: Row): DueDelivery {
  return {
    position: String(seq),
    record: parseRecord(record),
    subscription: String(subscription),
    notification: String(notification),
    ...(again === 1 && { isAgain: true }),
  }
}

export function parseRecord(text: Row[number] | undefined): LogRecord {
  return JSON.parse(String(text)) as LogRecord
}
