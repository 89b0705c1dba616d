/** Reading entities. Every filter begins with the space; what it lets through too much, `finish.ts` takes off. */
import type { Filter } from 'mongodb'
import type { TimeKey } from '../../base/time.ts'
import { all, and } from '../../core/query/ast.ts'
import type { Bounds } from '../bounds.ts'
import { budgetOf } from '../bounds.ts'
import type { Candidates } from '../candidates.ts'
import type { Finish } from '../finish.ts'
import { directionOf, finishCount, finishMany, finishOne, finishPage, pageOf } from '../finish.ts'
import type { EntityRequest, EntityStore, Page, PageRequest, StoredEntity } from '../port.ts'
import type { AnswerPart, LiveDocument, Tombstone } from './entity-document.ts'
import { answerProjection, storedEntityOf } from './entity-document.ts'
import { call } from './errors.ts'
import { entityKey } from './keys.ts'
import { selectionOf } from './lead.ts'
import { bounded } from './options.ts'
import { countRange, fadedOnly, freshOnly, hasFaded, readLead, sourceOf } from './scan.ts'
import type { Collections } from './schema.ts'
import type { Search } from './search.ts'
import type { Spaces } from './spaces.ts'

export type EntityReader = Omit<EntityStore, 'submit'>

/** The reading half of the entity store. */
export function createEntityReader(collections: Collections, spaces: Spaces, bounds: Bounds): EntityReader {
  const reader: Reader = {
    collections,
    spaces,
    finishOf: (request, exact) => ({
      now: request.now,
      query: and(request.filter, request.visibility),
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
  const { space, now, limit, offset, after } = request
  const selection = selectionOf(request)
  const exact = selection.precision === 'exact'
  const direction = directionOf(request.order)
  const search: Search = { collections, space, now, selection, direction: direction ?? 'ascending' }
  // Only where nothing has expired is each document an entity of the answer, so that the database can skip some.
  const skips = exact && direction !== undefined && offset > 0 && !(await hasFaded(search))
  if (skips && selection.bare) {
    return pageOf(await readLead(search, { afterId: after?.afterId, size: limit + 1, offset }), limit)
  }
  return finishPage(finishOf(request, exact), request, sourceOf(search, skips))
}

async function countEntities({ collections, spaces, finishOf }: Reader, request: EntityRequest): Promise<number> {
  await spaces.require(request.space)
  const { space, now } = request
  const selection = selectionOf(request)
  const finish = finishOf(request, selection.precision === 'exact')
  const search: Search = { collections, space, now, selection, direction: 'ascending' }
  if (!finish.exact) return finishCount(finish, sourceOf(search, false))
  // What has expired in part needs a look inside; all others the database counts.
  const counts = await Promise.all([
    selection.bare
      ? countRange(freshOnly(search), selection.lead)
      : finishCount(finish, sourceOf(freshOnly(search), true)),
    finishCount(finish, sourceOf(fadedOnly(search), false)),
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

/**
 * What the filter lets through before `finish.ts`, wholly expired entities included, and how well it fits: for the
 * differential test of every store.
 */
export async function readCandidates(collections: Collections, request: EntityRequest): Promise<Candidates> {
  const { filter, precision } = selectionOf(request)
  const cursor = collections.liveEntities.find(filter, { projection: { id: 1 } })
  return { precision, ids: (await call(cursor.toArray())).map(({ id }) => id) }
}
