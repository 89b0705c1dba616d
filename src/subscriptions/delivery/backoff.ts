/** Waiting after failures: exponential, with full jitter, so that many waiters do not come back at the same moment. */
export interface BackoffLimits {
  /** Milliseconds: the longest wait after the first failure; doubles with every further one. */
  readonly base: number
  /** Milliseconds: the longest wait ever. */
  readonly max: number
}

/** Milliseconds to wait after a number of failures in a row (at least 1). `random` gives a number in [0, 1). */
export function backoff({ base, max }: BackoffLimits, failures: number, random: () => number): number {
  // 2 ** 40 is beyond any max; without the bound the power would end as Infinity.
  return random() * Math.min(max, base * 2 ** Math.min(failures - 1, 40))
}
