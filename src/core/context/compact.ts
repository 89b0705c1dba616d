import type { Json, JsonObject } from '../../base/json.ts'
import { coreDefinitions } from './core.ts'
import { shortForm } from './coerced.ts'
import { coreKind } from './expand.ts'
import { compactUnknown } from './names.ts'
import { isCoerced, memoised } from './tables.ts'
import type { CompiledContext, Member, Tables, Way } from './tables.ts'
import { translateObject, translateValue } from './translate.ts'

/**
 * A value in core names, in a context's names: the inverse of `expandValue`. A coerced term is used only where it reads the
 * value back the same. Identifiers stay whole. Shares unchanged parts with the input.
 */
export function compactValue(context: CompiledContext, value: Json): Json {
  return context.isCore ? value : (translateValue(context.compaction, value) ?? null)
}

/** A whole document in core names, in a context's names (clause 5.5.7); as `compactValue`. */
export function compactDocument(context: CompiledContext, document: JsonObject): JsonObject {
  return context.isCore ? document : (translateObject(context.compaction, document) ?? {})
}

/** The way from core names to a context's names. */
export function createCompaction(tables: Tables): Way {
  const vocabulary = (name: string): string => {
    if (coreDefinitions.has(name) || name.startsWith('@')) return name
    return tables.termsByName.get(name)?.[0]?.term ?? compactUnknown(tables, name)
  }
  const names = [...coreDefinitions.keys(), ...tables.termsByName.keys()]
  const way: Way = {
    terms: new Map(names.map((name) => [name, compactionMember(tables, name)])),
    other: memoised((key) => compactionMember(tables, key)),
    vocabulary,
    identifier: (id) => id,
    coerced: (member, value) => {
      const writer = { inner: (inner: Json) => translateValue(way, inner), vocabulary }
      return shortForm(writer, member.candidates, value) ?? { name: member.name, value: translateValue(way, value) }
    },
  }
  return way
}

function compactionMember(tables: Tables, key: string): Member {
  if (key === 'type') return { kind: 'terms', name: key, candidates: [] }
  if (key === '@value') return { kind: 'literal', name: key, candidates: [] }
  if (key.startsWith('@')) return { kind: 'plain', name: key, candidates: [] }
  const core = coreDefinitions.get(key)
  if (core !== undefined) return { kind: coreKind(core), name: key, candidates: [] }
  const terms = tables.termsByName.get(key) ?? []
  const [best] = terms
  if (best !== undefined && !isCoerced(best)) {
    const others = terms.some(isCoerced)
    return { kind: others ? 'coerced' : 'plain', name: best.term, candidates: others ? terms : [] }
  }
  const name = compactUnknown(tables, key)
  return { kind: terms.length === 0 ? 'plain' : 'coerced', name, candidates: terms }
}
