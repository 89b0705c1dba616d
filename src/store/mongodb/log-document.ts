/** Log records as they are kept: first inside the entity's document (pending), then in the collection `log`. */
import type { LogRecord } from '../../core/model/log-record.ts'
import type { Space } from '../../core/model/space.ts'
import type { DeadLetterReason } from '../outbox-port.ts'
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
  /** Those of `due` that were settled before, and are owed again. */
  readonly again?: readonly string[]
  /** Those of all that ever were owed one. */
  readonly notified?: readonly string[]
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
  const due = dueKeysOf(record)
  const pending = { broker, at, version: record.version, record: JSON.stringify(record) }
  return due.length === 0 ? pending : { ...pending, due }
}

/** The due keys of all that a record owes a notification, settled or not. */
export function dueKeysOf({ space, due }: LogRecord): readonly string[] {
  const subscriptions = new Set(due?.notifications.map(({ subscription }) => subscription))
  return Array.from(subscriptions, (subscription) => dueKey(space, subscription))
}

/** A pending record as it goes into the log. */
export function logDocumentOf(space: Space, entity: string, pending: Pending): LogDocument {
  const document = { _id: logKey(space, entity, pending.version), entity, ...pending }
  return pending.due === undefined ? document : { ...document, notified: pending.due }
}

/** The record that was stored. */
export function recordOf(stored: { readonly record: string }): LogRecord {
  return JSON.parse(stored.record) as LogRecord
}
