/** Ranges of the indexes on entities: what a query can be led by. */
import type { Filter } from 'mongodb'
import type { TimeKey } from '../../base/time.ts'
import type { LiveDocument } from './entity-document.ts'

/** An index on entities (`schema.ts`). Each begins with the space, but for `_id_`, whose keys do, and `expires`. */
type EntityIndex = '_id_' | 'live' | 'types' | 'attributes' | 'values' | 'scopes' | 'cells' | 'expires'

/** Keys of one index: whoever walks them examines what the filter lets through, and nothing of the space besides. */
export interface Range {
  readonly index: EntityIndex
  readonly filter: Filter<LiveDocument>
  /** True where the keys come in the order of `_id`: all of them are of one value, or MongoDB merges those of several. */
  readonly inOrder: boolean
}

/** Everything that is alive. */
export const everything: Range = { index: 'live', filter: {}, inOrder: true }

/** What has expired in part or as a whole and was not yet swept. */
export function expiredBy(now: TimeKey): Range {
  return { index: 'expires', filter: { expires: { $lte: now } }, inOrder: false }
}

/** The documents that have these keys (`_id`), as far as there are any. */
export function among(keys: readonly string[]): Range {
  return { index: '_id_', filter: { _id: { $in: keys } }, inOrder: true }
}

/** Every index that comes in order ends with `_id`, so that a part of the order narrows whatever leads. */
export function narrowed(range: Range, within: readonly Filter<LiveDocument>[]): Range {
  return within.length === 0 ? range : { ...range, filter: { $and: [range.filter, ...within] } }
}
