/** Loader, resolver, store and the broker's own address put together into what operations know as `Contexts`. */
import { timeKeyOfMicros } from '../base/time.ts'
import type { Config } from '../config.ts'
import { linkableUrl } from '../core/context/link.ts'
import type { Memo } from '../core/context/memo.ts'
import { createMemo } from '../core/context/memo.ts'
import type { ContextMap } from '../net/context-map.ts'
import type { CachingResolver } from '../net/contexts.ts'
import { createContextResolver } from '../net/contexts.ts'
import type { Outbound } from '../net/outbound.ts'
import type { Contexts } from '../operations/call.ts'
import type { Log } from '../ops/log.ts'
import { repeat } from '../ops/repeat.ts'
import { addContextUsage, contextIdOf, findContext, watchContexts } from '../store/contexts.ts'
import type { DocumentStore } from '../store/port.ts'
import { createContextArchive } from './context-archive.ts'

export interface ContextParts {
  readonly documents: DocumentStore
  readonly outbound: Outbound
  readonly map: ContextMap
  /** Where others reach the broker, without a trailing slash. */
  readonly publicUrl: () => string
  readonly log: Log
}

export interface RunningContexts extends Contexts {
  /** Writes what is still to be written. */
  stop(): Promise<void>
}

const CONTEXTS_PATH = '/ngsi-ld/v1/jsonldContexts/'
/** Milliseconds between two writes of how often contexts were used. */
const USAGE_INTERVAL = 5000
// Far more than memory holds contexts.
const CACHED_URLS = 10_000

/** Follows the store from now on. */
export function createContexts(config: Config, parts: ContextParts): RunningContexts {
  const { documents, outbound, map, publicUrl, log } = parts
  const urlOf = (id: string): string => `${publicUrl()}${CONTEXTS_PATH}${id}`
  const idOf = (url: string): string | undefined => idWithin(`${publicUrl()}${CONTEXTS_PATH}`, url)
  const cachedUrls = createMemo<string>(CACHED_URLS)
  const archive = createContextArchive({ documents, idOf, cachedUrls, log })
  const { contextTimeout: timeout, maxContextBytes: maxBytes, maxHostedContexts } = config
  const resolver = createContextResolver({ fetch: outbound.fetch, map, now: Date.now, timeout, maxBytes, archive })
  const report = (err: unknown): void => {
    log.warn({ err }, 'what the store says of contexts could not be followed or written')
  }
  const unwatch = watchContexts(
    documents,
    (id) => void follow({ documents, resolver, cachedUrls, urlOf }, id).catch(report),
  )
  const writeUses = async (): Promise<void> => {
    for (const { url, hits, last } of resolver.drainUses()) {
      const lastUsage = timeKeyOfMicros(last * 1000)
      await addContextUsage(documents, idOf(url) ?? contextIdOf(url), { numberOfHits: hits, lastUsage })
    }
  }
  const stopWriting = repeat(USAGE_INTERVAL, writeUses, report)
  return {
    ...resolver,
    bounds: { hosted: maxHostedContexts, bytes: maxBytes },
    urlOf,
    idOf,
    linkOf: (source) => linkableUrl(source) ?? urlOf(contextIdOf(JSON.stringify(source))),
    writeUses,
    stop: async () => {
      unwatch()
      await stopWriting()
      await writeUses().catch(report)
    },
  }
}

function idWithin(root: string, url: string): string | undefined {
  if (!url.startsWith(root)) return undefined
  const segment = url.slice(root.length)
  return /^[\w:.-]+$/.test(segment) ? segment : undefined
}

interface Following {
  readonly documents: DocumentStore
  readonly resolver: CachingResolver
  readonly cachedUrls: Memo<string>
  readonly urlOf: (id: string) => string
}

/** Memory in line with the store: what is gone, or was fetched anew by another broker, is dropped from memory. */
async function follow({ documents, resolver, cachedUrls, urlOf }: Following, id: string): Promise<void> {
  const record = await findContext(documents, id)
  if (record === undefined) resolver.forget(cachedUrls.get(id) ?? urlOf(id))
  else if (record.fetched !== undefined) resolver.forget(record.fetched.url, record.fetched.fetchedAt)
}
