/** Reading entities. Every filter begins with the space; what it lets through too much, `finish.ts` takes off. */
import type { Filter, Sort } from 'mongodb'
import type { TimeKey } from '../../base/time.ts'
import type { Space } from '../../core/model/space.ts'
import type { Query } from '../../core/query/ast.ts'
import { all, and } from '../../core/query/ast.ts'
import type { Bounds } from '../bounds.ts'
import { budgetOf } from '../bounds.ts'
import type { Candidates, Precision } from '../candidates.ts'
import { precisionOfAnd } from '../candidates.ts'
import type { Direction, Finish, Source } from '../finish.ts'
import { directionOf, finishCount, finishMany, finishOne, finishPage, pageOf } from '../finish.ts'
import type { EntityRequest, EntityStore, Page, PageRequest, StoredEntity } from '../port.ts'
import type { Compiled } from './compile-query.ts'
import { compileQuery } from './compile-query.ts'
import type { AnswerPart, LiveDocument, Tombstone } from './entity-document.ts'
import { answerProjection, storedEntityOf } from './entity-document.ts'
import { call } from './errors.ts'
import { entityKey, keysWithin } from './keys.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'
import type { Spaces } from './spaces.ts'

export type EntityReader = Omit<EntityStore, 'submit'>

/** The reading half of the entity store. */
export function createEntityReader(collections: Collections, spaces: Spaces, bounds: Bounds): EntityReader {
  const reader: Reader = {
    collections,
    spaces,
    finishOf: (request, exact) => ({
      now: request.now,
      query: queryOf(request),
      exact,
      budget: budgetOf(bounds),
      readMany: (ids) => getEntities(reader, { ...request, filter: all }, ids),
    }),
  }
  return {
    get: (request, id) => getEntity(reader, request, id),
    getMany: (request, ids) => getEntities(reader, request, ids),
    query: (request) => queryEntities(reader, request),
    count: (request) => countEntities(reader, request),
    expired: (now, limit) => findExpired(collections, now, limit),
  }
}

interface Reader {
  readonly collections: Collections
  readonly spaces: Spaces
  readonly finishOf: (request: EntityRequest, exact: boolean) => Finish
}

async function getEntity(reader: Reader, request: EntityRequest, id: string): Promise<StoredEntity | undefined> {
  const { collections, spaces, finishOf } = reader
  const filter = { _id: entityKey(request.space, id) }
  const options = { ...bounded, projection: { ...answerProjection, deleted: 1 } } as const
  const [found] = await Promise.all([
    call(collections.entities.findOne<FoundEntity>(filter, options)),
    spaces.require(request.space),
  ])
  if (found === null || found.deleted) return undefined
  return await finishOne(finishOf(request, false), storedEntityOf(found))
}

