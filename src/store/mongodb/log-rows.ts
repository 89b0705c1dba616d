/** Places in the log, and what its documents owe. */
import type { LogRecord } from '../../core/model/log-record.ts'
import type { DueDelivery } from '../outbox-port.ts'
import { dueKey } from './keys.ts'
import type { LogDocument } from './log-document.ts'
import { recordOf } from './log-document.ts'

/** A position is a version and, since those of two entities may be equal, a key. */
export function positionOf({ version, _id }: LogDocument): string {
  return `${String(version)} ${_id}`
}

/** What stands after a position. */
export function behind(position: string): object {
  const blank = position.indexOf(' ')
  const version = Number(position.slice(0, blank))
  return { $or: [{ version: { $gt: version } }, { version, _id: { $gt: position.slice(blank + 1) } }] }
}

/** The deliveries of one record to one subscription. */
export function deliveriesOf(document: LogDocument, subscription: string): readonly DueDelivery[] {
  const record = recordOf(document)
  const isAgain =
    document.again?.includes(dueKey(record.space, subscription)) === true ? { isAgain: true as const } : {}
  return notificationsOf(record, subscription).map((notification) => {
    return { position: positionOf(document), record, subscription, notification, ...isAgain }
  })
}

function notificationsOf({ due }: LogRecord, subscription: string): readonly string[] {
  return due?.notifications.filter((one) => one.subscription === subscription).map((one) => one.notification) ?? []
}
