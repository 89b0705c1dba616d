/** How often contexts are used (ETSI GS CIM 009 V1.9.1, clause 5.13.3.5): counted in memory, taken away now and then. */
export interface ContextUse {
  readonly url: string
  hits: number
  /** Milliseconds since 1970 of the last use. */
  last: number
}

export interface ContextUsage {
  /** Counts one use of each. On the path of every request. */
  count(uses: readonly ContextUse[]): void
  /** What was counted since the last time, one entry per address. */
  drain(): readonly ContextUse[]
}

/** `now`: milliseconds since 1970. */
export function createContextUsage(now: () => number): ContextUsage {
  const touched = new Set<ContextUse>()
  return {
    count: (uses) => {
      for (const use of uses) {
        if (use.hits === 0) touched.add(use)
        use.hits += 1
        use.last = now()
      }
    },
    drain: () => {
      const drained = Array.from(Map.groupBy(touched, ({ url }) => url).values(), sum)
      for (const use of touched) use.hits = 0
      touched.clear()
      return drained
    },
  }
}

/** Uses of one address, counted apart for each compound context that it is part of. */
function sum(uses: readonly ContextUse[]): ContextUse {
  return {
    url: uses[0]?.url ?? '',
    hits: uses.reduce((total, { hits }) => total + hits, 0),
    last: Math.max(...uses.map(({ last }) => last)),
  }
}
