/**
 * From a store's candidates to the answer: takes off what has expired, and lets `evaluate` decide where the store's own
 * filter could not. Knows no database; every adapter finishes with it, so that all of them agree.
 */
import { setImmediate } from 'node:timers/promises'
import { firstFew } from '../base/first-few.ts'
import type { TimeKey } from '../base/time.ts'
import { earliestExpiry, prune } from '../core/model/expiry.ts'
import type { Entity } from '../core/model/entity.ts'
import { parseTimes } from '../core/model/times.ts'
import type { Ordering, Query } from '../core/query/ast.ts'
import { evaluate } from '../core/query/evaluate.ts'
import { compareBy } from '../core/query/order.ts'
import type { Subject } from '../core/query/targets.ts'
import type { Budget } from './bounds.ts'
import { followLinks, linkedNodes } from './linked.ts'
import type { Page, PageRequest, StoredEntity } from './port.ts'

/** Enough rows to be worth the statement, few enough to be evaluated in about a millisecond. */
const SLICE = 200
/** Milliseconds after which other requests are to have their turn. */
const TURN = 5

/** What is left to do with candidates, and what it may cost. */
export interface Finish {
  readonly now: TimeKey
  /** Filter and visibility together. */
  readonly query: Query
  /** True when the store's filter was exact: then only rows in which something has expired are evaluated. */
  readonly exact: boolean
  /** Of the request; every finish of it spends from the same. */
  readonly budget: Budget
  /** Entities by id as the caller sees them: those that relationships lead to. */
  readonly readMany: (ids: readonly string[]) => Promise<ReadonlyMap<string, StoredEntity>>
}

/**
 * Candidates that follow each other, and the id after which the next ones come; without it there are no more. `looked`: how
 * many entities, these among them, the database looked at one by one to find these; absent where an index led to them.
 */
export interface Slice {
  readonly candidates: readonly StoredEntity[]
  readonly next?: string
  readonly looked?: number
}

/** How many there are in a stretch of the order of ids, where it ends, and how many were looked at as for a slice. */
export interface Counted {
  readonly count: number
  readonly next?: string
  readonly looked?: number
}

export type Direction = 'ascending' | 'descending'

/** A store's candidates in UTF-8 byte order of id, or against it. */
export interface Source {
  /** Those after an id, at most `size`; perhaps fewer, and none, though there are more. */
  readonly read: (afterId: string | undefined, size: number) => Slice | Promise<Slice>
  /** Counts a stretch after an id without reading it. Only where every candidate belongs to the answer. */
  readonly count?: (afterId: string | undefined) => Counted | Promise<Counted>
}

/** A candidate as it is to be answered; with its subject where it has to be evaluated. */
interface Opened {
  readonly stored: StoredEntity
  readonly subject?: Subject
}

/** The candidate without what has expired; undefined when it does not match. A promise only where links are followed. */
export function finishOne(
  finish: Finish,
  candidate: StoredEntity,
): StoredEntity | undefined | Promise<StoredEntity | undefined> {
  const examiner = examinerOf(finish)
  if (examiner.followsLinks) return examiner.examine([candidate]).then(([found]) => found?.stored)
  return examiner.open([candidate]).find(isMatching(finish.query))?.stored
}

/** Those of the candidates that match. */
export async function finishMany(
  finish: Finish,
  candidates: readonly StoredEntity[],
): Promise<ReadonlyMap<string, StoredEntity>> {
  const found = await examinerOf(finish).examine(candidates)
  return new Map(found.map(({ stored }) => [stored.id, stored]))
}

/** One page. Candidates are read in slices, and other requests get their turn between two of them. */
export async function finishPage(finish: Finish, page: PageRequest, source: Source): Promise<Page> {
  if (page.limit === 0) return { entities: [] }
  return directionOf(page.order) === undefined && page.order !== undefined
    ? await orderedPage(finish, page, { source, order: page.order })
    : await pageById(finish, page, source)
}

/** The direction in which ids are walked; undefined for an order of anything else. What comes after the id says nothing. */
export function directionOf(order: Ordering | undefined): Direction | undefined {
  if (order === undefined) return 'ascending'
  const [first] = order.by
  if (first?.kind !== 'id') return undefined
  return first.descending ? 'descending' : 'ascending'
}

async function pageById(finish: Finish, page: PageRequest, source: Source): Promise<Page> {
  const start = await skip(finish, page, source)
  const found: StoredEntity[] = []
  let { toSkip } = start
  const reading = { afterId: start.afterId, wanted: toSkip + page.limit + 1, opensAll: false }
  for await (const slice of finished(finish, source, reading)) {
    found.push(...slice.slice(toSkip).map(({ stored }) => stored))
    toSkip = Math.max(0, toSkip - slice.length)
    if (found.length > page.limit) break
  }
  return pageOf(found, page.limit)
}

interface Ordered {
  readonly source: Source
  readonly order: Ordering
}

/** All candidates are looked at, and no more kept than the page and what is before it. */
async function orderedPage(finish: Finish, { limit, offset }: PageRequest, { source, order }: Ordered): Promise<Page> {
  const compare = compareBy(order)
  const few = firstFew<Required<Opened>>(offset + limit + 1, (a, b) => compare(a.subject, b.subject))
  for await (const slice of finished(finish, source, { afterId: undefined, wanted: SLICE, opensAll: true })) {
    for (const { stored, subject } of slice) if (subject !== undefined) few.offer({ stored, subject })
  }
  return pageOf(
    few.take(offset).map(({ stored }) => stored),
    limit,
  )
}

