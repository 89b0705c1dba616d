/** Ids of notifications: the same at every try, by any broker, so that a receiver can drop doubles. */
import { hash } from 'node:crypto'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { Subscription } from '../../core/model/subscription.ts'

const PREFIX = 'urn:ngsi-ld:Notification:'

/** The id of the notification of one change to one subscription. */
export function notificationId(subscription: string, record: Pick<LogRecord, 'space' | 'entity' | 'version'>): string {
  return hashedId([record.space, subscription, record.entity, String(record.version)])
}

/** The id of one page of what a periodic subscription is told in a period, which begins then (milliseconds since 1970). */
export function periodId({ space, id }: Pick<Subscription, 'space' | 'id'>, begin: number, page: number): string {
  return hashedId([space, id, 'period', String(begin), String(page)])
}

/** The id of one notification of several changes; `ids` are those that each would have had alone. */
export function combinedId(ids: readonly string[]): string {
  const [first] = ids
  return ids.length === 1 && first !== undefined ? first : hashedId(ids)
}

function hashedId(parts: readonly string[]): string {
  // JSON keeps the parts apart: ["a","bc"] and ["ab","c"] are not the same.
  return PREFIX + hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)
}
