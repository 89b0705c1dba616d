import { hash } from 'node:crypto'
import { compileContexts, coreContext, withSource } from '../core/context/compile.ts'
import { isCoreContextUrl } from '../core/context/core.ts'
import { gatherContexts } from '../core/context/gather.ts'
import { createMemo } from '../core/context/memo.ts'
import type { ContextResolver } from '../core/context/resolver.ts'
import type { CompiledContext, ContextSource } from '../core/context/tables.ts'
import { createContextLoader } from './context-loader.ts'
import type { LoaderOptions } from './context-loader.ts'

interface Resolved {
  readonly compiled: CompiledContext
  /** Milliseconds since 1970: until then no part of it need be asked for again. */
  readonly until: number
}

// Twice as many terms may be held, at some hundred bytes each. The largest Smart Data Models context has 1,500.
const TERMS_KEPT = 100_000

/**
 * Contexts for the broker: sources are resolved through HTTP's freshness, and compiled once per content. A remote context
 * that is asked for again and has not changed costs no compilation; one that has changed is compiled anew.
 */
export function createContextResolver(options: LoaderOptions): ContextResolver {
  const load = createContextLoader(options)
  const bySource = createMemo<Resolved>(TERMS_KEPT, ({ compiled }) => compiled.tables.definitions.size)
  const byContent = createMemo<CompiledContext>(TERMS_KEPT, ({ tables }) => tables.definitions.size)
  const underWay = new Map<string, Promise<CompiledContext>>()

  const compileOnce = async (source: ContextSource): Promise<Resolved> => {
    let until = Infinity
    const contexts = await gatherContexts(source, async (url) => {
      const loaded = await load(url)
      until = Math.min(until, loaded.until)
      return loaded
    })
    const content = hash('sha256', JSON.stringify(contexts), 'base64')
    const known = byContent.get(content)
    if (known !== undefined) return { compiled: withSource(known, source), until }
    const compiled = await compileContexts(source, contexts)
    byContent.set(content, compiled)
    return { compiled, until }
  }

  const resolve = async (source: ContextSource, key: string): Promise<CompiledContext> => {
    const resolved = await compileOnce(source)
    bySource.set(key, resolved)
    return resolved.compiled
  }

  const peekAt = (source: ContextSource, key: string): CompiledContext | undefined => {
    const known = bySource.get(key)
    if (known !== undefined) return known.until === Infinity || options.now() < known.until ? known.compiled : undefined
    if (typeof source !== 'string' || !isCoreContextUrl(source)) return undefined
    const compiled = withSource(coreContext, source)
    bySource.set(key, { compiled, until: Infinity })
    return compiled
  }

  return {
    peek: (source) => (source === undefined ? coreContext : peekAt(source, keyOf(source))),
    resolve: (source) => {
      if (source === undefined) return Promise.resolve(coreContext)
      const key = keyOf(source)
      const known = peekAt(source, key)
      if (known !== undefined) return Promise.resolve(known)
      const compiling = underWay.get(key) ?? resolve(source, key).finally(() => underWay.delete(key))
      underWay.set(key, compiling)
      return compiling
    },
  }
}

// An address stands for itself; the NUL keeps a source that is JSON apart from an address that looks like it.
function keyOf(source: ContextSource): string {
  return typeof source === 'string' ? source : `\0${hash('sha256', JSON.stringify(source), 'base64')}`
}
