/** Many times at once, by number. */
export interface Stopwatch {
  start(number: number): void
  /** Only the first stop of a number counts: doubles are no news. */
  stop(number: number): void
  /** Numbers started and not stopped. */
  readonly open: number
  /** The milliseconds measured so far, in ascending order; begins anew. */
  take(): readonly number[]
}

export function createStopwatch(): Stopwatch {
  const running = new Map<number, number>()
  let measured: number[] = []
  return {
    start: (number) => running.set(number, performance.now()),
    stop: (number) => {
      const begin = running.get(number)
      if (begin === undefined) return
      running.delete(number)
      measured.push(performance.now() - begin)
    },
    get open() {
      return running.size
    },
    take: () => {
      const taken = measured.toSorted((a, b) => a - b)
      measured = []
      return taken
    },
  }
}

/** The value that so large a part of ascending values does not exceed. */
export function quantile(ascending: readonly number[], part: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))] ?? NaN
}
