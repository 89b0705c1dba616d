import { hash } from 'node:crypto'
import { compileContexts, coreContext, withSource } from '../core/context/compile.ts'
import { isCoreContextUrl } from '../core/context/core.ts'
import { gatherContexts } from '../core/context/gather.ts'
import type { LoadContext } from '../core/context/gather.ts'
import { createMemo } from '../core/context/memo.ts'
import type { Memo } from '../core/context/memo.ts'
import type { ContextResolver } from '../core/context/resolver.ts'
import type { CompiledContext, ContextSource } from '../core/context/tables.ts'
import { NgsiError } from '../core/errors.ts'
import { createContextLoader } from './context-loader.ts'
import type { ContextLoader, LoaderOptions } from './context-loader.ts'
import type { ContextUsage, ContextUse } from './context-usage.ts'
import { createContextUsage } from './context-usage.ts'

/** A resolver whose memory can be told what has changed behind it. */
export interface CachingResolver extends ContextResolver {
  /**
   * Fetches a context past all caches and puts it in the place of what was kept. Rejects with LdContextNotAvailable when it
   * cannot be had or is not valid; all stays as it was then (clause 5.13.5.4).
   */
  reload(url: string): Promise<void>
  /** Drops what memory holds of it, unless that was fetched at the time given (milliseconds since 1970). */
  forget(url: string, unlessFetchedAt?: number): void
  /** Counts one use of a context that did not go through `peek` or `resolve`. */
  countUse(url: string): void
  /** Uses of contexts by URL since the last time this was asked. */
  drainUses(): readonly ContextUse[]
}

interface Resolved {
  readonly compiled: CompiledContext
  /** Milliseconds since 1970: until then no part of it need be asked for again. */
  readonly until: number
  /** The loader's epoch in which its parts were loaded. */
  readonly epoch: number
  /** The addresses that it consists of. */
  readonly uses: readonly ContextUse[]
}

// Twice as many terms may be held, at some hundred bytes each. The largest Smart Data Models context has 1,500.
const TERMS_KEPT = 100_000
// A source that turned out to be broken is not looked at again for a moment, so that it cannot keep the broker busy.
const BROKEN_HOLD = 1_000

interface State {
  readonly now: () => number
  readonly loader: ContextLoader
  readonly usage: ContextUsage
  readonly bySource: Memo<Resolved>
  readonly byContent: Memo<CompiledContext>
  readonly broken: Memo<{ readonly error: unknown; readonly until: number }>
}

/**
 * Contexts for the broker: sources are resolved through HTTP's freshness, and compiled once per content. A remote context
 * that is asked for again and has not changed costs no compilation; one that has changed is compiled anew.
 */
export function createContextResolver(options: LoaderOptions): CachingResolver {
  const state: State = {
    now: options.now,
    loader: createContextLoader(options),
    usage: createContextUsage(options.now),
    bySource: createMemo<Resolved>(TERMS_KEPT, ({ compiled }) => compiled.tables.definitions.size),
    byContent: createMemo<CompiledContext>(TERMS_KEPT, ({ tables }) => tables.definitions.size),
    broken: createMemo(1000),
  }
  const underWay = new Map<string, Promise<CompiledContext>>()
  return {
    peek: (source) => (source === undefined ? coreContext : peekAt(state, source, keyOf(source))),
    resolve: (source) => {
      if (source === undefined) return Promise.resolve(coreContext)
      const key = keyOf(source)
      const known = peekAt(state, source, key)
      if (known !== undefined) return Promise.resolve(known)
      const compiling = underWay.get(key) ?? resolve(state, source, key).finally(() => underWay.delete(key))
      underWay.set(key, compiling)
      return compiling
    },
    reload: (url) => reload(state, url),
    forget: (url, unlessFetchedAt) => {
      state.loader.forget(url, unlessFetchedAt)
    },
    countUse: (url) => {
      state.usage.count([{ url, hits: 0, last: 0 }])
    },
    drainUses: () => state.usage.drain(),
  }
}

// An address stands for itself; the NUL keeps a source that is JSON apart from an address that looks like it.
function keyOf(source: ContextSource): string {
  return typeof source === 'string' ? source : `\0${hash('sha256', JSON.stringify(source), 'base64')}`
}

function peekAt(state: State, source: ContextSource, key: string): CompiledContext | undefined {
  const known = state.bySource.get(key)
  if (known !== undefined && isCurrent(state, known)) {
    state.usage.count(known.uses)
    return known.compiled
  }
  if (typeof source !== 'string' || !isCoreContextUrl(source)) return undefined
  const compiled = withSource(coreContext, source)
  state.bySource.set(key, { compiled, until: Infinity, epoch: state.loader.epoch(), uses: [] })
  return compiled
}

function isCurrent({ loader, now }: State, { until, epoch }: Resolved): boolean {
  return epoch === loader.epoch() && (until === Infinity || now() < until)
}

async function resolve(state: State, source: ContextSource, key: string): Promise<CompiledContext> {
  const failed = state.broken.get(key)
  if (failed !== undefined && state.now() < failed.until) throw failed.error
  const parts = createParts(state)
  try {
    const compiled = await compileOnce(state, source, parts.load)
    const { until, epoch } = parts
    state.bySource.set(key, { compiled, until: until(), epoch, uses: await proved(state, parts.urls) })
    return compiled
  } catch (error) {
    for (const url of parts.urls) state.loader.doubt(url)
    // What is out of reach may be there the next moment; the loader itself waits where a network is in between.
    if (error instanceof NgsiError && error.name === 'BadRequestData') {
      state.broken.set(key, { error, until: state.now() + BROKEN_HOLD })
    }
    throw error
  }
}

/** What a source was put together from. */
interface Parts {
  readonly load: LoadContext
  readonly urls: Set<string>
  readonly epoch: number
  readonly until: () => number
}

function createParts({ loader }: State): Parts {
  const urls = new Set<string>()
  let until = Infinity
  const load: LoadContext = async (url) => {
    urls.add(url)
    const loaded = await loader.load(url)
    until = Math.min(until, loaded.until)
    return loaded
  }
  return { load, urls, epoch: loader.epoch(), until: () => until }
}

async function compileOnce(state: State, source: ContextSource, load: LoadContext): Promise<CompiledContext> {
  const contexts = await gatherContexts(source, load)
  const content = hash('sha256', JSON.stringify(contexts), 'base64')
  const known = state.byContent.get(content)
  if (known !== undefined) return withSource(known, source)
  const compiled = await compileContexts(source, contexts)
  state.byContent.set(content, compiled)
  return compiled
}

/** The parts of a valid context have proved themselves; those that were there before have been used once more. */
async function proved({ loader, usage }: State, urls: ReadonlySet<string>): Promise<readonly ContextUse[]> {
  const uses: ContextUse[] = []
  const found: ContextUse[] = []
  for (const url of urls) {
    const use = { url, hits: 0, last: 0 }
    uses.push(use)
    if (!(await loader.prove(url))) found.push(use)
  }
  usage.count(found)
  return uses
}

async function reload(state: State, url: string): Promise<void> {
  const { loader } = state
  try {
    const fresh = await loader.fetchAnew(url)
    const again = { document: fresh.document, url: fresh.from }
    await compileOnce(state, url, (part) => (part === url ? Promise.resolve(again) : loader.load(part)))
    await loader.replace(fresh)
  } catch (error) {
    if (!(error instanceof NgsiError)) throw error
    const detail = `the @context ${url} cannot be fetched anew: ${error.detail}`
    throw new NgsiError('LdContextNotAvailable', detail, { cause: error })
  }
}
