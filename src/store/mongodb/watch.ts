/**
 * Following other brokers' changes to small documents. The truth is a query on `updatedAt`; a change stream, where the
 * server has one, only says when to ask. So both ways find the same, and a stream that breaks loses nothing.
 */
import type { ChangeStream } from 'mongodb'
import type { Space } from '../../core/model/space.ts'
import type { DocumentKind } from '../port.ts'
import type { SmallDocument } from './small-document.ts'
import { call } from './errors.ts'
import { STREAM_WAIT, bounded } from './options.ts'
import type { Collections } from './schema.ts'

/** Milliseconds between two queries, without a change stream and with one. */
const POLL_ALONE = 500
const POLL_BESIDE_STREAM = 15_000
/** Milliseconds for which a new stream is not yet relied upon. */
const STREAM_PROBATION = 5_000
/** Milliseconds after which a stream that ended, or cannot be had, is tried again. */
const STREAM_RETRY = 30_000
/** Milliseconds for which the changes of a stream are gathered: many at once are one question. */
const GATHER = 20
/** How far back (milliseconds) each query looks again: clocks of servers that take turns as primary differ. */
const OVERLAP = 10_000

type Changed = (space: Space, id: string) => void

export interface Watching {
  /** As the port has it. Tells also of what others changed shortly before, which does no harm. */
  watch(kind: DocumentKind, changed: Changed): () => void
  /** Tells the watchers of this broker's own change. */
  announce(document: Pick<SmallDocument, 'kind' | 'space' | 'id'>): void
  stop(): Promise<void>
}

interface Follower {
  readonly kind: DocumentKind
  readonly changed: Changed
  /** Asks now; when a question is under way, once more behind it. */
  poll(): void
}

/** Watches the documents of a database for a broker. */
export function createWatching(collections: Collections, broker: string): Watching {
  const followers = new Set<Follower>()
  const wakeAll = (): void => {
    for (const follower of followers) follower.poll()
  }
  const bell = createBell(collections, wakeAll)

  return {
    watch: (kind, changed) => {
      const follower = createFollower(collections, { kind, broker, changed })
      followers.add(follower)
      follower.poll()
      bell.start()
      return () => {
        followers.delete(follower)
      }
    },
    announce: ({ kind, space, id }) => {
      for (const follower of followers) if (follower.kind === kind) follower.changed(space, id)
    },
    stop: async () => {
      followers.clear()
      await bell.stop()
    },
  }
}

interface Following {
  readonly kind: DocumentKind
  readonly broker: string
  readonly changed: Changed
}

function createFollower(collections: Collections, following: Following): Follower {
  let seen: Seen = new Map()
  let state: 'idle' | 'asking' | 'again' = 'idle'

  const ask = async (): Promise<void> => {
    const found = await findChanges(collections, following, seen)
    const fresh = found.filter((document) => seen.get(document._id)?.mark !== markOf(document))
    seen = remember(found)
    for (const { broker, space, id } of fresh) if (broker !== following.broker) following.changed(space, id)
  }

  const poll = (): void => {
    if (state !== 'idle') {
      state = 'again'
      return
    }
    state = 'asking'
    // A question that fails is asked again at the next ring.
    void ask()
      .catch(() => undefined)
      .finally(() => {
        const again = state === 'again'
        state = 'idle'
        if (again) poll()
      })
  }

  return { kind: following.kind, changed: following.changed, poll }
}

/** What the last question found. It is found again within the overlap, and is no news then. */
type Seen = ReadonlyMap<string, { readonly mark: string; readonly at: number }>
type SeenDocument = Pick<SmallDocument, '_id' | 'space' | 'id' | 'revision' | 'broker' | 'updatedAt'>

function markOf({ revision, broker, updatedAt }: SeenDocument): string {
  return `${String(revision)} ${String(updatedAt.getTime())} ${broker}`
}

function remember(found: readonly SeenDocument[]): Seen {
  return new Map(found.map((one) => [one._id, { mark: markOf(one), at: one.updatedAt.getTime() }]))
}

const seenProjection = { space: 1, id: 1, revision: 1, broker: 1, updatedAt: 1 }

async function findChanges(
  collections: Collections,
  { kind }: Following,
  seen: Seen,
): Promise<readonly SeenDocument[]> {
  const newest = seen.values().reduce((latest, { at }) => Math.max(latest, at), -Infinity)
  const from = Number.isFinite(newest) ? newest : await newestChange(collections, kind)
  const filter = { kind, updatedAt: { $gte: new Date(from - OVERLAP) } }
  return call(collections.documents.find(filter, { ...bounded, projection: seenProjection }).toArray())
}

async function newestChange({ documents }: Collections, kind: DocumentKind): Promise<number> {
  const options = { ...bounded, projection: { updatedAt: 1 }, sort: { updatedAt: -1 } } as const
  return (await call(documents.findOne({ kind }, options)))?.updatedAt.getTime() ?? OVERLAP
}

interface Bell {
  start(): void
  stop(): Promise<void>
}

/** Rings at every change where there is a change stream, and now and then where there is none. */
function createBell({ documents }: Collections, ring: () => void): Bell {
  let stream: ChangeStream | undefined
  let openedAt = -Infinity
  let rangAt = -Infinity
  let gathering: NodeJS.Timeout | undefined
  let clock: NodeJS.Timeout | undefined

  const ringNow = (): void => {
    gathering = undefined
    rangAt = performance.now()
    ring()
  }

  const close = async (): Promise<void> => {
    const closing = stream
    stream = undefined
    await closing?.close().catch(() => undefined)
  }

  const open = (): void => {
    openedAt = performance.now()
    stream = documents.watch([], { maxAwaitTimeMS: STREAM_WAIT })
    stream.on('change', () => (gathering ??= setTimeout(ringNow, GATHER)))
    stream.on('error', () => void close())
  }

  const tick = (): void => {
    const now = performance.now()
    if (stream === undefined && now - openedAt >= STREAM_RETRY) open()
    const relied = stream !== undefined && now - openedAt >= STREAM_PROBATION
    if (now - rangAt >= (relied ? POLL_BESIDE_STREAM : POLL_ALONE)) ringNow()
  }

  return {
    start: () => {
      if (clock !== undefined) return
      open()
      clock = setInterval(tick, POLL_ALONE)
      clock.unref()
    },
    stop: async () => {
      clearInterval(clock)
      clearTimeout(gathering)
      await close()
    },
  }
}
