/** Natural coalescing: what arrives while a group is under way goes into the next one. No timers, no waiting. */

export interface Queue<T> {
  push(item: T): void
  /** Resolves when nothing is waiting and nothing is under way. */
  idle(): Promise<void>
}

/** `work` is called with one group at a time, of at most `maxGroup` items in the order of arrival. It must not reject. */
export function createQueue<T>(maxGroup: number, work: (group: readonly T[]) => Promise<void>): Queue<T> {
  let waiting: T[] = []
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    // The first of a turn waits for the others of that turn.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxGroup)
      waiting = waiting.slice(maxGroup)
      await work(group)
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
