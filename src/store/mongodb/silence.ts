/** Who has fallen silent, by this process's own clock: no two clocks are ever compared. */
export interface Beating {
  readonly _id: string
  /** Changes as long as it lives. */
  readonly beat: number
}

/** A watch that is shown all who should live, again and again, and says whose beat has not moved for so long (milliseconds). */
export function createSilenceWatch<T extends Beating>(silence: number): (shown: readonly T[]) => readonly T[] {
  let seen = new Map<string, { readonly beat: number; readonly since: number }>()
  return (shown) => {
    const now = performance.now()
    const next = shown.map(({ _id, beat }) => {
      const before = seen.get(_id)
      return [_id, before?.beat === beat ? before : { beat, since: now }] as const
    })
    seen = new Map(next)
    return shown.filter(({ _id }) => now - (seen.get(_id)?.since ?? now) > silence)
  }
}
