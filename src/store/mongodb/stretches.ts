/**
 * Ids among which the candidates are, a stretch at a time, in order: those of the lead; or, as soon as one of the other ranges
 * turns out to hold few, those of that one. Reading them looks at no document: their indexes know them.
 */
import type { Filter } from 'mongodb'
import type { LiveDocument } from './entity-document.ts'
import { call } from './errors.ts'
import { entityKey } from './keys.ts'
import { bounded } from './options.ts'
import type { Range } from './ranges.ts'
import { among, narrowed } from './ranges.ts'
import type { Search } from './search.ts'
import { inOrder, keysAfter } from './search.ts'

/** Ids in a stretch of the lead: at first, and at most; and in one of few. */
const FIRST_STRETCH = 200
const LONGEST_STRETCH = 1600
const STRETCH_OF_FEW = 200
/** Few are at most so many times what was walked, and never more than the most: in ids, and in UTF-16 units (a command takes 16 MiB). */
const FEW_TIMES = 4
const MOST_FEW = 100_000
const MOST_FEW_UNITS = 4 * 1024 * 1024

export interface Stretch {
  /** In order. */
  readonly ids: readonly string[]
  /** False when there are none after these. */
  readonly more: boolean
  /** The documents of these ids: whoever reads them examines no others. */
  readonly range: Range
}

/** The stretch after an id. What is left of the last one is not read again. */
export type StretchAfter = (afterId: string | undefined) => Promise<Stretch>

interface Ids extends Pick<Stretch, 'ids' | 'more'> {
  readonly few: boolean
}

export function stretchesOf(search: Search): StretchAfter {
  const next = idsAfter(search)
  let last: Ids = { ids: [], more: true, few: false }
  return async (afterId) => {
    const left = leftOf(last, afterId)
    last = left.length > 0 ? { ...last, ids: left } : await next(afterId)
    const { ids, more, few } = last
    const keys = ids.map((id) => entityKey(search.space, id))
    return { ids, more, range: few ? among(keys) : narrowed(search.selection.lead, [between(search, keys)]) }
  }
}

/** What a page did not use of a stretch. */
function leftOf({ ids }: Ids, afterId: string | undefined): readonly string[] {
  const used = afterId === undefined ? -1 : ids.indexOf(afterId)
  return used < 0 ? [] : ids.slice(used + 1)
}

/** From the first of the keys to the last. */
function between({ direction }: Search, keys: readonly string[]): Filter<LiveDocument> {
  const [first = '', last = first] = [keys[0], keys.at(-1)]
  return { _id: direction === 'ascending' ? { $gte: first, $lte: last } : { $gte: last, $lte: first } }
}

/** Walks the lead until a range is found that holds few; ids that were walked in vain were read from an index alone. */
function idsAfter(search: Search): (afterId: string | undefined) => Promise<Ids> {
  const findFew = seekFew(search)
  let size = FIRST_STRETCH
  let walked = 0
  let few: readonly string[] | undefined
  return async (afterId) => {
    if (few !== undefined) return partOf(few, afterId)
    const [ids, found] = await Promise.all([walk(search, afterId, size), findFew(walked)])
    const more = ids.length === size
    walked += ids.length
    size = Math.min(size * 2, LONGEST_STRETCH)
    if (found === undefined || (!more && ids.length <= found.length)) return { ids, more, few: false }
    few = await ordered(search, found, afterId)
    return partOf(few, afterId)
  }
}

/** As many of a few ids as go into a stretch. The first of all is after whatever they were asked for first. */
function partOf(few: readonly string[], afterId: string | undefined): Ids {
  const from = afterId === undefined ? 0 : few.indexOf(afterId) + 1
  return { ids: few.slice(from, from + STRETCH_OF_FEW), more: from + STRETCH_OF_FEW < few.length, few: true }
}

/** The next ids of the lead. */
async function walk(search: Search, afterId: string | undefined, size: number): Promise<readonly string[]> {
  const { lead } = search.selection
  const filter = { $and: [keysOf(search, lead), { _id: keysAfter(search, afterId) }] }
  return await readIds(search, filter, { hint: lead.index, limit: size, sort: inOrder(search.direction) })
}

/** Those of a few ids that are after an id, in order, which is the database's alone. */
async function ordered(
  search: Search,
  few: readonly string[],
  afterId: string | undefined,
): Promise<readonly string[]> {
  const keys = few.map((id) => entityKey(search.space, id))
  const filter = { _id: { $in: keys, ...keysAfter(search, afterId) } }
  return await readIds(search, filter, { hint: '_id_', sort: inOrder(search.direction) })
}

/**
 * Looks whether a range holds few, each time that what was walked has grown so much that it is worth it: so that looking costs
 * no more than a few times what the walk, or the range, does.
 */
function seekFew(search: Search): (walked: number) => Promise<readonly string[] | undefined> {
  const { lead, others } = search.selection
  let next = 0
  return async (walked) => {
    if (walked < next || others.length === 0) return undefined
    const most = Math.min(Math.max(walked * FEW_TIMES, FIRST_STRETCH), MOST_FEW)
    next = most < MOST_FEW ? most : Infinity
    const found = await Promise.all(others.map((ranges) => readFew(search, ranges, most)))
    const fewest = found.flatMap((ids) => (ids === undefined ? [] : [ids])).toSorted((a, b) => a.length - b.length)[0]
    if (fewest === undefined) return undefined
    // Where the lead has hardly more, walking on is cheaper than asking for ids one by one.
    return (await readFew(search, [lead], 2 * fewest.length)) === undefined ? fewest : undefined
  }
}

/** The ids in ranges; undefined when there are more than the most. */
async function readFew(search: Search, ranges: readonly Range[], most: number): Promise<readonly string[] | undefined> {
  const options = { limit: most + 1 }
  const parts = await Promise.all(
    ranges.map((range) => readIds(search, keysOf(search, range), { ...options, hint: range.index })),
  )
  const ids = new Set(parts.flat())
  const units = parts.flat().reduce((sum, id) => sum + id.length, 0)
  return ids.size > most || units > MOST_FEW_UNITS ? undefined : [...ids]
}

/**
 * The keys of a range in the space. That a document is none of a deleted entity is said where the index knows it. Elsewhere
 * these have no keys, and saying it would mean reading each document.
 */
function keysOf({ space }: Search, { index, filter }: Range): Filter<LiveDocument> {
  const knows = index === 'live' || index === 'values'
  return { $and: [knows ? { space, deleted: false } : { space }, filter] }
}

interface Reading {
  readonly hint: string
  readonly limit?: number
  readonly sort?: { readonly _id: 1 | -1 }
}

async function readIds(
  { collections, space }: Search,
  filter: Filter<LiveDocument>,
  reading: Reading,
): Promise<readonly string[]> {
  const cursor = collections.liveEntities.find(filter, { ...bounded, ...reading, projection: { _id: 1 } })
  const start = entityKey(space, '').length
  return (await call(cursor.toArray())).map(({ _id }) => _id.slice(start))
}