/** How many candidates match. */
export async function finishCount(finish: Finish, source: Source): Promise<number> {
  if (source.count !== undefined) return await countAll(finish, source.count)
  let count = 0
  for await (const slice of finished(finish, source, { afterId: undefined, wanted: SLICE, opensAll: false })) {
    count += slice.length
  }
  return count
}

/** A page of what was found, given that one more than the limit was looked for: the one more says that there is a next page. */
export function pageOf(found: readonly StoredEntity[], limit: number): Page {
  const entities = found.slice(0, limit)
  const last = entities.at(-1)
  return found.length > limit && last !== undefined ? { entities, next: { afterId: last.id } } : { entities }
}

interface Start {
  readonly afterId: string | undefined
  readonly toSkip: number
}

/** Passes over as many whole stretches as the offset goes, where the store can count them. */
async function skip({ budget }: Finish, { offset, after }: PageRequest, { count }: Source): Promise<Start> {
  let start: Start = { afterId: after?.afterId, toSkip: offset }
  while (count !== undefined && start.toSkip > 0) {
    const stretch = await count(start.afterId)
    // The page begins in it, and it is read again from here.
    if (stretch.count > start.toSkip || stretch.next === undefined) return start
    budget.spend(stretch.looked ?? 0)
    start = { afterId: stretch.next, toSkip: start.toSkip - stretch.count }
    await setImmediate()
  }
  return start
}

async function countAll({ budget }: Finish, count: NonNullable<Source['count']>): Promise<number> {
  let total = 0
  for (let afterId: string | undefined; ;) {
    const stretch = await count(afterId)
    budget.spend(stretch.looked ?? 0)
    total += stretch.count
    if (stretch.next === undefined) return total
    afterId = stretch.next
    await setImmediate()
  }
}

interface Reading {
  readonly afterId: string | undefined
  /** How many the reader will take at most: a small page need not read a whole slice. */
  readonly wanted: number
  /** Each has to be opened, whatever the filter says. */
  readonly opensAll: boolean
}

async function* finished(finish: Finish, source: Source, reading: Reading): AsyncGenerator<readonly Opened[]> {
  const { examine } = examinerOf(finish, reading.opensAll)
  let { afterId } = reading
  let size = Math.min(reading.wanted, SLICE)
  for (;;) {
    const { candidates, next, looked } = await source.read(afterId, size)
    const began = performance.now()
    yield await examine(candidates, looked)
    if (next === undefined) return
    afterId = next
    size = performance.now() - began > TURN ? Math.max(1, size >> 1) : Math.min(size * 2, SLICE)
    await setImmediate()
  }
}

interface Examiner {
  readonly followsLinks: boolean
  readonly open: (candidates: readonly StoredEntity[], looked?: number) => readonly Opened[]
  readonly examine: (candidates: readonly StoredEntity[], looked?: number) => Promise<readonly Opened[]>
}

/** Looks at the candidates of one request, within its budget. */
function examinerOf({ query, exact, now, budget, readMany }: Finish, opensAll = false): Examiner {
  const nodes = linkedNodes(query)
  const always = opensAll || (!exact && query.kind !== 'all')
  const open: Examiner['open'] = (candidates, looked = 0) => {
    const opened = candidates.flatMap((candidate) => openOne(candidate, { now, always }))
    // What the database looked at before counts once, though it be looked at again.
    budget.spend(
      Math.max(
        looked,
        opened.reduce((count, { subject }) => (subject === undefined ? count : count + 1), 0),
      ),
    )
    return opened
  }
  const readSubjects = async (ids: readonly string[]): Promise<ReadonlyMap<string, Subject>> => {
    budget.spend(ids.length)
    const found = await readMany(ids)
    return new Map(Array.from(found, ([id, stored]) => [id, subjectOf(stored)]))
  }
  return {
    followsLinks: nodes.length > 0,
    open,
    async examine(candidates, looked) {
      const opened = open(candidates, looked)
      if (nodes.length === 0) return opened.filter(isMatching(query))
      const subjects = opened.flatMap(({ subject }) => subject ?? [])
      return opened.filter(isMatching(query, await followLinks(nodes, subjects, readSubjects)))
    },
  }
}

function openOne(candidate: StoredEntity, { now, always }: { now: TimeKey; always: boolean }): readonly Opened[] {
  const fades = candidate.expires !== null && candidate.expires <= now
  if (!fades) return [always ? { stored: candidate, subject: subjectOf(candidate) } : { stored: candidate }]
  const { entity, times } = subjectOf(candidate)
  const left = prune(entity, now)
  if (left === undefined) return []
  const stored = { ...candidate, text: JSON.stringify(left), expires: earliestExpiry(left) }
  return [{ stored, subject: { entity: left, times } }]
}

function subjectOf({ text, times }: StoredEntity): Subject {
  return { entity: JSON.parse(text) as Entity, times: parseTimes(times) }
}

function isMatching(query: Query, entityOf?: Subject['entityOf']): (opened: Opened) => boolean {
  return ({ subject }) =>
    subject === undefined || evaluate(query, entityOf === undefined ? subject : { ...subject, entityOf })
}
