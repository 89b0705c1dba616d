import type { Json, JsonObject } from '../../base/json.ts'
import { createCompaction } from './compact.ts'
import { CORE_CONTEXT_URL, coreContextDocument, coreDefinitions, coreNameOf, corePrefixes } from './core.ts'
import type { Definition } from './definition.ts'
import { createExpansion } from './expand.ts'
import { gatherContexts } from './gather.ts'
import { processContexts } from './process.ts'
import type { Mapping } from './process.ts'
import { asMemberName, createTables } from './tables.ts'
import type { CompiledContext, ContextSource, Tables } from './tables.ts'

/** The core @context, compiled from the built-in table. */
export const coreContext: CompiledContext = withTables(CORE_CONTEXT_URL, true, createTables(new Map(), new Map()))

function withTables(source: ContextSource, isCore: boolean, tables: Tables): CompiledContext {
  return { source, isCore, tables, expansion: createExpansion(tables), compaction: createCompaction(tables) }
}

/** The same compiled context under another source that says the same. */
export function withSource(context: CompiledContext, source: ContextSource): CompiledContext {
  return { ...context, source }
}

/**
 * Compiles an @context. The core context is put last, so that it always wins (clauses 4.4, 5.5.7).
 *
 * `load` gives the JSON of a remote context; what it rejects with (LdContextNotAvailable) passes through. Rejects with
 * BadRequestData for what is not valid JSON-LD, or valid but not to be carried by NGSI-LD, naming the term.
 */
export async function compileContext(
  source: ContextSource,
  load: (url: string) => Promise<Json>,
): Promise<CompiledContext> {
  const contexts = await gatherContexts(source, async (url) => ({ document: await load(url), url }))
  return compileContexts(source, contexts)
}

/** Compiles context objects that have been gathered already. */
export async function compileContexts(
  source: ContextSource,
  contexts: readonly JsonObject[],
): Promise<CompiledContext> {
  const mappings = await processContexts([...contexts, coreContextDocument()])
  const own = new Map<string, Definition | null>()
  const prefixes = new Map<string, string>()
  for (const [term, mapping] of mappings) {
    if (coreDefinitions.has(term) || corePrefixes.has(term)) continue
    own.set(term, definitionOf(term, mapping))
    if (mapping._prefix === true && mapping['@id'] != null) prefixes.set(term, mapping['@id'])
  }
  return own.size === 0 ? withSource(coreContext, source) : withTables(source, false, createTables(own, prefixes))
}

function definitionOf(term: string, mapping: Mapping): Definition | null {
  const iri = mapping['@id']
  if (iri == null) return null
  const type = mapping['@type']
  const container = mapping['@container']?.filter((kind) => kind !== '@set').join('+')
  const unsupported = unsupportedPart(mapping, container)
  return {
    term,
    name: asMemberName(iri.startsWith('@') ? iri : coreNameOf(iri)),
    ...(type === undefined || type === '@none' ? {} : { coercion: type.startsWith('@') ? type : coreNameOf(type) }),
    ...(container === undefined || container === '' ? {} : { container }),
    ...(unsupported === undefined ? {} : { unsupported }),
  }
}

// Accepted in a context, because most of its terms are good names all the same; refused where a value would need them.
function unsupportedPart(mapping: Mapping, container: string | undefined): string | undefined {
  if (container !== undefined && container !== '' && container !== '@list') return refusal(`@container ${container}`)
  if (container === '@list' && mapping['@type'] === '@json') return refusal('@container @list beside @type @json')
  if (mapping['@language'] != null) return refusal('@language')
  if (mapping['@direction'] != null) return refusal('@direction')
  return undefined
}

function refusal(what: string): string {
  return `its term has ${what} in the @context, which is not supported inside values`
}
