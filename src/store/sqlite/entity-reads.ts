/** The read side of the entities: statements over what is committed, finished by `store/finish.ts`. */
import type { TimeKey } from '../../base/time.ts'
import type { Space } from '../../core/model/space.ts'
import { all, and } from '../../core/query/ast.ts'
import type { Bounds } from '../bounds.ts'
import { budgetOf } from '../bounds.ts'
import type { Candidates } from '../candidates.ts'
import type { Direction, Finish, Source } from '../finish.ts'
import { directionOf, finishCount, finishMany, finishOne, finishPage, pageOf } from '../finish.ts'
import type { EntityRequest, EntityStore, Page, PageRequest, StoredEntity } from '../port.ts'
import type { CompileContext } from './compile-query.ts'
import type { Connection } from './connection.ts'
import { answer, assertOpen, translated } from './connection.ts'
import type { Tables } from './entity-writes.ts'
import { spaceNumber } from './names.ts'
import { sourceAt } from './place.ts'
import type { Scan } from './scan.ts'
import { readIds, readRows, sourceOf } from './scan.ts'
import type { Selection } from './select.ts'
import { placeOf, selectExpired, selectOf } from './select.ts'

export interface EntityReads extends Omit<EntityStore, 'submit'> {
  /** What the compiled query lets through: for the differential test. */
  readonly candidates: (request: EntityRequest) => Promise<Candidates>
}

export function createEntityReads(tables: Tables, bounds: Bounds): EntityReads {
  const { connection, spaces } = tables
  const reader: Reader = {
    ...tables,
    finishOf: (request, exact) => ({
      now: request.now,
      query: and(request.filter, request.visibility),
      exact,
      budget: budgetOf(bounds),
      readMany: (ids) => getEntities(reader, { ...request, filter: all }, ids),
    }),
  }
  return {
    get: (request, id) => answer(() => getEntity(reader, request, id)),
    getMany: (request, ids) => answerLater(() => getEntities(reader, request, ids)),
    query: (request) => answerLater(() => queryEntities(reader, request)),
    count: (request) => answerLater(() => countEntities(reader, request)),
    expired: (now, limit) =>
      answer(() => {
        const sql = 'SELECT space, id FROM entity WHERE expires <= ? ORDER BY expires LIMIT ?'
        return connection
          .all(sql, now, limit)
          .map(([space, id]) => ({ space: spaces.nameOf(Number(space)), id: String(id) }))
      }),
    candidates: (request) =>
      answer(() => {
        const { selection } = planOf(reader, request)
        const rows = readRows({ connection, selection, direction: 'ascending' }, {}, { size: -1, offset: 0 })
        return { precision: selection.precision, ids: rows.map(({ id }) => id) }
      }),
  }
}

interface Reader extends Tables {
  readonly finishOf: (request: EntityRequest, exact: boolean) => Finish
}

/** Of a read that gives others their turn in between. */
async function answerLater<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw translated(error)
  }
}

function getEntity(reader: Reader, request: EntityRequest, id: string): ReturnType<typeof finishOne> {
  assertOpen(reader.connection)
  const stored = reader.images.find(spaceNumber(reader.spaces, request.space), id)?.current
  return stored && finishOne(reader.finishOf(request, false), stored)
}

async function getEntities(
  reader: Reader,
  request: EntityRequest,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredEntity>> {
  assertOpen(reader.connection)
  const space = spaceNumber(reader.spaces, request.space)
  const stored = ids.flatMap((id) => reader.images.find(space, id)?.current ?? [])
  return await finishMany(reader.finishOf(request, false), stored)
}

interface Plan {
  readonly context: CompileContext
  readonly selection: Selection
  readonly finish: Finish
}

function planOf(reader: Reader, request: EntityRequest): Plan {
  const { spaces, types } = reader
  const context = { space: spaceNumber(spaces, request.space), now: request.now, typeNumber: types.find }
  const selection = selectOf(and(request.filter, request.visibility), context)
  return { context, selection, finish: reader.finishOf(request, selection.precision === 'exact') }
}

async function queryEntities(reader: Reader, request: PageRequest): Promise<Page> {
  const { connection } = reader
  const plan = planOf(reader, request)
  const { selection, finish } = plan
  const settled = finish.exact && !hasExpired(connection, request.now)
  const direction = directionOf(request.order)
  if (settled && direction !== undefined && isBare(selection, direction) && request.limit > 0) {
    return barePage(reader, { connection, selection, direction }, request)
  }
  const source = sourceFor(connection, plan, { direction: direction ?? 'ascending', countable: settled })
  return await finishPage(finish, request, source)
}

/** SQLite merges tables in ascending order only. */
function isBare({ reach, lead }: Selection, direction: Direction): boolean {
  return reach === 'bare' && (direction === 'ascending' || lead.arms.length === 1)
}

interface Manner {
  readonly direction: Direction
  readonly countable: boolean
}

function sourceFor(
  connection: Connection,
  { context, selection, finish }: Plan,
  { direction, countable }: Manner,
): Source {
  const place = selection.reach === 'few' ? undefined : placeOf(finish.query)
  const placed = place && sourceAt(connection, { place, context, direction })
  return placed ?? sourceOf({ connection, selection, direction }, countable)
}

/** The lead alone tells the page's ids, so that an offset passes over an index and nothing more. */
function barePage(reader: Reader, scan: Scan, { space, limit, offset, after }: PageRequest): Page {
  const before = offset === 0 ? 0 : 1
  const ids = readIds(scan, after?.afterId, { size: limit + 1 + before, offset: offset - before })
  const afterId = offset === 0 ? after?.afterId : ids[0]
  const found = ids.slice(before)
  if (found.length === 0) return { entities: [] }
  const rows = fromMemory(reader, space, found) ?? readRows(scan, { afterId }, { size: limit + 1, offset: 0 })
  return pageOf(rows, limit)
}

/** The entities, where all are in memory: texts that are there already need not be made again, which is most of the price of a page. */
function fromMemory(
  { spaces, images }: Reader,
  space: Space,
  ids: readonly string[],
): readonly StoredEntity[] | undefined {
  const num = spaceNumber(spaces, space)
  const found: StoredEntity[] = []
  for (const id of ids) {
    const current = images.peek(num, id)?.current
    if (current === undefined) return undefined
    found.push(current)
  }
  return found
}

/** Counted by the database where its condition decides; one by one where it does not, or where something has expired. */
async function countEntities(reader: Reader, request: EntityRequest): Promise<number> {
  const { connection } = reader
  const plan = planOf(reader, request)
  const { context, finish } = plan
  const counted = await finishCount(
    finish,
    sourceFor(connection, plan, { direction: 'ascending', countable: finish.exact }),
  )
  if (!finish.exact || !hasExpired(connection, request.now)) return counted
  const expired: Scan = { connection, selection: selectExpired(finish.query, context), direction: 'ascending' }
  const stale = await finishCount(finish, sourceOf(expired, true))
  return counted - stale + (await finishCount(finish, sourceOf(expired, false)))
}

/** True when the sweeper has not yet been to all that has expired: for two seconds, and rarely. */
function hasExpired(connection: Connection, now: TimeKey): boolean {
  return connection.get('SELECT 1 FROM entity WHERE expires <= ? LIMIT 1', now) !== undefined
}
