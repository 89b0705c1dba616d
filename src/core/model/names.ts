/** Names, URIs and what may not be an attribute's name (ETSI GS CIM 009 V1.9.1, clauses 4.5.0, 4.6.2). */
import { NGSI_NULL } from '../context/ngsi-null.ts'
import { badRequestData } from '../errors.ts'
import type { CompiledContext } from '../context/tables.ts'
import { expandName } from '../context/names.ts'

/** The one attribute that may have the sealed members (clauses 4.5.2.2, C.11). */
export const PROOF = 'ngsildproof'

/**
 * Core terms that are members of an attribute or entity and so never an attribute of their own. As they are core terms,
 * no user @context can give these names another meaning.
 */
const memberNames: ReadonlySet<string> = new Set([
  ...['id', 'type', 'scope', 'value', 'object', 'languageMap', 'vocab', 'json', 'valueList', 'objectList'],
  ...['datasetId', 'observedAt', 'expiresAt', 'unitCode', 'valueType', 'objectType', 'instanceId', 'dataset', 'lang'],
  ...['createdAt', 'modifiedAt', 'deletedAt', 'entity', 'entityList', 'values', 'objects', 'languageMaps', 'vocabs'],
  ...['jsons', 'valueLists', 'objectLists', 'previousValue', 'previousObject', 'previousLanguageMap', 'previousVocab'],
  ...['previousJson', 'previousValueList', 'previousObjectList', 'entityIdSealed', 'entityTypeSealed'],
])

const TERM = /^\p{L}[\p{L}\p{N}_]*(?::[\p{L}\p{N}_][\p{L}\p{N}_.-]*)?$/u
// RFC 3987, loosely: a scheme, then anything but the characters that no IRI holds.

const IRI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\u0000-\u0020<>"{}|\\^`\u007f]+$/

/** True for a text that is an absolute URI or IRI. */
export function isUriText(text: string): boolean {
  return IRI.test(text)
}

/** True for a value that is an absolute URI or IRI. */
export function isUri(value: unknown): value is string {
  return typeof value === 'string' && isUriText(value)
}

/** Throws BadRequestData naming what is no URI. */
export function checkUris(name: string, uris: readonly string[] | undefined): readonly string[] | undefined {
  for (const uri of uris ?? []) if (!isUriText(uri)) throw badRequestData(`${name}: '${uri}' is not a URI`)
  return uris
}

/** Clause 4.5.5.1: URIs, or `@none` for the default instance. */
export function checkDatasets(datasets: readonly string[] | undefined): readonly string[] | undefined {
  checkUris(
    'datasetId',
    datasets?.filter((dataset) => dataset !== '@none'),
  )
  return datasets
}

/** True for a name that a client may write: a term, a prefixed name, or an absolute IRI. */
function isName(name: string): boolean {
  return TERM.test(name) || IRI.test(name)
}

/**
 * The core name of an entity's attribute. Throws BadRequestData naming it when it is no legal name. `path` is for the message.
 *
 * Two liberties, because published models (Smart Data Models) need them: in an entity `value` can mean nothing but an
 * attribute; and a name with hyphens is taken where the @context gives it an IRI (clause 4.6.2 says should).
 */
export function readAttributeName(context: CompiledContext, name: string, path: string): string {
  const expanded = readName(context, name, path)
  return expanded === 'value' ? expanded : notMember(expanded, name, path)
}

/** The core name of a sub-attribute; as `readAttributeName`, but `value` is a member there. */
export function readSubAttributeName(context: CompiledContext, name: string, path: string): string {
  return notMember(readName(context, name, path), name, path)
}

const HYPHENATED = /^\p{L}[\p{L}\p{N}_-]*$/u

function readName(context: CompiledContext, name: string, path: string): string {
  if (isName(name)) return expandName(context, name, path)
  const expanded = HYPHENATED.test(name) ? expandName(context, name, path) : name
  if (expanded === name) throw badRequestData(`${path}: '${name}' is not a legal attribute name`)
  return expanded
}

function notMember(expanded: string, name: string, path: string): string {
  if (memberNames.has(expanded)) throw badRequestData(`${path}: '${name}' is a member, it cannot be an attribute name`)
  return expanded
}

/** The core name of an entity type. Throws BadRequestData naming the member when it is no legal name. */
export function readTypeName(context: CompiledContext, name: unknown, path: string): string {
  if (typeof name !== 'string' || name === NGSI_NULL || !isName(name)) {
    throw badRequestData(`${path}: ${JSON.stringify(name)} is not a legal type name`)
  }
  return expandName(context, name, path)
}
