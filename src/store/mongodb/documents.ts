/** Small documents: subscriptions, registrations, contexts. A removed one is remembered for a day, for those who poll. */
import type { Filter } from 'mongodb'
import type { JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { NgsiError, notFound } from '../../core/errors.ts'
import type { DocumentKind, DocumentPage, DocumentStore, StoredDocument } from '../port.ts'
import { call, isDuplicateKey } from './errors.ts'
import { documentKey, keysWithin } from './keys.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'
import type { Spaces } from './spaces.ts'
import type { SmallDocument } from './small-document.ts'
import type { Watching } from './watch.ts'

export interface DocumentsContext {
  readonly collections: Collections
  readonly spaces: Spaces
  readonly broker: string
  readonly watching: Watching
}

type Body = Omit<StoredDocument, 'revision'>

/** The document store. */
export function createDocumentStore(context: DocumentsContext): DocumentStore {
  const { collections, watching } = context
  return {
    insert: (document, createsSpace) => insert(context, document, createsSpace),
    replace: (document) => replace(context, document),
    put: (document) => put(context, document),
    remove: (space, kind, id) => remove(context, { space, kind, id }),
    get: async (space, kind, id) => {
      const filter = { _id: documentKey(space, kind, id), removed: false }
      const found = await call(collections.documents.findOne(filter, bounded))
      return found === null ? undefined : storedDocumentOf(found)
    },
    list: (kind, space) => page(context, kind, { ...optional('space', space), limit: 0 }),
    page: (kind, wanted) => page(context, kind, wanted),
    count: (kind, space) =>
      call(collections.documents.countDocuments({ _id: keysWithin(`${kind}/${space}`), removed: false }, bounded)),
    watch: (kind, changed) => watching.watch(kind, changed),
  }
}

/** A limit of 0 is none. */
async function page(context: DocumentsContext, kind: DocumentKind, wanted: DocumentPage): Promise<StoredDocument[]> {
  const { space, after, offset = 0, limit } = wanted
  const { $gt, $lt } = keysWithin(space === undefined ? kind : `${kind}/${space}`)
  const from = after === undefined ? $gt : documentKey(after.space, kind, after.id)
  const filter: Filter<SmallDocument> = { _id: { $gt: from, $lt }, removed: false }
  const cursor = context.collections.documents.find(filter, { ...bounded, sort: { _id: 1 }, skip: offset, limit })
  return (await call(cursor.toArray())).map(storedDocumentOf)
}

function storedDocumentOf({ space, kind, id, revision, body }: SmallDocument): StoredDocument {
  return { space, kind, id, revision, body: JSON.parse(body) as JsonObject }
}

/** The part of an update that all changes have. */
function touched({ broker }: DocumentsContext): { $currentDate: { updatedAt: true }; broker: string } {
  return { $currentDate: { updatedAt: true }, broker }
}

async function insert(context: DocumentsContext, document: Body, createsSpace: boolean): Promise<void> {
  const { collections, spaces } = context
  const { space, kind, id, body } = document
  if (createsSpace) await spaces.create(space)
  else await spaces.require(space)
  const { $currentDate, broker } = touched(context)
  const update = {
    $set: { space, kind, id, body: JSON.stringify(body), broker, removed: false, revision: 1 },
    $unset: { removedAt: true },
    $currentDate,
  } as const
  // What is there and not removed does not match, and then the key is taken.
  const filter = { _id: documentKey(space, kind, id), removed: true }
  const upserted = collections.documents.updateOne(filter, update, { ...bounded, upsert: true })
  await call(refuseDuplicate(upserted, `${kind} '${id}' exists already`))
  context.watching.announce(document)
}

async function refuseDuplicate(operation: Promise<unknown>, detail: string): Promise<void> {
  try {
    await operation
  } catch (error) {
    throw isDuplicateKey(error) ? new NgsiError('AlreadyExists', detail) : error
  }
}

async function replace(context: DocumentsContext, document: StoredDocument): Promise<void> {
  const { space, kind, id, revision, body } = document
  const { documents } = context.collections
  const { $currentDate, broker } = touched(context)
  const _id = documentKey(space, kind, id)
  const update = { $set: { body: JSON.stringify(body), broker }, $inc: { revision: 1 }, $currentDate } as const
  const { matchedCount } = await call(documents.updateOne({ _id, revision, removed: false }, update, bounded))
  if (matchedCount === 0) throw await replaceRefused(context, document)
  context.watching.announce(document)
}

async function replaceRefused({ collections }: DocumentsContext, document: StoredDocument): Promise<NgsiError> {
  const { space, kind, id } = document
  const filter = { _id: documentKey(space, kind, id), removed: false }
  const found = await call(collections.documents.findOne(filter, { ...bounded, projection: { _id: 1 } }))
  if (found === null) return notFound(`${kind} '${id}' does not exist`)
  return new NgsiError('Conflict', `${kind} '${id}' was changed meanwhile`)
}

async function put(context: DocumentsContext, document: Body): Promise<void> {
  const { space, kind, id, body } = document
  await context.spaces.require(space)
  const { $currentDate, broker } = touched(context)
  const update = {
    $set: { space, kind, id, body: JSON.stringify(body), broker, removed: false },
    $unset: { removedAt: true },
    $inc: { revision: 1 },
    $currentDate,
  } as const
  const filter = { _id: documentKey(space, kind, id) }
  await call(context.collections.documents.updateOne(filter, update, { ...bounded, upsert: true }))
  context.watching.announce(document)
}

async function remove(context: DocumentsContext, key: Omit<Body, 'body'>): Promise<boolean> {
  const { $currentDate, broker } = touched(context)
  const filter = { _id: documentKey(key.space, key.kind, key.id), removed: false }
  // Revision 0: a document of the same id begins with 1 again.
  const update = {
    $set: { removed: true, revision: 0, body: '{}', broker },
    $currentDate: { ...$currentDate, removedAt: true },
  } as const
  const { matchedCount } = await call(context.collections.documents.updateOne(filter, update, bounded))
  if (matchedCount > 0) context.watching.announce(key)
  return matchedCount > 0
}
