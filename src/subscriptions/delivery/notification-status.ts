/**
 * Counters of each subscription (ETSI GS CIM 009 V1.9.1, clauses 5.2.14, 5.8.6): kept in memory, written now and then and at
 * the end. A crash may lose the last seconds of them, never a notification.
 */
import type { TimeKey } from '../../base/time.ts'
import type { Space } from '../../core/model/space.ts'
import type { NotificationStatus } from '../../core/model/subscription.ts'
import type { DocumentStore } from '../../store/port.ts'
import type { Log } from '../../ops/log.ts'
import { subscriptionKey } from '../subscription-key.ts'

export interface NotificationStatuses {
  /** Reads back what was written. */
  load(): Promise<void>
  /** One try that ended at `time`. */
  count(space: Space, id: string, result: { readonly isDelivered: boolean; readonly time: TimeKey }): void
  /** Undefined while there was no try. */
  get(space: Space, id: string): NotificationStatus | undefined
  /** The subscription is gone: its counters too. */
  forget(space: Space, id: string): void
  flush(): Promise<void>
  /** Ends the timer and writes a last time. */
  close(): Promise<void>
}

interface Kept {
  readonly space: Space
  readonly id: string
  readonly status: NotificationStatus
}

const KIND = 'subscription-status'
const first: NotificationStatus = { status: 'ok', timesSent: 0, timesFailed: 0 }

/** `interval`: milliseconds between two writes of the counters that changed. */
export function createNotificationStatuses(documents: DocumentStore, log: Log, interval: number): NotificationStatuses {
  const kept = new Map<string, Kept>()
  const changed = new Set<string>()
  const forgotten = new Set<Promise<unknown>>()
  const write = async (key: string): Promise<void> => {
    const entry = kept.get(key)
    const isWritten = entry === undefined || (await writeOne(documents, log, entry))
    if (!isWritten && kept.has(key)) changed.add(key)
  }
  const flush = async (): Promise<void> => {
    const keys = [...changed]
    changed.clear()
    await Promise.all([...keys.map(write), ...forgotten])
  }
  const timer = setInterval(() => void flush(), interval)
  timer.unref()
  return {
    load: async () => {
      for (const { space, id, body } of await documents.list(KIND)) {
        kept.set(subscriptionKey(space, id), { space, id, status: body as unknown as NotificationStatus })
      }
    },
    count: (space, id, result) => {
      const key = subscriptionKey(space, id)
      kept.set(key, { space, id, status: counted(kept.get(key)?.status ?? first, result) })
      changed.add(key)
    },
    get: (space, id) => kept.get(subscriptionKey(space, id))?.status,
    forget: (space, id) => {
      const key = subscriptionKey(space, id)
      changed.delete(key)
      if (!kept.delete(key)) return
      const removal = documents.remove(space, KIND, id).catch((error: unknown) => {
        log.warn({ err: error, subscription: id }, 'the counters of a deleted subscription could not be removed')
      })
      forgotten.add(removal)
      void removal.finally(() => forgotten.delete(removal))
    },
    flush,
    close: async () => {
      clearInterval(timer)
      await flush()
    },
  }
}

async function writeOne(documents: DocumentStore, log: Log, { space, id, status }: Kept): Promise<boolean> {
  try {
    await documents.put({ space, kind: KIND, id, body: { ...status } })
    return true
  } catch (error) {
    log.warn({ err: error, subscription: id }, 'the counters of a subscription could not be written')
    return false
  }
}

function counted(before: NotificationStatus, result: { isDelivered: boolean; time: TimeKey }): NotificationStatus {
  const { isDelivered, time } = result
  return {
    ...before,
    status: isDelivered ? 'ok' : 'failed',
    timesSent: before.timesSent + 1,
    timesFailed: before.timesFailed + (isDelivered ? 0 : 1),
    lastNotification: time,
    ...(isDelivered ? { lastSuccess: time } : { lastFailure: time }),
  }
}
