/** What is counted of the notifications of one subscription (ETSI GS CIM 009 V1.9.1, clause 5.2.14). Pure. */
import type { TimeKey } from '../../base/time.ts'
import type { NotificationStatus } from '../../core/model/subscription.ts'

/** One try. */
export interface TryResult {
  readonly isDelivered: boolean
  readonly time: TimeKey
  /** Why it failed. */
  readonly reason?: string
  /** When the endpoint will be tried again, after a failure. */
  readonly notTriedUntil?: TimeKey
}

const undelivered = ['timesDropped', 'timesSuperseded', 'timesGivenUp'] as const

/** What became of notifications that were not delivered. */
export type UndeliveredCounter = (typeof undelivered)[number]

const first: NotificationStatus = { status: 'ok', timesSent: 0, timesFailed: 0 }

/** Counts are added; of all else the later is so. */
export function sum(
  before: NotificationStatus | undefined,
  since: NotificationStatus | undefined,
): NotificationStatus | undefined {
  if (before === undefined || since === undefined) return since ?? before
  const added = undelivered.flatMap((name) => {
    const count = (before[name] ?? 0) + (since[name] ?? 0)
    return count === 0 ? [] : [[name, count] as const]
  })
  return {
    ...before,
    ...since,
    timesSent: before.timesSent + since.timesSent,
    timesFailed: before.timesFailed + since.timesFailed,
    ...Object.fromEntries(added),
  }
}

/** What was counted so far, and one try more. */
export function counted(before: NotificationStatus | undefined, result: TryResult): NotificationStatus {
  const { isDelivered, time, reason, notTriedUntil } = result
  const { timesSent, timesFailed, ...rest } = before ?? first
  return {
    ...rest,
    status: isDelivered ? 'ok' : 'failed',
    timesSent: timesSent + 1,
    timesFailed: timesFailed + (isDelivered ? 0 : 1),
    lastNotification: time,
    ...(isDelivered ? { lastSuccess: time } : { lastFailure: time }),
    ...(reason !== undefined && { lastFailureReason: reason }),
    ...(notTriedUntil !== undefined && { notTriedUntil }),
  }
}

/** What was counted so far, and some more that were not delivered; `known` says how the tries went before that. */
export function added(
  before: NotificationStatus | undefined,
  { counter, count, known }: { counter: UndeliveredCounter; count: number; known: NotificationStatus | undefined },
): NotificationStatus {
  const status = before ?? { ...first, status: known?.status ?? first.status }
  return { ...status, [counter]: (status[counter] ?? 0) + count }
}