async function getEntities(
  { collections, spaces, finishOf }: Reader,
  request: EntityRequest,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredEntity>> {
  const filter: Filter<LiveDocument> = {
    _id: { $in: ids.map((id) => entityKey(request.space, id)) },
    deleted: false,
  }
  const cursor = collections.liveEntities.find<AnswerPart>(filter, { ...bounded, projection: answerProjection })
  const [documents] = await Promise.all([call(cursor.toArray()), spaces.require(request.space)])
  return await finishMany(finishOf(request, false), documents.map(storedEntityOf))
}

/** What is read of one document, perhaps a tombstone. */
type FoundEntity = Pick<Tombstone, 'deleted'> | (AnswerPart & Pick<LiveDocument, 'deleted'>)

async function queryEntities({ collections, spaces, finishOf }: Reader, request: PageRequest): Promise<Page> {
  await spaces.require(request.space)
  const conjuncts = compile(request)
  const exact = precisionOf(conjuncts) === 'exact'
  const filter = { ...candidateFilter(request, conjuncts), ...notExpired(request) }
  const direction = directionOf(request.order)
  const search: Search = { collections, space: request.space, filter, direction: direction ?? 'ascending' }
  // Only where nothing has expired is each document an entity of the answer, so that the database can skip some.
  if (exact && direction !== undefined && request.offset > 0 && !(await hasFaded(search, request.now))) {
    const { limit, offset, after } = request
    return pageOf(await readDocuments(search, { afterId: after?.afterId, size: limit + 1, offset }), limit)
  }
  return finishPage(finishOf(request, exact), request, sourceOf(search))
}

async function countEntities({ collections, spaces, finishOf }: Reader, request: EntityRequest): Promise<number> {
  await spaces.require(request.space)
  const { space, now } = request
  const conjuncts = compile(request)
  const filter = { ...candidateFilter(request, conjuncts), ...notExpired(request) }
  const finish = finishOf(request, precisionOf(conjuncts) === 'exact')
  if (!finish.exact) return finishCount(finish, sourceOf({ collections, space, filter, direction: 'ascending' }))
  // What has expired in part needs a look inside; all others the database counts.
  const fresh: Filter<LiveDocument> = { ...filter, expires: { $not: { $lte: now } } }
  const counts = await Promise.all([
    call(collections.liveEntities.countDocuments(fresh, bounded)),
    finishCount(finish, sourceOf({ collections, space, filter: faded(filter, now), direction: 'ascending' })),
  ])
  return counts[0] + counts[1]
}

/** Those in which something has expired. */
function faded(filter: Filter<LiveDocument>, now: TimeKey): Filter<LiveDocument> {
  return { ...filter, expires: { $lte: now } }
}

async function hasFaded({ collections, filter }: Search, now: TimeKey): Promise<boolean> {
  const options = { ...bounded, projection: { _id: 1 } } as const
  return (await call(collections.liveEntities.findOne(faded(filter, now), options))) !== null
}

async function findExpired(
  collections: Collections,
  now: TimeKey,
  limit: number,
): Promise<Awaited<ReturnType<EntityStore['expired']>>> {
  const options = { ...bounded, projection: { _id: 0, space: 1, id: 1 }, sort: { expires: 1 }, limit } as const
  const cursor = collections.liveEntities.find({ expires: { $lte: now } }, options)
  return (await call(cursor.toArray())).map(({ space, id }) => ({ space, id }))
}

function queryOf({ filter, visibility }: EntityRequest): Query {
  return and(filter, visibility)
}

function precisionOf(conjuncts: readonly Compiled[]): Precision {
  return precisionOfAnd(conjuncts.map(({ precision }) => precision))
}

/** The parts of the query that are joined by `and`, each compiled for itself. */
function compile(request: EntityRequest): readonly Compiled[] {
  const query = queryOf(request)
  const conjuncts = query.kind === 'and' ? query.of : [query]
  return conjuncts.map((conjunct) => compileQuery(conjunct, request.space))
}

/**
 * What may match. An entity in which something has expired passes every part that asks for attributes: what is stored of
 * it is no longer what counts.
 */
function candidateFilter(request: EntityRequest, conjuncts: readonly Compiled[]): Filter<LiveDocument> {
  const { space, now } = request
  const said = conjuncts.filter(({ precision }) => precision !== 'none')
  const parts = said.map(({ filter, fades }) => (fades ? { $or: [filter, { expires: { $lte: now } }] } : filter))
  return {
    space,
    deleted: false,
    ...(parts.length > 0 && { $and: parts }),
  }
}

/** Entities that have not expired as a whole. */
function notExpired({ now }: EntityRequest): Filter<LiveDocument> {
  return { entityExpires: { $not: { $lte: now } } }
}

/**
 * What the filter lets through before `finish.ts`, wholly expired entities included, and how well it fits: for the
 * differential test of every store.
 */
export async function readCandidates(collections: Collections, request: EntityRequest): Promise<Candidates> {
  const conjuncts = compile(request)
  const cursor = collections.liveEntities.find(candidateFilter(request, conjuncts), { projection: { id: 1 } })
  const ids = (await call(cursor.toArray())).map(({ id }) => id)
  return { precision: precisionOf(conjuncts), ids }
}

interface Search {
  readonly collections: Collections
  readonly space: Space
  readonly filter: Filter<LiveDocument>
  readonly direction: Direction
}

interface Part {
  readonly afterId: string | undefined
  readonly size: number
  readonly offset: number
}

function sourceOf(search: Search): Source {
  return {
    read: async (afterId, size) => {
      const candidates = await readDocuments(search, { afterId, size, offset: 0 })
      const last = candidates.at(-1)
      return last === undefined || candidates.length < size ? { candidates } : { candidates, next: last.id }
    },
  }
}

async function readDocuments(
  { collections, space, filter, direction }: Search,
  { afterId, size, offset }: Part,
): Promise<readonly StoredEntity[]> {
  const keys = keysWithin(space)
  const after = { [direction === 'ascending' ? '$gt' : '$lt']: entityKey(space, afterId ?? '') }
  const _id = afterId === undefined ? keys : { ...keys, ...after }
  const sort: Sort = { _id: direction === 'ascending' ? 1 : -1 }
  const options = { ...bounded, projection: answerProjection, sort, skip: offset, limit: size } as const
  const cursor = collections.liveEntities.find<AnswerPart>({ $and: [{ _id }, filter] }, options)
  return (await call(cursor.toArray())).map(storedEntityOf)
}
