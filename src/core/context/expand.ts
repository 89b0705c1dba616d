import type { Json, JsonObject } from '../../base/json.ts'
import { coreDefinitions, iriOfCoreName } from './core.ts'
import { explicitForm, shortForm } from './coerced.ts'
import type { Definition } from './definition.ts'
import { expandIri, expandPrefixed, nullTerm } from './names.ts'
import { isCoerced, memoised } from './tables.ts'
import type { CompiledContext, Member, Tables, Way } from './tables.ts'
import { translateObject, translateValue } from './translate.ts'

/**
 * A value inside an attribute, in core names: member names, types and names under `@vocab` terms, and every coercion of the
 * user's made explicit (`{"type", "@value"}`, `{"id"}`, `{"@list"}`). Arrays stay as they were sent, null is dropped as JSON-LD
 * drops it (a bare null stays null, for the caller to judge). Shares unchanged parts with the input.
 * Throws BadRequestData naming a member that cannot be carried.
 */
export function expandValue(context: CompiledContext, value: Json): Json {
  return translateValue(context.expansion, value) ?? null
}

/** A whole document in core names; its `@context` is left out. As `expandValue`. */
export function expandDocument(context: CompiledContext, document: JsonObject): JsonObject {
  if (!Object.hasOwn(document, '@context')) return translateObject(context.expansion, document) ?? {}
  const { '@context': _, ...rest } = document
  return translateObject(context.expansion, rest) ?? {}
}

/** The way from a context's names to core names. */
export function createExpansion(tables: Tables): Way {
  const way: Way = {
    terms: new Map([...tables.definitions.keys()].map((key) => [key, expansionMember(tables, key)])),
    other: memoised((key) => expansionMember(tables, key)),
    vocabulary: (name) => expandQuietly(tables, name),
    identifier: (id) => expandIri(tables, id),
    coerced: (member, value) => {
      const explicit =
        member.definition === undefined ? translateValue(way, value) : explicitForm(way, member.definition, value)
      if (explicit === undefined) return { name: member.name, value: undefined }
      return shortForm(coreWriter, member.candidates, explicit) ?? { name: member.name, value: explicit }
    },
  }
  return way
}

// What `explicitForm` returns is in core names already.
const coreWriter = { inner: (value: Json): Json => value, vocabulary: (coreName: string): string => coreName }

// Inside values a keyword where a name should be is data like any other: it stays as it is.
function expandQuietly(tables: Tables, name: string): string {
  const definition = tables.definitions.get(name)
  if (definition === undefined) return name.includes(':') ? expandPrefixed(tables, name) : name
  if (definition === null) throw nullTerm(name)
  return definition.name.startsWith('@') ? name : definition.name
}

function expansionMember(tables: Tables, key: string): Member {
  if (key === '__proto__') return refused('the member name "__proto__" is not allowed')
  if (key.startsWith('@')) return keywordMember(key)
  const definition = tables.definitions.get(key)
  if (definition === null) return { kind: 'dropped', name: key, candidates: [] }
  if (definition === undefined) return namedMember(key.includes(':') ? expandPrefixed(tables, key) : key)
  if (definition.name.startsWith('@')) return keywordMember(definition.name)
  if (coreDefinitions.get(key) === definition) return { kind: coreKind(definition), name: key, candidates: [] }
  if (definition.unsupported !== undefined) return refused(`the member "${key}": ${definition.unsupported}`)
  return namedMember(definition.name, definition)
}

function refused(reason: string): Member {
  return { kind: 'refused', name: reason, candidates: [] }
}

/** How the value of a core term is walked: its own coercion stays in force, whatever the context. */
export function coreKind({ coercion, container }: Definition): Member['kind'] {
  if (container === '@language' || coercion === '@json') return 'opaque'
  if (container === '@index') return 'entries'
  if (coercion === '@vocab') return 'terms'
  return coercion === '@id' ? 'ids' : 'plain'
}

function keywordMember(keyword: string): Member {
  if (keyword === '@context') return refused('a @context is not allowed inside the document (clause 4.5.1)')
  if (keyword === '@type') return { kind: 'terms', name: 'type', candidates: [] }
  if (keyword === '@id') return { kind: 'ids', name: 'id', candidates: [] }
  return { kind: keyword === '@value' ? 'literal' : 'plain', name: keyword, candidates: [] }
}

// A core term that is reached by another name (its IRI, an alias) is written only for values that its own coercion reads back.
function namedMember(name: string, definition?: Definition): Member {
  const core = coreDefinitions.get(name)
  const coreCoerced = core !== undefined && isCoerced(core) ? core : undefined
  const isRead = definition !== undefined && isCoerced(definition)
  if (coreCoerced === undefined && !isRead) return { kind: 'plain', name, candidates: [] }
  return {
    kind: 'coerced',
    name: coreCoerced === undefined ? name : iriOfCoreName(name),
    definition: isRead ? definition : undefined,
    candidates: coreCoerced === undefined ? [] : [coreCoerced],
  }
}
