/** Who waits for news of a subscription, and is to be woken. */
export interface Bell {
  isClosed(): boolean
  /** Resolves when it was rung since the last waiting, or after so many milliseconds. */
  wait(milliseconds: number): Promise<void>
  /** Wakes the one who waits, for the last time. */
  close(): void
}

export interface Bells {
  readonly size: number
  hang(key: string): Bell
  ring(key: string): void
  /** Closes all. */
  close(): void
}

interface Hung extends Bell {
  readonly ring: () => void
}

export function createBells(): Bells {
  const all = new Map<string, Set<Hung>>()
  let size = 0
  const takeDown = (key: string, bell: Hung): void => {
    const those = all.get(key)
    if (those?.delete(bell) !== true) return
    size--
    if (those.size === 0) all.delete(key)
  }
  return {
    get size() {
      return size
    },
    hang: (key) => {
      const bell = createBell(() => {
        takeDown(key, bell)
      })
      const those = all.get(key) ?? new Set()
      all.set(key, those.add(bell))
      size++
      return bell
    },
    ring: (key) => {
      for (const bell of all.get(key) ?? []) bell.ring()
    },
    close: () => {
      for (const bell of [...all.values()].flatMap((those) => [...those])) bell.close()
    },
  }
}

function createBell(takeDown: () => void): Hung {
  let isRung = false
  let isClosed = false
  let wake: (() => void) | undefined
  const ring = (): void => {
    isRung = true
    wake?.()
  }
  return {
    ring,
    isClosed: () => isClosed,
    wait: async (milliseconds) => {
      if (!isRung && !isClosed) {
        const { promise, resolve } = Promise.withResolvers<undefined>()
        wake = () => {
          resolve(undefined)
        }
        const timer = setTimeout(wake, milliseconds)
        await promise
        clearTimeout(timer)
        wake = undefined
      }
      isRung = false
    },
    close: () => {
      isClosed = true
      takeDown()
      ring()
    },
  }
}
