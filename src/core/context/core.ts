import table from '../../../contexts/core-context.json' with { type: 'json' }
import type { JsonObject } from '../../base/json.ts'
import type { Definition } from './definition.ts'

/**
 * The core @context (ETSI GS CIM 009 V1.9.1, annex B), from the table of facts in `contexts/core-context.json`.
 *
 * A **core name** is what an IRI compacts to with the core @context alone: the core term, or the bare name for the default
 * vocabulary; every other IRI stays whole. Names inside the broker are core names.
 */
export const CORE_CONTEXT_URL = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld'

/** Where the names go that no @context knows. */
export const DEFAULT_VOCABULARY = table.vocabulary

const CORE_URL = /^https?:\/\/uri\.etsi\.org\/ngsi-ld\/v1\/ngsi-ld-core-context(?:-v1\.[3-9])?\.jsonld$/

/** True for the addresses of the core @context, versions 1.3 to 1.9 and the one without a version (clause 4.4). */
export function isCoreContextUrl(url: string): boolean {
  return CORE_URL.test(url)
}

const namespaces = new Map(Object.entries({ ...table.prefixes, ...table.abbreviations }))

function fullIri(written: string): string {
  const colon = written.indexOf(':')
  const namespace = colon > 0 ? namespaces.get(written.slice(0, colon)) : undefined
  return namespace === undefined ? written : namespace + written.slice(colon + 1)
}

/** Prefixes of the core @context: understood in what clients send, never used in what they get. */
export const corePrefixes: ReadonlyMap<string, string> = new Map(Object.entries(table.prefixes))

/** Core term -> IRI (or `@id`, `@type`). */
export const coreIris: ReadonlyMap<string, string> = new Map([
  ...corePrefixes,
  ...table.rows.map(([term, iri]): [string, string] => [term ?? '', fullIri(iri ?? '')]),
])

const termsByIri = new Map([...coreIris].map(([term, iri]) => [iri, term]))

/** Core term -> its definition. Compiled contexts share these very objects: being the same object means being a core term. */
export const coreDefinitions: ReadonlyMap<string, Definition> = new Map([
  ...[...corePrefixes.keys()].map((term): [string, Definition] => [term, { term, name: term }]),
  ...table.rows.map(([term, iri, coercion, container]): [string, Definition] => [
    term ?? '',
    {
      term: term ?? '',
      name: iri?.startsWith('@') === true ? iri : (term ?? ''),
      ...(coercion == null ? {} : { coercion }),
      ...(container == null ? {} : { container }),
    },
  ]),
])

/** The core name of an IRI. */
export function coreNameOf(iri: string): string {
  const term = termsByIri.get(iri)
  if (term !== undefined) return term
  if (!iri.startsWith(DEFAULT_VOCABULARY)) return iri
  const name = iri.slice(DEFAULT_VOCABULARY.length)
  return standsAlone(name) ? name : iri
}

// A bare name must come back to the default vocabulary when it is expanded with the core @context.
function standsAlone(name: string): boolean {
  return name !== '' && name !== '__proto__' && !name.startsWith('@') && !name.includes(':') && !coreIris.has(name)
}

/** The IRI of a core name. */
export function iriOfCoreName(name: string): string {
  return coreIris.get(name) ?? (name.includes(':') ? name : DEFAULT_VOCABULARY + name)
}

/**
 * The core @context as a JSON-LD document, for `jsonld` and for whoever asks Estran for it. Unprotected: a user context that
 * follows it may then redefine a term without an error, and is overruled by the core context that is always put last.
 */
export function coreContextDocument(): JsonObject {
  const document: JsonObject = { '@version': 1.1, ...table.prefixes }
  for (const [term, written, coercion, container] of table.rows) {
    const iri = fullIri(written ?? '')
    document[term ?? ''] =
      coercion == null && container == null
        ? iri
        : {
            '@id': iri,
            ...(coercion == null ? {} : { '@type': coercion }),
            ...(container == null ? {} : { '@container': container }),
          }
  }
  document['@vocab'] = DEFAULT_VOCABULARY
  return document
}
