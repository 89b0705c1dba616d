/** The read side of the entities: statements over what is committed, finished by `store/finish.ts`. */
import type { TimeKey } from '../../base/time.ts'
import type { Query } from '../../core/query/ast.ts'
import { and } from '../../core/query/ast.ts'
import type { Candidates } from '../candidates.ts'
import type { Finish, ReadSlice } from '../finish.ts'
import { finishCount, finishEntity, finishPage, pageOf } from '../finish.ts'
import type { EntityRequest, EntityStore, Page, PageRequest, StoredEntity } from '../port.ts'
import type { Connection, Row } from './connection.ts'
import { answer, assertOpen, translated } from './connection.ts'
import type { Tables } from './entity-writes.ts'
import { spaceNumber } from './names.ts'
import type { Selection } from './select.ts'
import { narrowed, selectOf } from './select.ts'

export interface EntityReads extends Omit<EntityStore, 'submit'> {
  /** What the compiled query lets through: for the differential test. */
  readonly candidates: (request: EntityRequest) => Promise<Candidates>
}

const COLUMNS = 'e.id, e.version, e.text, e.times, e.expires'

export function createEntityReads(tables: Tables): EntityReads {
  const { connection, spaces } = tables
  return {
    get: (request, id) => answer(() => getEntity(tables, request, id)),
    getMany: (request, ids) => answer(() => getEntities(tables, request, ids)),
    query: (request) => answerLater(() => queryEntities(tables, request)),
    count: (request) => answerLater(() => countEntities(tables, request)),
    expired: (now, limit) =>
      answer(() => {
        const sql = 'SELECT space, id FROM entity WHERE expires <= ? ORDER BY expires LIMIT ?'
        return connection
          .all(sql, now, limit)
          .map(([space, id]) => ({ space: spaces.nameOf(Number(space)), id: String(id) }))
      }),
    candidates: (request) =>
      answer(() => {
        const { selection } = selectionOf(tables, request)
        const rows = connection.all(`SELECT e.id ${selection.from} WHERE ${selection.where}`, ...selection.values)
        return { precision: selection.precision, ids: rows.map(([id]) => String(id)) }
      }),
  }
}

/** Of a read that gives others their turn in between. */
async function answerLater<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw translated(error)
  }
}

function getEntity(
  { connection, spaces, images }: Tables,
  request: EntityRequest,
  id: string,
): StoredEntity | undefined {
  assertOpen(connection)
  const stored = images.find(spaceNumber(spaces, request.space), id)?.current
  return stored && finishEntity({ now: request.now, query: queryOf(request), exact: false }, stored)
}

function getEntities(
  tables: Tables,
  request: EntityRequest,
  ids: readonly string[],
): ReadonlyMap<string, StoredEntity> {
  spaceNumber(tables.spaces, request.space)
  const found = new Map<string, StoredEntity>()
  for (const id of ids) {
    const entity = getEntity(tables, request, id)
    if (entity !== undefined) found.set(id, entity)
  }
  return found
}

function queryOf({ filter, visibility }: EntityRequest): Query {
  return and(filter, visibility)
}

function storedOf(row: Row): StoredEntity {
  const [id, version, text, times, expires] = row as [string, number, string, string, TimeKey | null]
  return { id, version, text, times, expires }
}

interface Plan {
  readonly selection: Selection
  readonly finish: Finish
}

function selectionOf({ spaces, types }: Tables, request: EntityRequest): Plan {
  const { now } = request
  const query = queryOf(request)
  const selection = selectOf(query, { space: spaceNumber(spaces, request.space), now, typeNumber: types.find })
  return { selection, finish: { now, query, exact: selection.precision === 'exact' } }
}

async function queryEntities(tables: Tables, request: PageRequest): Promise<Page> {
  const { connection } = tables
  const { selection, finish } = selectionOf(tables, request)
  const { limit, offset, after, now } = request
  if (limit > 0 && finish.exact && !hasExpired(connection, now)) {
    const slice = { afterId: after?.afterId, size: limit + 1, offset }
    return pageOf(fromMemory(tables, request, { selection, slice }) ?? readRows(connection, selection, slice), limit)
  }
  const readSlice: ReadSlice = (afterId, size) => readRows(connection, selection, { afterId, size, offset: 0 })
  return await finishPage(finish, request, readSlice)
}

interface Slice {
  readonly afterId: string | undefined
  readonly size: number
  readonly offset: number
}

/**
 * The rows, where their ids are found without the entities and all of them are in memory: texts that are there already need
 * not be made again, which is most of the price of a page. Else undefined, for the price of a look at an index.
 */
function fromMemory(
  { connection, spaces, images }: Tables,
  request: PageRequest,
  { selection, slice }: { readonly selection: Selection; readonly slice: Slice },
): readonly StoredEntity[] | undefined {
  const { fromAlone, where, values, id } = selection
  if (fromAlone === undefined) return undefined
  const space = spaceNumber(spaces, request.space)
  const sql = `SELECT ${id} ${fromAlone} WHERE ${where} AND ${id} > ? ORDER BY ${id} LIMIT ? OFFSET ?`
  const found: StoredEntity[] = []
  for (const [name] of connection.all(sql, ...values, slice.afterId ?? '', slice.size, slice.offset)) {
    const current = images.peek(space, String(name))?.current
    if (current === undefined) return undefined
    found.push(current)
  }
  return found
}

function readRows(
  connection: Connection,
  selection: Selection,
  { afterId, size, offset }: Slice,
): readonly StoredEntity[] {
  const { from, where, values, id } = selection
  const sql = `SELECT ${COLUMNS} ${from} WHERE ${where} AND ${id} > ? ORDER BY ${id} LIMIT ? OFFSET ?`
  return connection.all(sql, ...values, afterId ?? '', size, offset).map(storedOf)
}

/** Counted by the database where its condition decides; one by one where it does not, or where something has expired. */
async function countEntities(tables: Tables, request: EntityRequest): Promise<number> {
  const { connection } = tables
  const { selection, finish } = selectionOf(tables, request)
  const { now } = request
  const oneByOne = (of: Selection): Promise<number> =>
    finishCount(finish, (afterId, size) => readRows(connection, of, { afterId, size, offset: 0 }))
  if (!finish.exact) return await oneByOne(selection)
  const all = countRows(connection, selection)
  if (!hasExpired(connection, now)) return all
  const expired = narrowed(selection, 'e.expires <= ?', now)
  return all - countRows(connection, expired) + (await oneByOne(expired))
}

function countRows(connection: Connection, { from, fromAlone, where, values }: Selection): number {
  return Number(connection.get(`SELECT count(*) ${fromAlone ?? from} WHERE ${where}`, ...values)?.[0])
}

/** True when the sweeper has not yet been to all that has expired: for two seconds, and rarely. */
function hasExpired(connection: Connection, now: TimeKey): boolean {
  return connection.get('SELECT 1 FROM entity WHERE expires <= ? LIMIT 1', now) !== undefined
}
