/**
 * Who is next. Requests take turns, an item each, so that a long batch holds up nobody; what is about one entity keeps its
 * order over all requests.
 */

/** Where an item belongs: what it is about, and which request it is of. */
export interface Place {
  readonly key: string
  readonly origin: number
}

export interface Turns<T> {
  push(item: T): void
  isEmpty(): boolean
  /** Takes the next items, at most `count`. */
  take(count: number): readonly T[]
}

interface Waiting<T> {
  readonly origin: number
  readonly item: T
}

/** The keys of a request's items in their order; those before `next` have had their turn. */
interface Lane {
  readonly keys: string[]
  next: number
}

/** `placeOf` must always say the same of an item. */
export function createTurns<T>(placeOf: (item: T) => Place): Turns<T> {
  const lines = new Map<string, Waiting<T>[]>()
  const lanes = new Map<number, Lane>()

  /** The next item of a request, after those of others that wait longer for the same key; at most `room` in all. */
  const takeTurn = (origin: number, lane: Lane, room: number): readonly T[] => {
    const key = lane.keys[lane.next]
    if (key === undefined) {
      lanes.delete(origin)
      return []
    }
    const line = lines.get(key) ?? []
    // None, where it went with the turn of another request.
    const count = line.findIndex((waiting) => waiting.origin === origin) + 1
    if (count <= room) lane.next += 1
    const taken = line.splice(0, Math.min(count, room))
    if (line.length === 0) lines.delete(key)
    return taken.map(({ item }) => item)
  }

  return {
    push: (item) => {
      const { key, origin } = placeOf(item)
      const line = lines.get(key)
      if (line === undefined) lines.set(key, [{ origin, item }])
      else line.push({ origin, item })
      const lane = lanes.get(origin)
      if (lane === undefined) lanes.set(origin, { keys: [key], next: 0 })
      else lane.keys.push(key)
    },
    isEmpty: () => lines.size === 0,
    take: (count) => {
      const taken: T[] = []
      while (taken.length < count && lines.size > 0) {
        for (const [origin, lane] of lanes) {
          taken.push(...takeTurn(origin, lane, count - taken.length))
          if (taken.length === count) break
        }
      }
      if (lines.size === 0) lanes.clear()
      return taken
    },
  }
}
