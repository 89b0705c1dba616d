/** The store behind the memory of contexts: what this broker hosts, and copies of what it fetched. */
import { timeKeyOfMicros } from '../base/time.ts'
import type { ContextArchive, FetchedContext } from '../core/context/archive.ts'
import type { Memo } from '../core/context/memo.ts'
import { NgsiError } from '../core/errors.ts'
import type { JsonObject } from '../base/json.ts'
import type { Log } from '../ops/log.ts'
import type { ContextRecord } from '../store/contexts.ts'
import {
  allContextUsage,
  contextContent,
  contextIdOf,
  findContext,
  listContexts,
  putContext,
  removeContext,
} from '../store/contexts.ts'
import type { DocumentStore } from '../store/port.ts'

export interface ArchiveParts {
  readonly documents: DocumentStore
  /** The local id in an address at which this broker serves contexts; undefined for any other address. */
  readonly idOf: (url: string) => string | undefined
  /** Local id -> URL of the copies that memory may hold; filled here. */
  readonly cachedUrls: Memo<string>
  readonly log: Log
}

/** Copies of fetched contexts are kept up to so many bytes; those that were not used for longest go first. */
const CACHED_BYTES = 64_000_000

export function createContextArchive({ documents, idOf, cachedUrls, log }: ArchiveParts): ContextArchive {
  return {
    hosted: (url) => {
      const id = idOf(url)
      return id === undefined ? undefined : hostedContent(documents, id, url)
    },
    fetched: (url) => {
      cachedUrls.set(contextIdOf(url), url)
      return fetchedContext(documents, url).catch((err: unknown) => {
        log.warn({ err, url }, 'the stored copy of a context could not be read')
        return undefined
      })
    },
    keep: (context) =>
      keep(documents, context).catch((err: unknown) => {
        log.warn({ err, url: context.url }, 'a fetched context could not be stored')
      }),
  }
}

async function hostedContent(documents: DocumentStore, id: string, url: string): Promise<JsonObject> {
  const record = await findContext(documents, id)
  const content = record === undefined || record.kind === 'Cached' ? undefined : await contextContent(documents, id)
  if (content !== undefined) return content
  throw new NgsiError('LdContextNotAvailable', `the @context ${url} is not available: this broker does not host it`)
}

async function fetchedContext(documents: DocumentStore, url: string): Promise<FetchedContext | undefined> {
  const id = contextIdOf(url)
  const record = await findContext(documents, id)
  if (record?.fetched === undefined) return undefined
  const document = await contextContent(documents, id)
  return document === undefined ? undefined : { ...record.fetched, size: record.size, document }
}

async function keep(documents: DocumentStore, context: FetchedContext): Promise<void> {
  const { url, document, size, ...rest } = context
  const id = contextIdOf(url)
  const createdAt = timeKeyOfMicros(context.fetchedAt * 1000)
  await putContext(documents, { id, kind: 'Cached', createdAt, size, fetched: { url, ...rest } }, document)
  await makeRoom(documents, id)
}

async function makeRoom(documents: DocumentStore, spared: string): Promise<void> {
  const cached = (await listContexts(documents)).filter(({ kind }) => kind === 'Cached')
  let total = cached.reduce((bytes, { size }) => bytes + size, 0)
  if (total <= CACHED_BYTES) return
  const usage = await allContextUsage(documents)
  const lastUse = ({ id, createdAt }: ContextRecord): string => usage.get(id)?.lastUsage ?? createdAt
  for (const { id, size } of cached.toSorted((a, b) => (lastUse(a) < lastUse(b) ? -1 : 1))) {
    if (total <= CACHED_BYTES) return
    if (id === spared) continue
    await removeContext(documents, id)
    total -= size
  }
}
