import type { ContextArchive, FetchedContext } from '../core/context/archive.ts'
import type { LoadedContext } from '../core/context/gather.ts'
import { createMemo } from '../core/context/memo.ts'
import type { Memo } from '../core/context/memo.ts'
import type { ContextMap } from './context-map.ts'
import type { FetchOptions } from './fetch-context.ts'
import { fetchContext, unavailable } from './fetch-context.ts'

/** A remote context with the time (milliseconds since 1970) until which it need not be asked for again. */
export interface FreshContext extends LoadedContext {
  readonly until: number
}

export interface ContextLoader {
  /** Rejects with LdContextNotAvailable when the context cannot be had, with BadRequestData when it is no JSON (clause 5.5.6). */
  load(url: string): Promise<FreshContext>
  /** Says that what was loaded is a valid context: only now is a fetched one kept for longer. True when that was news. */
  prove(url: string): Promise<boolean>
  /** Says that what was loaded may be broken: unless it has proved itself before, it is fetched again at the next use. */
  doubt(url: string): void
  /**
   * A copy fetched past all caches, for `replace`. Rejects as `load` does, and with LdContextNotAvailable when it must not
   * be kept.
   */
  fetchAnew(url: string): Promise<FetchedContext>
  replace(context: FetchedContext): Promise<void>
  /** Drops what memory holds of it, unless that was fetched at the time given (milliseconds since 1970). */
  forget(url: string, unlessFetchedAt?: number): void
  /** Changes with everything that is dropped or replaced: what was compiled from it before is not to be trusted. */
  epoch(): number
}

export interface LoaderOptions extends FetchOptions {
  readonly map: ContextMap
  /** Absent: nothing outlives the process. */
  readonly archive?: ContextArchive
}

interface Held {
  readonly context: FetchedContext
  readonly isProven: boolean
}

// Documents kept: twice this many bytes of JSON.
const CACHE_BYTES = 16_000_000
// After a failure a source is left alone for a moment: a second when nothing is known, longer when there is a stale copy to serve.
const FAILURE_HOLD = 1_000
const STALE_HOLD = 10_000

interface State {
  readonly options: LoaderOptions
  readonly held: Memo<Held>
  readonly failures: Memo<{ readonly error: unknown; readonly until: number }>
  epoch: number
}

/**
 * Loads contexts, each address once at a time, and keeps them as HTTP allows: in memory, and behind it in the archive. What
 * `map` has is never fetched, nor is what this broker hosts itself.
 */
export function createContextLoader(options: LoaderOptions): ContextLoader {
  const held = createMemo<Held>(CACHE_BYTES, ({ context }) => context.size)
  const state: State = { options, held, failures: createMemo(1000), epoch: 0 }
  const underWay = new Map<string, Promise<FreshContext>>()
  return {
    load: async (url) => {
      const mapped = options.map.get(url)
      if (mapped !== undefined) return { document: mapped, url, until: Infinity }
      const known = held.get(url)
      if (known !== undefined && options.now() < known.context.until) return loaded(known.context)
      const failed = state.failures.get(url)
      if (failed !== undefined && options.now() < failed.until) throw failed.error
      const sharedLoad = underWay.get(url) ?? refresh(state, url).finally(() => underWay.delete(url))
      underWay.set(url, sharedLoad)
      return sharedLoad
    },
    prove: async (url) => {
      const known = held.get(url)
      if (known === undefined || known.isProven) return false
      held.set(url, { ...known, isProven: true })
      await options.archive?.keep(known.context)
      return true
    },
    doubt: (url) => {
      if (held.get(url)?.isProven === false) held.delete(url)
    },
    fetchAnew: async (url) => {
      const { context, storable } = await fetchContext(options, url)
      if (!storable) throw unavailable(url, 'its source says that it must not be kept')
      return context
    },
    replace: async (context) => {
      state.epoch += 1
      hold(state, context, true)
      await options.archive?.keep(context)
    },
    forget: (url, unlessFetchedAt) => {
      const known = held.get(url)
      if (known !== undefined && known.context.fetchedAt === unlessFetchedAt) return
      state.epoch += 1
      held.delete(url)
      state.failures.delete(url)
    },
    epoch: () => state.epoch,
  }
}

function loaded({ document, from, until }: FetchedContext): FreshContext {
  return { document, url: from, until }
}

function hold({ held }: State, context: FetchedContext, isProven: boolean): FreshContext {
  held.set(context.url, { context, isProven })
  return loaded(context)
}

/** What memory has no fresh answer for: hosted here, archived, or fetched. */
async function refresh(state: State, url: string): Promise<FreshContext> {
  const { archive, now } = state.options
  const { epoch } = state
  const hosted = archive?.hosted(url)
  if (hosted !== undefined) {
    const document = await hosted
    const size = JSON.stringify(document).length
    const context = { url, from: url, document, size, fetchedAt: 0, until: Infinity, strict: false, validators: {} }
    // It may have been deleted while it was read.
    return epoch === state.epoch ? hold(state, context, true) : loaded(context)
  }
  const known = state.held.get(url) ?? (await recall(archive, url))
  if (known !== undefined && now() < known.context.until) return hold(state, known.context, known.isProven)
  return refetch(state, url, known)
}

async function recall(archive: ContextArchive | undefined, url: string): Promise<Held | undefined> {
  const context = await archive?.fetched(url)
  return context === undefined ? undefined : { context, isProven: true }
}

async function refetch(state: State, url: string, known: Held | undefined): Promise<FreshContext> {
  const { options, held, failures } = state
  try {
    const { context, storable } = await fetchContext(options, url, known?.context)
    const isUnchanged = context.document === known?.context.document
    if (storable) return hold(state, context, isUnchanged && known.isProven)
    held.delete(url)
    return loaded(context)
  } catch (error) {
    if (known === undefined || known.context.strict) {
      failures.set(url, { error, until: options.now() + FAILURE_HOLD })
      throw error
    }
    return hold(state, { ...known.context, until: options.now() + STALE_HOLD }, known.isProven)
  }
}
