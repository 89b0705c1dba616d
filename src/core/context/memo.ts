/**
 * A bounded memory of computed answers, in two generations: when the young one is full it becomes the old one, and what
 * was asked for meanwhile is carried over. A Map used as an LRU would move an entry at every look-up and thrash.
 */
export interface Memo<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
}

/**
 * A memo that holds at most twice `budget` in weight (a single heavier entry apart). Keys come from clients, so the budget is
 * what bounds memory. Without `weigh` every entry weighs one.
 */
export function createMemo<V>(budget: number, weigh: (value: V) => number = () => 1): Memo<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  let weight = 0
  const set = (key: string, value: V): void => {
    if (weight >= budget) {
      old = young
      young = new Map()
      weight = 0
    }
    const replaced = young.get(key)
    weight += weigh(value) - (replaced === undefined ? 0 : weigh(replaced))
    young.set(key, value)
  }
  return {
    get: (key) => {
      const hit = young.get(key)
      if (hit !== undefined) return hit
      const kept = old.get(key)
      if (kept !== undefined) set(key, kept)
      return kept
    },
    set,
    delete: (key) => {
      young.delete(key)
      old.delete(key)
    },
  }
}
