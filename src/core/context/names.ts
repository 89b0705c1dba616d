import { badRequestData } from '../errors.ts'
import type { NgsiError } from '../errors.ts'
import { coreDefinitions, coreNameOf, DEFAULT_VOCABULARY, iriOfCoreName } from './core.ts'
import type { CompiledContext, Tables } from './tables.ts'
import { MAX_MEMO_KEY, shortestLeast } from './tables.ts'

/**
 * The core name of an attribute, type or vocabulary name (clause 5.5.7). A term's coercion plays no part.
 * Throws BadRequestData naming the term, and `path` where it stands, when it cannot name anything: mapped to null, or standing
 * for a JSON-LD keyword.
 */
export function expandName(context: CompiledContext, name: string, path?: string): string {
  const definition = context.tables.definitions.get(name)
  if (definition === undefined) return expandUnknown(context.tables, name, path)
  if (definition === null) throw nullTerm(name, path)
  if (definition.name.startsWith('@')) throw keywordAsName(name, path)
  return definition.name
}

function expandUnknown(tables: Tables, name: string, path?: string): string {
  if (name.startsWith('@')) throw keywordAsName(name, path)
  if (name === '__proto__') throw badRequestData(`${at(path)}"__proto__" is not allowed as a name`)
  // Without a colon it is neither an IRI nor has it a prefix: a name of the default vocabulary, which is its own core name.
  return name.includes(':') ? expandPrefixed(tables, name) : name
}

/** The error for a term that the context says means nothing. */
export function nullTerm(name: string, path?: string): NgsiError {
  return badRequestData(`${at(path)}the @context maps the term "${name}" to null, so it names nothing`)
}

function keywordAsName(name: string, path?: string): NgsiError {
  return badRequestData(`${at(path)}"${name}" stands for a JSON-LD keyword and cannot be used as a name`)
}

function at(path: string | undefined): string {
  return path === undefined ? '' : `${path}: `
}

/** The core name of a vocabulary value (VocabProperty, objectType, valueType, members coerced to `@vocab`); as `expandName`. */
export function expandVocab(context: CompiledContext, value: string): string {
  return expandName(context, value)
}

/** The core name of a name with a colon that is no term: an IRI, a compact IRI, or neither. */
export function expandPrefixed(tables: Tables, name: string): string {
  const known = tables.expandedNames.get(name)
  if (known !== undefined) return known
  const iri = expandIri(tables, name)
  const found = coreNameOf(isAbsolute(iri) ? iri : DEFAULT_VOCABULARY + iri)
  if (name.length <= MAX_MEMO_KEY) tables.expandedNames.set(name, found)
  return found
}

/** An IRI with its prefix, if it has a known one, spelled out (JSON-LD 1.1 API, IRI expansion without vocabulary). */
export function expandIri(tables: Tables, written: string): string {
  const colon = written.indexOf(':')
  if (colon < 1 || written.startsWith('//', colon + 1)) return written
  const namespace = tables.prefixes.get(written.slice(0, colon))
  return namespace === undefined ? written : namespace + written.slice(colon + 1)
}

const ABSOLUTE = /^(?:[A-Za-z][A-Za-z0-9+,\-.]*|_):\S*$/

/** True for what JSON-LD takes for an absolute IRI or a blank node identifier. */
export function isAbsolute(iri: string): boolean {
  return ABSOLUTE.test(iri)
}

/**
 * What a core name is called in a context: the user's term, else a compact IRI with the user's prefix, else the bare name of
 * the default vocabulary where that means the same, else the whole IRI. Core terms are always called by their own name.
 */
export function compactName(context: CompiledContext, name: string): string {
  if (context.isCore || coreDefinitions.has(name)) return name
  return context.tables.termsByName.get(name)?.[0]?.term ?? compactUnknown(context.tables, name)
}

/** The name of what no term of the user's fits: a compact IRI, a bare name, or the whole IRI. */
export function compactUnknown(tables: Tables, name: string): string {
  if (!name.includes(':') && !tables.definitions.has(name)) return name
  const known = tables.compactedNames.get(name)
  if (known !== undefined) return known
  const iri = iriOfCoreName(name)
  const found = compactIris(tables, iri).toSorted(shortestLeast)[0] ?? iri
  if (name.length <= MAX_MEMO_KEY) tables.compactedNames.set(name, found)
  return found
}

// Those that come back as the IRI: a term of the same spelling, or a suffix that begins like an authority, would not.
function compactIris(tables: Tables, iri: string): string[] {
  return tables.ownPrefixes
    .filter((prefix) => iri.startsWith(prefix.iri) && iri.length > prefix.iri.length)
    .map((prefix) => `${prefix.term}:${iri.slice(prefix.iri.length)}`)
    .filter((compact) => !tables.definitions.has(compact) && expandIri(tables, compact) === iri)
}
