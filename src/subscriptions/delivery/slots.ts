/**
 * How many tries may be under way over all endpoints. Endpoints that have not shown that they are quick share one half, so
 * that any number of slow or dead ones leaves the other half to the healthy.
 */
export interface Slots {
  /** Takes a slot and returns what gives it back; undefined when none is free: `again` is then called when one may be. */
  take(trusted: boolean, again: () => void): (() => void) | undefined
}

export function createSlots(total: number): Slots {
  const untrustedLimit = Math.max(1, Math.floor(total / 2))
  const waiting = new Set<() => void>()
  let taken = 0
  let untrusted = 0
  const giveBack = (trusted: boolean): void => {
    taken--
    if (!trusted) untrusted--
    // Who gets no slot now enters again, behind all the others.
    const callers = [...waiting]
    waiting.clear()
    for (const again of callers) again()
  }
  return {
    take: (trusted, again) => {
      if (taken >= total || (!trusted && untrusted >= untrustedLimit)) {
        waiting.add(again)
        return undefined
      }
      taken++
      if (!trusted) untrusted++
      return () => {
        giveBack(trusted)
      }
    },
  }
}
