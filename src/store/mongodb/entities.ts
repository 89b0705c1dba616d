/** Reading entities. Every filter begins with the space; what it lets through too much, `finish.ts` takes off. */
import type { Filter } from 'mongodb'
import type { TimeKey } from '../../base/time.ts'
import type { Space } from '../../core/model/space.ts'
import type { Query } from '../../core/query/ast.ts'
import { and } from '../../core/query/ast.ts'
import type { Candidates, Precision } from '../candidates.ts'
import { precisionOfAnd } from '../candidates.ts'
import type { Finish, ReadSlice } from '../finish.ts'
import { finishCount, finishEntity, finishPage } from '../finish.ts'
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
export function createEntityReader(collections: Collections, spaces: Spaces): EntityReader {
  return {
    get: (request, id) => getEntity(collections, spaces, { request, id }),
    getMany: (request, ids) => getEntities(collections, spaces, { request, ids }),
    query: (request) => queryEntities(collections, spaces, request),
    count: (request) => countEntities(collections, spaces, request),
    expired: (now, limit) => findExpired(collections, now, limit),
  }
}

interface GetRequest {
  readonly request: EntityRequest
  readonly id: string
}

async function getEntity(
  { entities }: Collections,
  spaces: Spaces,
  { request, id }: GetRequest,
): Promise<StoredEntity | undefined> {
  const filter = { _id: entityKey(request.space, id) }
  const options = { ...bounded, projection: { ...answerProjection, deleted: 1 } } as const
  const [found] = await Promise.all([
    call(entities.findOne<FoundEntity>(filter, options)),
    spaces.require(request.space),
  ])
  if (found === null || found.deleted) return undefined
  return finishEntity({ now: request.now, query: queryOf(request), exact: false }, storedEntityOf(found))
}

interface GetManyRequest {
  readonly request: EntityRequest
  readonly ids: readonly string[]
}

async function getEntities(
  { liveEntities }: Collections,
  spaces: Spaces,
  { request, ids }: GetManyRequest,
): Promise<ReadonlyMap<string, StoredEntity>> {
  const filter: Filter<LiveDocument> = {
    _id: { $in: ids.map((id) => entityKey(request.space, id)) },
    deleted: false,
  }
  const cursor = liveEntities.find<AnswerPart>(filter, { ...bounded, projection: answerProjection })
  const [documents] = await Promise.all([call(cursor.toArray()), spaces.require(request.space)])
  const finish = { now: request.now, query: queryOf(request), exact: false }
  const found = documents.flatMap((document) => finishEntity(finish, storedEntityOf(document)) ?? [])
  return new Map(found.map((entity) => [entity.id, entity]))
}

/** What is read of one document, perhaps a tombstone. */
type FoundEntity = Pick<Tombstone, 'deleted'> | (AnswerPart & Pick<LiveDocument, 'deleted'>)

async function queryEntities(collections: Collections, spaces: Spaces, request: PageRequest): Promise<Page> {
  await spaces.require(request.space)
  const conjuncts = compile(request)
  const filter = { ...candidateFilter(request, conjuncts), ...notExpired(request) }
  return finishPage(finishOf(request, conjuncts), request, sliceReader(collections, request.space, filter))
}

async function countEntities(collections: Collections, spaces: Spaces, request: EntityRequest): Promise<number> {
  await spaces.require(request.space)
  const conjuncts = compile(request)
  const filter = { ...candidateFilter(request, conjuncts), ...notExpired(request) }
  const finish = finishOf(request, conjuncts)
  if (!finish.exact) return finishCount(finish, sliceReader(collections, request.space, filter))
  // What has expired in part needs a look inside; all others the database counts.
  const faded: Filter<LiveDocument> = { ...filter, expires: { $lte: request.now } }
  const fresh: Filter<LiveDocument> = { ...filter, expires: { $not: { $lte: request.now } } }
  const counts = await Promise.all([
    call(collections.liveEntities.countDocuments(fresh, bounded)),
    finishCount(finish, sliceReader(collections, request.space, faded)),
  ])
  return counts[0] + counts[1]
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

function finishOf(request: EntityRequest, conjuncts: readonly Compiled[]): Finish {
  return { now: request.now, query: queryOf(request), exact: precisionOf(conjuncts) === 'exact' }
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

function sliceReader(collections: Collections, space: Space, filter: Filter<LiveDocument>): ReadSlice {
  return async (afterId, size) => {
    const keys = keysWithin(space)
    const _id = afterId === undefined ? keys : { ...keys, $gt: entityKey(space, afterId) }
    const options = { ...bounded, projection: answerProjection, sort: { _id: 1 }, limit: size } as const
    const cursor = collections.liveEntities.find<AnswerPart>({ $and: [{ _id }, filter] }, options)
    return (await call(cursor.toArray())).map(storedEntityOf)
  }
}
