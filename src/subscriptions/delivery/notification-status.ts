/**
 * Counters of each subscription (ETSI GS CIM 009 V1.9.1, clauses 5.2.14, 5.8.6): of those that this process delivers for they
 * are in memory, and written now and then and at the end. A crash may lose the last seconds of them, never a notification.
 *
 * What is counted is kept apart from what is stored until it is written, on top of what is stored then: where two processes
 * have counted, because one did not know yet that the other delivers now, both counts are in the sum.
 */
import { NgsiError } from '../../core/errors.ts'
import type { Space } from '../../core/model/space.ts'
import type { NotificationStatus } from '../../core/model/subscription.ts'
import type { DocumentStore } from '../../store/port.ts'
import type { Log } from '../../ops/log.ts'
import { subscriptionKey } from '../subscription-key.ts'
import type { TryResult, UndeliveredCounter } from './tally.ts'
import { added, counted, sum } from './tally.ts'

export interface NotificationStatuses {
  /** Reads what was written of one subscription, and keeps it until it is released. */
  load(space: Space, id: string): Promise<void>
  isLoaded(space: Space, id: string): boolean
  /** One try that ended at `time`. */
  count(space: Space, id: string, result: TryResult): void
  /** Notifications that left the outbox without having been delivered. */
  add(space: Space, id: string, counter: UndeliveredCounter, count: number): void
  /** From memory. Undefined while there was no try, or it is not loaded. */
  get(space: Space, id: string): NotificationStatus | undefined
  /** What another process may have counted; undefined while there was no try. */
  read(space: Space, id: string): Promise<NotificationStatus | undefined>
  /** Writes what was counted, and forgets it. */
  release(space: Space, id: string): Promise<void>
  /** The subscription is gone: its counters too. */
  forget(space: Space, id: string): void
  flush(): Promise<void>
  /** Ends the timer and writes a last time. */
  close(): Promise<void>
}

interface Kept {
  readonly space: Space
  readonly id: string
  stored: Stored
  /** What was counted beyond what is stored. */
  since: NotificationStatus | undefined
  isLoaded: boolean
}

interface Stored {
  readonly status: NotificationStatus | undefined
  /** 0: there is no document. */
  readonly revision: number
}

const KIND = 'subscription-status'
const nothing: Stored = { status: undefined, revision: 0 }

/** `interval`: milliseconds between two writes of the counters that changed. */
export function createNotificationStatuses(documents: DocumentStore, log: Log, interval: number): NotificationStatuses {
  const kept = new Map<string, Kept>()
  const writing = new Set<Promise<unknown>>()
  const write = async (entry: Kept): Promise<void> => {
    await writeOne(documents, log, entry)
    const key = subscriptionKey(entry.space, entry.id)
    if (!entry.isLoaded && entry.since === undefined && kept.get(key) === entry) kept.delete(key)
  }
  const flush = async (): Promise<void> => {
    const changed = [...kept.values()].filter(({ since }) => since !== undefined)
    await Promise.all([...changed.map((entry) => under(writing, write(entry))), ...writing])
  }
  const timer = setInterval(() => void flush(), interval)
  timer.unref()
  return {
    load: async (space, id) => {
      const stored = await readStored(documents, space, id)
      Object.assign(keep(kept, space, id), { stored, isLoaded: true })
    },
    isLoaded: (space, id) => kept.get(subscriptionKey(space, id))?.isLoaded === true,
    count: (space, id, result) => {
      const entry = keep(kept, space, id)
      entry.since = counted(entry.since, result)
    },
    add: (space, id, counter, count) => {
      if (count === 0) return
      const entry = keep(kept, space, id)
      entry.since = added(entry.since, { counter, count, known: entry.stored.status })
    },
    get: (space, id) => statusOfKept(kept.get(subscriptionKey(space, id))),
    // With what was counted here while another, or nobody yet, holds the lease: it is not written yet.
    read: async (space, id) =>
      sum((await readStored(documents, space, id)).status, kept.get(subscriptionKey(space, id))?.since),
    release: async (space, id) => {
      const entry = kept.get(subscriptionKey(space, id))
      if (entry === undefined) return
      entry.isLoaded = false
      await under(writing, write(entry))
    },
    forget: (space, id) => {
      kept.delete(subscriptionKey(space, id))
      // A write under way must not bring them back.
      const before = Promise.all(writing)
      void under(writing, removeOne(documents, log, { space, id, before }))
    },
    flush,
    close: async () => {
      clearInterval(timer)
      await flush()
    },
  }
}

function keep(kept: Map<string, Kept>, space: Space, id: string): Kept {
  const key = subscriptionKey(space, id)
  const known = kept.get(key) ?? { space, id, stored: nothing, since: undefined, isLoaded: false }
  kept.set(key, known)
  return known
}

/** Is in the set as long as it is under way. */
async function under(set: Set<Promise<unknown>>, promise: Promise<void>): Promise<void> {
  set.add(promise)
  await promise.finally(() => set.delete(promise))
}

async function readStored(documents: DocumentStore, space: Space, id: string): Promise<Stored> {
  const found = await documents.get(space, KIND, id)
  return found === undefined
    ? nothing
    : { status: found.body as unknown as NotificationStatus, revision: found.revision }
}

const MAX_ATTEMPTS = 3

/** What cannot be written stays counted, for the next time. Never rejects. */
async function writeOne(documents: DocumentStore, log: Log, entry: Kept): Promise<void> {
  for (let attempt = 1; entry.since !== undefined; attempt += 1) {
    const { stored, since } = entry
    const written = { status: sum(stored.status, since), revision: stored.revision + 1 }
    entry.stored = written
    entry.since = undefined
    try {
      await writeStored(documents, entry, written)
      return
    } catch (err) {
      entry.since = sum(since, entry.since)
      entry.stored = stored
      if (attempt < MAX_ATTEMPTS && (await refreshed(documents, entry, err))) continue
      log.warn({ err, subscription: entry.id }, 'the counters of a subscription could not be written')
      return
    }
  }
}

async function writeStored(documents: DocumentStore, { space, id }: Kept, { status, revision }: Stored): Promise<void> {
  const document = { space, kind: KIND, id, body: { ...status } } as const
  if (revision === 1) await documents.insert(document, false)
  else await documents.replace({ ...document, revision: revision - 1 })
}

/** True when another had written meanwhile, and what it wrote is known now. */
async function refreshed(documents: DocumentStore, entry: Kept, error: unknown): Promise<boolean> {
  const overtaken = ['AlreadyExists', 'Conflict', 'ResourceNotFound']
  if (!(error instanceof NgsiError) || !overtaken.includes(error.name)) return false
  const stored = await readStored(documents, entry.space, entry.id).catch(() => undefined)
  entry.stored = stored ?? entry.stored
  return stored !== undefined
}

interface Removal {
  readonly space: Space
  readonly id: string
  readonly before: Promise<unknown>
}

async function removeOne(documents: DocumentStore, log: Log, { space, id, before }: Removal): Promise<void> {
  try {
    await before
    await documents.remove(space, KIND, id)
  } catch (err) {
    log.warn({ err, subscription: id }, 'the counters of a deleted subscription could not be removed')
  }
}

function statusOfKept(entry: Kept | undefined): NotificationStatus | undefined {
  return entry && sum(entry.stored.status, entry.since)
}
