/**
 * A collection that mostly has one member: then the member itself, which takes no memory of its own, else a set. Most places
 * of the matcher's index lead to one subscription, and there are hundreds of thousands of places.
 */
export type Few<T extends object> = T | Set<T>

/** With the member, where it may be already. */
function withMember<T extends object>(few: Few<T> | undefined, member: T): Few<T> {
  if (few === undefined || few === member) return member
  if (!(few instanceof Set)) return new Set([few, member])
  return few.add(member)
}

/** Without the member, should it be there; undefined when nothing is left. */
function withoutMember<T extends object>(few: Few<T> | undefined, member: T): Few<T> | undefined {
  if (few === undefined || few === member) return undefined
  if (!(few instanceof Set)) return few
  few.delete(member)
  return few.size === 0 ? undefined : few
}

/** Adds the members to a set. */
export function addMembers<T extends object>(few: Few<T> | undefined, to: Set<T>): void {
  if (few === undefined) return
  if (few instanceof Set) for (const member of few) to.add(member)
  else to.add(few)
}

/** Puts the member under a key. */
export function addUnder<K, T extends object>(map: Map<K, Few<T>>, key: K, member: T): void {
  map.set(key, withMember(map.get(key), member))
}

/** Takes the member away from under a key. */
export function removeUnder<K, T extends object>(map: Map<K, Few<T>>, key: K, member: T): void {
  const left = withoutMember(map.get(key), member)
  if (left === undefined) map.delete(key)
  else map.set(key, left)
}
