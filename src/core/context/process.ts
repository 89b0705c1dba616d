import type { JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { NgsiError } from '../errors.ts'

/** One term as `jsonld` defines it in an active context. */
export interface Mapping {
  readonly '@id'?: string | null
  readonly '@type'?: string
  readonly '@container'?: readonly string[]
  readonly '@language'?: string | null
  readonly '@direction'?: string | null
  readonly '@index'?: string
  /** True when the term may be used as the prefix of a compact IRI. */
  readonly _prefix?: boolean
}

interface ActiveContext {
  readonly mappings: ReadonlyMap<string, Mapping>
}

/** The one function of `jsonld` that Estran runs on; its type declarations leave it out. */
interface Processor {
  processContext(
    active: ActiveContext | null,
    local: JsonObject | readonly JsonObject[] | null,
    options: object,
  ): Promise<ActiveContext>
}

/**
 * Context objects, in order, processed by JSON-LD 1.1. No URL may be left in them: nothing is loaded here.
 * Throws BadRequestData with JSON-LD's error code and the term at fault.
 */
export async function processContexts(contexts: readonly JsonObject[]): Promise<ReadonlyMap<string, Mapping>> {
  const processor = await loadProcessor()
  const progress: Progress = { term: undefined }
  // In place of jsonld's own resolver, which keeps every context it has seen, in all its processed forms, in a shared cache.
  const contextResolver = {
    resolve: (): Promise<object[]> => Promise.resolve(contexts.map((context) => resolved(context, progress))),
  }
  try {
    const initial = await processor.processContext(null, null, { contextResolver })
    return (await processor.processContext(initial, contexts, { contextResolver })).mappings
  } catch (cause) {
    throw new NgsiError('BadRequestData', `the @context is not valid JSON-LD: ${reason(cause, progress)}`, { cause })
  }
}

// Loaded with the first user context: a broker that is asked in the core context alone never pays for it.
async function loadProcessor(): Promise<Processor> {
  const module: unknown = (await import('jsonld')).default
  if (!isProcessor(module)) throw new TypeError('jsonld has no processContext')
  return module
}

function isProcessor(module: unknown): module is Processor {
  return (typeof module === 'object' || typeof module === 'function') && module !== null && 'processContext' in module
}

/** The term that was read last: jsonld's errors seldom say which one they are about. */
interface Progress {
  term: string | undefined
}

function resolved(context: JsonObject, progress: Progress): object {
  const document = new Proxy(context, {
    get: (target, key) => {
      if (typeof key === 'string' && Object.hasOwn(target, key)) progress.term = key
      return Reflect.get(target, key) as unknown
    },
  })
  return { document, getProcessed: () => undefined, setProcessed: () => undefined }
}

function reason(cause: unknown, progress: Progress): string {
  const details: unknown = cause instanceof Error && 'details' in cause ? cause.details : undefined
  const code = isObject(details) && typeof details['code'] === 'string' ? details['code'] : 'it cannot be processed'
  return progress.term === undefined ? code : `${code} (at "${progress.term}")`
}
