/**
 * Contexts as small documents (ETSI GS CIM 009 V1.9.1, clause 5.13). Each is kept in two: what is known of it, and its
 * content, so that a list of contexts reads no content; and a third counts its uses.
 *
 * All are in the default space. A context belongs to no tenant: its URL names none, and whoever dereferences that URL sends
 * no NGSILD-Tenant header.
 */
import { hash } from 'node:crypto'
import type { JsonObject } from '../base/json.ts'
import type { TimeKey } from '../base/time.ts'
import type { ContextKind } from '../core/context/kinds.ts'
import { NgsiError } from '../core/errors.ts'
import { DEFAULT_SPACE } from '../core/model/space.ts'
import type { DocumentStore } from './port.ts'

/** What is known of a stored context beside its content. */
export interface ContextRecord {
  /** The local identifier, a URI. */
  readonly id: string
  readonly kind: ContextKind
  /** When this content came to the broker. */
  readonly createdAt: TimeKey
  /** Bytes of the content. */
  readonly size: number
  /** Of Cached ones alone. */
  readonly fetched?: FetchedFrom
}

/** Where a Cached context came from; members as `FetchedContext` has them. */
export interface FetchedFrom {
  readonly url: string
  readonly from: string
  readonly fetchedAt: number
  readonly until: number
  readonly strict: boolean
  readonly validators: Readonly<Record<string, string>>
}

export interface StoredUsage {
  readonly numberOfHits: number
  readonly lastUsage: TimeKey
}

const space = DEFAULT_SPACE
const PREFIX = 'urn:ngsi-ld:Context:'
const MAX_TRIES = 5

/** A local identifier that follows from a text: of the URL of a Cached context, or of the content of a created one. */
export function contextIdOf(text: string): string {
  return PREFIX + hash('sha256', text, 'hex').slice(0, 32)
}

/** A local identifier for a context that is to be told from all others, whatever it holds. */
export function contextIdFor(uuid: string): string {
  return PREFIX + uuid
}

/** Adds a context. Rejects with AlreadyExists when the id is taken. */
export async function insertContext(
  documents: DocumentStore,
  record: ContextRecord,
  content: JsonObject,
): Promise<void> {
  const { id } = record
  // The record comes last: while it is not there, nothing is.
  await documents.put({ space, kind: 'context-document', id, body: content })
  await documents.insert({ space, kind: 'context', id, body: bodyOf(record) }, false)
}

/** Adds a context, or puts it in the place of the one with this id. */
export async function putContext(documents: DocumentStore, record: ContextRecord, content: JsonObject): Promise<void> {
  const { id } = record
  await documents.put({ space, kind: 'context-document', id, body: content })
  await documents.put({ space, kind: 'context', id, body: bodyOf(record) })
}

function bodyOf(record: ContextRecord): JsonObject {
  return { ...record } as unknown as JsonObject
}

export async function findContext(documents: DocumentStore, id: string): Promise<ContextRecord | undefined> {
  const found = await documents.get(space, 'context', id)
  return found === undefined ? undefined : (found.body as unknown as ContextRecord)
}

/** A JSON object with the member `@context`, as it came; undefined when there is none. */
export async function contextContent(documents: DocumentStore, id: string): Promise<JsonObject | undefined> {
  return (await documents.get(space, 'context-document', id))?.body
}

/** All contexts, in the order of their ids. */
export async function listContexts(documents: DocumentStore): Promise<readonly ContextRecord[]> {
  return (await documents.list('context', space)).map(({ body }) => body as unknown as ContextRecord)
}

/** False when there was none. */
export async function removeContext(documents: DocumentStore, id: string): Promise<boolean> {
  const wasThere = await documents.remove(space, 'context', id)
  await documents.remove(space, 'context-document', id)
  await documents.remove(space, 'context-usage', id)
  return wasThere
}

/** Calls back with the id of each context that came, changed or went, also by another broker; ends with the returned function. */
export function watchContexts(documents: DocumentStore, changed: (id: string) => void): () => void {
  return documents.watch('context', (_space, id) => {
    changed(id)
  })
}

/** How often the context was used; undefined when it was not. */
export async function contextUsage(documents: DocumentStore, id: string): Promise<StoredUsage | undefined> {
  const found = await documents.get(space, 'context-usage', id)
  return found === undefined ? undefined : (found.body as unknown as StoredUsage)
}

/** The usage of all contexts, by id. */
export async function allContextUsage(documents: DocumentStore): Promise<ReadonlyMap<string, StoredUsage>> {
  const found = await documents.list('context-usage', space)
  return new Map(found.map(({ id, body }) => [id, body as unknown as StoredUsage]))
}

/** Adds uses to those that this and other brokers have counted. What is counted of a context that is gone is dropped. */
export async function addContextUsage(documents: DocumentStore, id: string, usage: StoredUsage): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await addOnce(documents, id, usage)
      return
    } catch (error) {
      if (!wasOvertaken(error) || tries === MAX_TRIES) throw error
    }
  }
}

async function addOnce(documents: DocumentStore, id: string, { numberOfHits, lastUsage }: StoredUsage): Promise<void> {
  if ((await findContext(documents, id)) === undefined) return
  const key = { space, kind: 'context-usage', id } as const
  const found = await documents.get(space, key.kind, id)
  if (found === undefined) {
    await documents.insert({ ...key, body: { numberOfHits, lastUsage } }, false)
    return
  }
  const before = found.body as unknown as StoredUsage
  const body = {
    numberOfHits: before.numberOfHits + numberOfHits,
    lastUsage: before.lastUsage > lastUsage ? before.lastUsage : lastUsage,
  }
  await documents.replace({ ...key, revision: found.revision, body })
}

function wasOvertaken(error: unknown): boolean {
  return error instanceof NgsiError && ['Conflict', 'AlreadyExists', 'ResourceNotFound'].includes(error.name)
}
