/** The first few of many items in an order, found without keeping the many: a heap whose root is the last of the few. */
export interface FirstFew<T> {
  /** Takes part in the choice. */
  offer(item: T): void
  /** How many were offered. */
  readonly offered: number
  /** The few but for the first `offset`, in order. Ends the choice. */
  take(offset: number): readonly T[]
}

/** Chooses the first `size` items. Each offer costs the logarithm of `size` at most. */
export function firstFew<T>(size: number, compare: (a: T, b: T) => number): FirstFew<T> {
  const heap: T[] = []
  let offered = 0
  return {
    offer(item) {
      offered += 1
      if (heap.length < size) {
        rise(heap, item, compare)
        return
      }
      const [last] = heap
      if (last !== undefined && compare(item, last) < 0) sink(heap, item, compare)
    },
    get offered() {
      return offered
    },
    take(offset) {
      const taken: T[] = []
      while (heap.length > offset) taken.push(...popped(heap, compare))
      return taken.reverse()
    },
  }
}

type Compare<T> = (a: T, b: T) => number

/** Adds an item: it rises past all that come before it. */
function rise<T>(heap: T[], item: T, compare: Compare<T>): void {
  let index = heap.length
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above] as T
    if (compare(parent, item) >= 0) break
    heap[index] = parent
    index = above
  }
  heap[index] = item
}

/** Puts an item in the root's place: it sinks below all that come after it. */
function sink<T>(heap: T[], item: T, compare: Compare<T>): void {
  let index = 0
  for (;;) {
    let below = 2 * index + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && compare(heap[below + 1] as T, heap[below] as T) > 0) below += 1
    const child = heap[below] as T
    if (compare(child, item) <= 0) break
    heap[index] = child
    index = below
  }
  heap[index] = item
}

/** Takes the root off. */
function popped<T>(heap: T[], compare: Compare<T>): readonly T[] {
  const [root] = heap
  const last = heap.pop()
  if (root === undefined || last === undefined) return []
  if (heap.length > 0) sink(heap, last, compare)
  return [root]
}
