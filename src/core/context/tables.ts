import type { Json, JsonObject } from '../../base/json.ts'
import { coreDefinitions, corePrefixes } from './core.ts'
import type { Definition } from './definition.ts'
import { createMemo } from './memo.ts'
import type { Memo } from './memo.ts'

/** An @context exactly as the client sent it: an address, an object, or an array of such. */
export type ContextSource = string | JsonObject | readonly ContextSource[]

/** What names are looked up in. Only the memos ever change, and they are bounded. */
export interface Tables {
  /** Every term of the active context, core terms included; null where the context says that a term means nothing. */
  readonly definitions: ReadonlyMap<string, Definition | null>
  /** Prefix -> IRI, for expansion. */
  readonly prefixes: ReadonlyMap<string, string>
  /** The user's own prefixes, for compaction. */
  readonly ownPrefixes: readonly { readonly term: string; readonly iri: string }[]
  /** Core name -> the user's terms for it, the best for a name first. */
  readonly termsByName: ReadonlyMap<string, readonly Definition[]>
  readonly expandedNames: Memo<string>
  readonly compactedNames: Memo<string>
}

/** How one member of an object is carried over into the other naming. */
export interface Member {
  readonly kind:
    | 'plain' // a value to look into
    | 'ids' // identifiers, under a core term coerced to @id
    | 'terms' // names, under a core term coerced to @vocab, or `type`
    | 'opaque' // never looked into: json, languageMap
    | 'entries' // an index map: its keys are data
    | 'literal' // @value
    | 'coerced' // a term of the user's decides how the value is read, or the value decides which term may be written
    | 'dropped' // a term that means nothing
    | 'refused'
  /** The name in the other naming; for `coerced` the name that fits any value; for `refused` the reason. */
  readonly name: string
  /** For `coerced`: the definition that the value is read by, if any. */
  readonly definition?: Definition | undefined
  /** For `coerced`: definitions that the value may be written by. */
  readonly candidates: readonly Definition[]
}

/** One direction of translation: expansion to core names, or compaction to a user's. */
export interface Way {
  /** Members of the context's own terms. A Map of its own, because this look-up is most of what expansion does. */
  readonly terms: ReadonlyMap<string, Member>
  /** The member of any other key. */
  readonly other: (key: string) => Member
  readonly vocabulary: (name: string) => string
  readonly identifier: (id: string) => string
  readonly coerced: (member: Member, value: Json) => { readonly name: string; readonly value: Json | undefined }
}

/** An @context after processing. `tables`, `expansion` and `compaction` are for this folder alone. */
export interface CompiledContext {
  readonly source: ContextSource
  /** True when it says nothing beyond the core @context: compaction is then the identity. */
  readonly isCore: boolean
  readonly tables: Tables
  readonly expansion: Way
  readonly compaction: Way
}

// Names met per context that are no terms of it. An entity type has some twenty; a broker sees some hundred types.
const MEMO_SIZE = 1000

/** Members already worked out, for keys that are no terms. Keys too long to be names of anybody are worked out each time. */
export function memoised(member: (key: string) => Member): (key: string) => Member {
  const memo = createMemo<Member>(MEMO_SIZE)
  return (key) => {
    const known = memo.get(key)
    if (known !== undefined) return known
    const found = member(key)
    if (key.length <= MAX_MEMO_KEY) memo.set(key, found)
    return found
  }
}

export const MAX_MEMO_KEY = 512

/**
 * The same text as the engine keeps the names of members. A name put together from prefix and suffix is another kind of
 * string, and setting a member by it costs several times as much.
 */
export function asMemberName(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text
}

/** The tables of an active context: its own terms (none may be a core term) and prefixes beside those of the core. */
export function createTables(
  own: ReadonlyMap<string, Definition | null>,
  ownPrefixes: ReadonlyMap<string, string>,
): Tables {
  return {
    definitions: new Map([...own, ...coreDefinitions]),
    prefixes: new Map([...ownPrefixes, ...corePrefixes]),
    ownPrefixes: [...ownPrefixes].map(([term, iri]) => ({ term, iri })),
    termsByName: termsByName(own.values()),
    expandedNames: createMemo(MEMO_SIZE),
    compactedNames: createMemo(MEMO_SIZE),
  }
}

function termsByName(definitions: Iterable<Definition | null>): Map<string, Definition[]> {
  const byName = new Map<string, Definition[]>()
  for (const definition of definitions) {
    if (definition === null) continue
    const known = byName.get(definition.name)
    if (known === undefined) byName.set(definition.name, [definition])
    else known.push(definition)
  }
  for (const terms of byName.values()) terms.sort(betterName)
  return byName
}

// Uncoerced terms first, then as JSON-LD 1.1 has it: the shortest, then the least in order of code units.
function betterName(a: Definition, b: Definition): number {
  const byCoercion = Number(isCoerced(a)) - Number(isCoerced(b))
  return byCoercion !== 0 ? byCoercion : shortestLeast(a.term, b.term)
}

/** Order of preference among names that mean the same (JSON-LD 1.1 API, inverse context creation). */
export function shortestLeast(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b))
}

/** True when a definition changes what a plain value under its term means. */
export function isCoerced(definition: Definition): boolean {
  return definition.coercion !== undefined || definition.container !== undefined || definition.unsupported !== undefined
}
