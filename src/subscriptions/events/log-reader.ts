/** Reads what one subscription is owed in the order of the log, each once, and also what came to stand there late. */
import type { Space } from '../../core/model/space.ts'
import type { DueDelivery, LogPosition, LogStore } from '../../store/outbox-port.ts'

export interface LogReader {
  /** Behind this everything is still to be read. */
  readonly position: LogPosition
  /** The next ones, and before them those that came somewhat late; none when there is nothing more for now. */
  next(): Promise<readonly Found[]>
  /**
   * Those that came to stand before `position` very late, or came late when nothing followed. Not one, where the log is in order
   * of commits.
   */
  late(): Promise<readonly Found[]>
}

export interface Found {
  readonly delivery: DueDelivery
  /** Where a reader that has seen this one may go on. */
  readonly position: LogPosition
}

export interface ReaderOptions {
  readonly log: LogStore
  readonly space: Space
  readonly subscription: string
  /** Absent: from now on. */
  readonly after?: LogPosition
}

/** Records read in one step: so many are in memory for each reader. */
const PAGE = 50
/**
 * Milliseconds from a version to where others can see it: what a commit mostly takes, and what one takes at most. The first
 * is looked for whenever there is something newer, so that of one entity the older state comes first.
 */
const LATE = 500
const VERY_LATE = 5000

/** Throws InvalidRequest when `after` is no position. */
export async function createLogReader(options: ReaderOptions): Promise<LogReader> {
  const { log, space, subscription, after } = options
  let position = after ?? (await log.endOf({ space, subscription }))
  const isInOrder = log.before(position, VERY_LATE) === position
  /** Notifications of the stretch in which more may appear. */
  let seen = new Set<string>()

  const read = (from: LogPosition): Promise<readonly DueDelivery[]> =>
    log.ofSubscription({ space, subscription, after: from, limit: PAGE })

  const lateBy = async (milliseconds: number): Promise<readonly Found[]> => {
    const stretch = await readUntil(read, log.before(position, milliseconds), position)
    const unseen = stretch.filter((delivery) => !seen.has(delivery.notification) && delivery.position !== after)
    if (milliseconds === VERY_LATE) seen = new Set()
    for (const { notification } of stretch) seen.add(notification)
    return unseen.map((delivery) => ({ delivery, position }))
  }
  const next = async (): Promise<readonly Found[]> => {
    const page = await read(position)
    const found = page.map((delivery) => ({ delivery, position: delivery.position }))
    if (isInOrder || page.length === 0) {
      position = page.at(-1)?.position ?? position
      return found
    }
    const late = await lateBy(LATE)
    position = page.at(-1)?.position ?? position
    for (const { notification } of page) seen.add(notification)
    return [...late, ...found]
  }
  const late = (): Promise<readonly Found[]> => (isInOrder ? Promise.resolve([]) : lateBy(VERY_LATE))
  // Who listens from now on has no use for what is there.
  if (after === undefined) await late()
  return {
    get position() {
      return position
    },
    next,
    late,
  }
}

/** All from a position up to one that was read before. */
async function readUntil(
  read: (from: LogPosition) => Promise<readonly DueDelivery[]>,
  from: LogPosition,
  last: LogPosition,
): Promise<readonly DueDelivery[]> {
  const all: DueDelivery[] = []
  for (;;) {
    const page = await read(all.at(-1)?.position ?? from)
    const end = page.findIndex((delivery) => delivery.position === last)
    all.push(...(end < 0 ? page : page.slice(0, end + 1)))
    if (end >= 0) return all
    // The last one is not there (any more): what is behind it will be read as new.
    if (page.length < PAGE) return []
  }
}
