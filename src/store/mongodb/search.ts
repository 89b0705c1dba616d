/** What a read of many entities is about, and the order in which it goes. */
import type { TimeKey } from '../../base/time.ts'
import type { Space } from '../../core/model/space.ts'
import type { Direction } from '../finish.ts'
import { entityKey, keysWithin } from './keys.ts'
import type { Selection } from './lead.ts'
import type { Collections } from './schema.ts'

export interface Search {
  readonly collections: Collections
  readonly space: Space
  readonly now: TimeKey
  readonly direction: Direction
  readonly selection: Selection
}

/** The keys of a space, in the direction of a search, after an id. */
export function keysAfter(
  { space, direction }: Search,
  afterId: string | undefined,
): { readonly $gt: string; readonly $lt: string } {
  const keys = keysWithin(space)
  if (afterId === undefined) return keys
  return { ...keys, [direction === 'ascending' ? '$gt' : '$lt']: entityKey(space, afterId) }
}

/** Sorts by `_id`. */
export function inOrder(direction: Direction): { readonly _id: 1 | -1 } {
  return { _id: direction === 'ascending' ? 1 : -1 }
}
