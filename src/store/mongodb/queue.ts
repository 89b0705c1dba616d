/**
 * Natural coalescing: what arrives while a group is under way goes into the next one. No timers, no waiting. How much goes
 * into one group follows from how long the last one took: a slow database gets small ones, so that none comes near the time
 * limits of its calls, and a batch of any length goes through. Who goes into it is a matter of turns (`turns.ts`).
 */
import type { Place } from './turns.ts'
import { createTurns } from './turns.ts'

export interface Queue<T> {
  push(item: T): void
  /** Resolves when nothing is waiting and nothing is under way. */
  idle(): Promise<void>
}

/** A group's size after a pause: what held for the last writes says nothing about the next ones. */
const FIRST_GROUP = 100

/** Milliseconds. Twice as many items as in a group that was faster still take a moment only. */
const FAST = 500

/** Milliseconds: far enough below the time limits that a database may become several times slower from one group to the next. */
const SLOW = 2_000

export interface QueueOptions<T> {
  readonly maxGroup: number
  readonly placeOf: (item: T) => Place
  /** A clock in milliseconds. */
  readonly now?: () => number
}

/**
 * `work` is called with one group at a time, of at most `maxGroup` items; those of one key are in the order of arrival. It
 * must not reject.
 */
export function createQueue<T>(
  { maxGroup, placeOf, now = () => performance.now() }: QueueOptions<T>,
  work: (group: readonly T[]) => Promise<void>,
): Queue<T> {
  const waiting = createTurns(placeOf)
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    let size = Math.min(FIRST_GROUP, maxGroup)
    // The first of a turn waits for the others of that turn.
    await new Promise(setImmediate)
    while (!waiting.isEmpty()) {
      const group = waiting.take(size)
      const began = now()
      await work(group)
      size = Math.min(sizeAfter(group.length, size, now() - began), maxGroup)
    }
    running = undefined
  }

  return {
    push: (item) => {
      waiting.push(item)
      running ??= drain()
    },
    idle: async () => {
      await running
    },
  }
}

/** The size of the next group, after one of `length` items took `elapsed` milliseconds. */
function sizeAfter(length: number, size: number, elapsed: number): number {
  // A group that was not full shows that it was slow, but not that a larger one would be fast.
  if (elapsed > SLOW) return Math.max(1, Math.floor(length / 2))
  return elapsed < FAST && length === size ? size * 2 : size
}
