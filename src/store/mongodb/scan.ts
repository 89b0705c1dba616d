/** The candidates of a selection, in order of their ids, and how many documents were looked at to find them. */
import type { Filter, FindOptions } from 'mongodb'
import type { Counted, Slice, Source } from '../finish.ts'
import type { StoredEntity } from '../port.ts'
import type { AnswerPart, LiveDocument } from './entity-document.ts'
import { answerProjection, storedEntityOf } from './entity-document.ts'
import { call } from './errors.ts'
import type { Selection } from './lead.ts'
import { bounded } from './options.ts'
import type { Range } from './ranges.ts'
import { expiredBy, narrowed } from './ranges.ts'
import type { Search } from './search.ts'
import { inOrder, keysAfter } from './search.ts'
import type { Stretch } from './stretches.ts'
import { stretchesOf } from './stretches.ts'

/** `countable`: every candidate belongs to the answer, so that they may be counted and not read. */
export function sourceOf(search: Search, countable: boolean): Source {
  const { selection } = search
  if (!selection.bare) return sourceInStretches(search, countable)
  const bare = sourceOfLead(search)
  return selection.faded === undefined ? bare : sourceUnlessFaded(search, bare, selection.faded)
}

/** The lead's documents are the candidates: none that was looked at is rejected. */
function sourceOfLead(search: Search): Source {
  return {
    read: async (afterId, size) => {
      const candidates = await readLead(search, { afterId, size, offset: 0 })
      const last = candidates.at(-1)
      return last === undefined || candidates.length < size ? { candidates } : { candidates, next: last.id }
    },
  }
}

/** Asks at once for the candidates and whether they can be trusted: it is rare that something has expired and was not yet swept. */
function sourceUnlessFaded(search: Search, bare: Source, selection: Selection): Source {
  const other = sourceOf({ ...search, selection }, false)
  let faded: Promise<boolean> | undefined
  return {
    read: async (afterId, size) => {
      faded ??= hasFaded(search)
      const [slice, isFaded] = await Promise.all([bare.read(afterId, size), faded])
      return isFaded ? await other.read(afterId, size) : slice
    },
  }
}

/** Documents whose ids the lead, or another range, has led to: all of these count as looked at. */
function sourceInStretches(search: Search, countable: boolean): Source {
  const stretchAfter = stretchesOf(search)
  return {
    read: async (afterId, size): Promise<Slice> => {
      const stretch = await stretchAfter(afterId)
      const candidates = stretch.ids.length === 0 ? [] : await readRange(search, stretch.range, { limit: size })
      const last = candidates.length < size ? undefined : candidates.at(-1)
      return { candidates, ...passed(stretch, last?.id) }
    },
    ...(countable && {
      count: async (afterId): Promise<Counted> => {
        const stretch = await stretchAfter(afterId)
        const count = stretch.ids.length === 0 ? 0 : await countRange(search, stretch.range)
        return { count, ...passed(stretch) }
      },
    }),
  }
}

/** How far it came in a stretch (without an id: to its end), and how many were looked at on the way. */
function passed({ ids, more }: Stretch, lastId?: string): Pick<Slice, 'next' | 'looked'> {
  if (lastId !== undefined) return { looked: ids.indexOf(lastId) + 1, next: lastId }
  const next = more ? ids.at(-1) : undefined
  return { looked: ids.length, ...(next !== undefined && { next }) }
}

interface Part {
  readonly afterId: string | undefined
  readonly size: number
  readonly offset: number
}

/** Documents of the lead, after an id. */
export async function readLead(search: Search, { afterId, size, offset }: Part): Promise<readonly StoredEntity[]> {
  const range = narrowed(search.selection.lead, [{ _id: keysAfter(search, afterId) }])
  return await readRange(search, range, { skip: offset, limit: size })
}

/** Those of a range that pass the filter, in order. */
async function readRange(
  { collections, ...search }: Search,
  { index, filter }: Range,
  part: Pick<FindOptions, 'skip' | 'limit'>,
): Promise<readonly StoredEntity[]> {
  const how = { ...bounded, ...part, hint: index, projection: answerProjection, sort: inOrder(search.direction) }
  const cursor = collections.liveEntities.find<AnswerPart>({ $and: [filter, alive(search)] }, how)
  return (await call(cursor.toArray())).map(storedEntityOf)
}

/** How many of a range pass the filter. */
export async function countRange({ collections, ...search }: Search, { index, filter }: Range): Promise<number> {
  const how = { ...bounded, hint: index }
  return await call(collections.liveEntities.countDocuments({ $and: [filter, alive(search)] }, how))
}

/** What passes the filter and has not expired as a whole. */
function alive({ selection: { filter }, now }: Pick<Search, 'selection' | 'now'>): Filter<LiveDocument> {
  return { $and: [filter, { entityExpires: { $not: { $lte: now } } }] }
}

/** The same search, for those in which nothing has expired. */
export function freshOnly(search: Search): Search {
  const { selection, now } = search
  const filter = { $and: [selection.filter, { expires: { $not: { $lte: now } } }] }
  return { ...search, selection: { ...selection, filter } }
}

/** The same search, for those in which something has: few, and found by an index of their own. */
export function fadedOnly(search: Search): Search {
  const { precision, filter } = search.selection
  return { ...search, selection: { precision, filter, lead: expiredBy(search.now), bare: true, others: [] } }
}

/** True when there is an entity in which something has expired and the sweep has not been to. */
export async function hasFaded({ collections, space, now }: Search): Promise<boolean> {
  const options = { ...bounded, hint: 'expires', projection: { _id: 1 } } as const
  return (await call(collections.liveEntities.findOne({ space, expires: { $lte: now } }, options))) !== null
}
