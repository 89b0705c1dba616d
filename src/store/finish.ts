/**
 * From a store's candidates to the answer: takes off what has expired, and lets `evaluate` decide where the store's own
 * filter could not. Knows no database; every adapter finishes with it, so that all of them agree.
 */
import { setImmediate } from 'node:timers/promises'
import type { TimeKey } from '../base/time.ts'
import { earliestExpiry, prune } from '../core/model/expiry.ts'
import type { Entity } from '../core/model/entity.ts'
import { parseTimes } from '../core/model/times.ts'
import type { Query } from '../core/query/ast.ts'
import { evaluate } from '../core/query/evaluate.ts'
import type { Page, PageRequest, StoredEntity } from './port.ts'

/** Enough rows to be worth the statement, few enough to be evaluated in about a millisecond. */
const SLICE = 200

/** What is left to do with a candidate. */
export interface Finish {
  readonly now: TimeKey
  /** Filter and visibility together. */
  readonly query: Query
  /** True when the store's filter was exact: then only rows in which something has expired are evaluated. */
  readonly exact: boolean
}

/** Candidates in UTF-8 byte order of id, beginning after an id: at most `size`; fewer only when there are no more. */
export type ReadSlice = (
  afterId: string | undefined,
  size: number,
) => readonly StoredEntity[] | Promise<readonly StoredEntity[]>

/** The candidate as it is to be answered, without what has expired; undefined when it does not match. */
export function finishEntity(finish: Finish, candidate: StoredEntity): StoredEntity | undefined {
  if (candidate.expires !== null && candidate.expires <= finish.now) return finishExpired(finish, candidate)
  if (finish.exact || finish.query.kind === 'all') return candidate
  return matches(finish.query, JSON.parse(candidate.text) as Entity, candidate) ? candidate : undefined
}

function finishExpired(finish: Finish, candidate: StoredEntity): StoredEntity | undefined {
  const entity = prune(JSON.parse(candidate.text) as Entity, finish.now)
  if (entity === undefined || !matches(finish.query, entity, candidate)) return undefined
  return { ...candidate, text: JSON.stringify(entity), expires: earliestExpiry(entity) }
}

function matches(query: Query, entity: Entity, { times }: StoredEntity): boolean {
  return evaluate(query, { entity, times: parseTimes(times) })
}

/** One page. Candidates are read in slices, and other requests get their turn between two of them. */
export async function finishPage(finish: Finish, page: PageRequest, readSlice: ReadSlice): Promise<Page> {
  if (page.limit === 0) return { entities: [] }
  const wanted = page.offset + page.limit + 1
  const found: StoredEntity[] = []
  let toSkip = page.offset
  for await (const slice of finished(finish, { readSlice, afterId: page.after?.afterId, wanted })) {
    found.push(...slice.slice(toSkip))
    toSkip = Math.max(0, toSkip - slice.length)
    if (found.length > page.limit) break
  }
  return pageOf(found, page.limit)
}

/** How many candidates match. */
export async function finishCount(finish: Finish, readSlice: ReadSlice): Promise<number> {
  let count = 0
  for await (const slice of finished(finish, { readSlice, afterId: undefined, wanted: SLICE })) count += slice.length
  return count
}

/** A page of what was found, given that one more than the limit was looked for: the one more says that there is a next page. */
export function pageOf(found: readonly StoredEntity[], limit: number): Page {
  const entities = found.slice(0, limit)
  const last = entities.at(-1)
  return found.length > limit && last !== undefined ? { entities, next: { afterId: last.id } } : { entities }
}

interface Reading {
  readonly readSlice: ReadSlice
  readonly afterId: string | undefined
  /** How many the reader will take at most: a small page need not read a whole slice. */
  readonly wanted: number
}

async function* finished(finish: Finish, reading: Reading): AsyncGenerator<readonly StoredEntity[]> {
  let { afterId } = reading
  let size = Math.min(reading.wanted, SLICE)
  for (;;) {
    const slice = await reading.readSlice(afterId, size)
    yield slice.flatMap((candidate) => finishEntity(finish, candidate) ?? [])
    const last = slice.at(-1)
    if (last === undefined || slice.length < size) return
    afterId = last.id
    size = Math.min(size * 2, SLICE)
    await setImmediate()
  }
}
