/** Log records as they are kept: first inside the entity's document (pending), then in the collection `log`. */
import type { LogRecord } from '../../core/model/log-record.ts'
import type { Space } from '../../core/model/space.ts'
import type { DeadLetterReason } from '../port.ts'
import { dueKey, logKey } from './keys.ts'

/** A log record inside the document of its entity: committed with it, perhaps not in the log yet. */
export interface Pending {
  /** The broker that wrote it, and when by that broker's own clock (microseconds, rising): which flush it came with. */
  readonly broker: string
  readonly at: number
  readonly version: number
  /** The record as JSON text: names of attributes are IRIs, whose dots and dollars are not for member names. */
  readonly record: string
  readonly due?: readonly string[]
}

export interface LogDocument {
  /** Of space, entity and version: relaying a record again changes nothing. */
  readonly _id: string
  readonly entity: string
  readonly version: number
  readonly broker: string
  readonly at: number
  readonly record: string
  /** Due keys of the subscriptions that are still owed a notification. */
  readonly due?: readonly string[]
}

export interface DeadLetterDocument extends DeadLetterReason {
  readonly _id: string
  readonly space: Space
  readonly position: string
  readonly subscription: string
  readonly notification: string
  readonly record: string
}

/** A record as it goes into the entity's document. */
export function pendingOf(record: LogRecord, broker: string, at: number): Pending {
  const subscriptions = new Set(record.due?.notifications.map(({ subscription }) => subscription))
  const due = Array.from(subscriptions, (subscription) => dueKey(record.space, subscription))
  const pending = { broker, at, version: record.version, record: JSON.stringify(record) }
  return due.length === 0 ? pending : { ...pending, due }
}

/** A pending record as it goes into the log. */
export function logDocumentOf(space: Space, entity: string, pending: Pending): LogDocument {
  return { _id: logKey(space, entity, pending.version), entity, ...pending }
}

/** The record that was stored. */
export function recordOf(stored: { readonly record: string }): LogRecord {
  return JSON.parse(stored.record) as LogRecord
}
