import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import { NGSI_NULL } from './ngsi-null.ts'
import { coreNameOf, iriOfCoreName } from './core.ts'
import type { Definition } from './definition.ts'
import { isAbsolute } from './names.ts'
import { translateValue } from './translate.ts'
import type { Way } from './tables.ts'

/**
 * A term may be coerced (`"@type": "@id"`, a datatype, `@container: @list`): a plain value under it then means more than it
 * says. The **explicit form** says it: `{"id"}`, `{"type", "@value"}`, `{"@list"}`. Values are kept in explicit form, and
 * written in short form only under a term that reads them back the same. The NGSI-LD Null is no value, and coerced to none.
 */
export function explicitForm(way: Way, definition: Definition, value: Json): Json | undefined {
  if (value === NGSI_NULL) return value
  if (definition.coercion === '@json') return { type: '@json', '@value': value }
  if (value === null) return undefined
  const bare = isObject(value) && value['@set'] !== undefined ? value['@set'] : value
  const isList = definition.container === '@list' && !(isObject(bare) && '@list' in bare)
  return isList ? explicitList(way, definition, bare) : explicitItem(way, definition, bare)
}

// A list in a list is written out too: in an array of arrays JSON-LD would flatten what is deeper.
function explicitList(way: Way, definition: Definition, value: Json): JsonObject {
  const explicit = (item: Json): Json | undefined =>
    Array.isArray(item) ? explicitList(way, definition, item) : explicitItem(way, definition, item)
  return {
    '@list': asArray(value)
      .map(explicit)
      .filter((item) => item !== undefined),
  }
}

function explicitItem(way: Way, definition: Definition, item: Json): Json | undefined {
  if (Array.isArray(item)) {
    return item.map((inner) => explicitItem(way, definition, inner)).filter((inner) => inner !== undefined)
  }
  if (isObject(item)) return explicitObject(way, definition, item)
  if (item === null) return undefined
  const { coercion } = definition
  if (coercion === undefined) return item
  if (coercion !== '@id' && coercion !== '@vocab') return { type: coercion, '@value': item }
  // JSON-LD takes only strings for identifiers; a number under such a term stays a number.
  if (typeof item !== 'string') return item
  return { id: coercion === '@id' ? way.identifier(item) : iriOfCoreName(way.vocabulary(item)) }
}

// What stands in a list or set that is written out is coerced like any other value under the term.
function explicitObject(way: Way, definition: Definition, item: JsonObject): Json | undefined {
  const { '@list': list, '@set': set } = item
  if (list !== undefined) return { ...item, ...explicitList(way, definition, list) }
  return set === undefined ? translateValue(way, item) : explicitItem(way, definition, set)
}

/** How short forms are written: `inner` finishes what stays an object, `vocabulary` names an IRI under a @vocab term. */
export interface Writer {
  readonly inner: (value: Json) => Json | undefined
  readonly vocabulary: (coreName: string) => string
}

/** The best of the candidates for a value in explicit form with the value in its short form, or undefined if none reads it back the same. */
export function shortForm(
  writer: Writer,
  candidates: readonly Definition[],
  explicit: Json,
): { readonly name: string; readonly value: Json } | undefined {
  const wanted = wantedCoercion(explicit)
  const ranked = candidates.toSorted((a, b) => rank(a, wanted) - rank(b, wanted))
  for (const definition of ranked) {
    const value = shortUnder(writer, definition, explicit)
    if (value !== undefined) return { name: definition.term, value }
  }
  return undefined
}

function wantedCoercion(explicit: Json): string | undefined {
  const list = isObject(explicit) ? explicit['@list'] : undefined
  const first = asArray(list ?? explicit)[0]
  if (!isObject(first)) return undefined
  if (soleId(first) !== undefined) return '@id'
  return typeof first['type'] === 'string' && '@value' in first ? first['type'] : undefined
}

function rank(definition: Definition, wanted: string | undefined): number {
  if (definition.coercion === wanted) return 0
  if (wanted === '@id' && definition.coercion === '@vocab') return 1
  return definition.coercion === undefined ? 2 : 3
}

function shortUnder(writer: Writer, definition: Definition, explicit: Json): Json | undefined {
  if (definition.unsupported !== undefined) return undefined
  if (definition.coercion === '@json') return typedValue(explicit, '@json')
  return definition.container === undefined
    ? shortItem(writer, definition, explicit)
    : shortList(writer, definition, explicit)
}

function shortList(writer: Writer, definition: Definition, explicit: Json): Json | undefined {
  if (definition.container !== '@list' || !isListObject(explicit)) return undefined
  return allOrNone(explicit['@list'], (item) => {
    if (Array.isArray(item)) return undefined
    return isListObject(item) ? shortList(writer, definition, item) : shortItem(writer, definition, item)
  })
}

function allOrNone(items: Json[], short: (item: Json) => Json | undefined): Json[] | undefined {
  const after = items.map(short).filter((item) => item !== undefined)
  return after.length === items.length ? after : undefined
}

function shortItem(writer: Writer, definition: Definition, item: Json): Json | undefined {
  if (Array.isArray(item)) return allOrNone(item, (inner) => shortItem(writer, definition, inner))
  const { coercion } = definition
  if (isObject(item)) return shortObject(writer, coercion, item)
  const isPlain = coercion === undefined || (typeof item !== 'string' && (coercion === '@id' || coercion === '@vocab'))
  return isPlain ? item : undefined
}

function shortObject(writer: Writer, coercion: string | undefined, item: JsonObject): Json | undefined {
  const id = soleId(item)
  if (id !== undefined && coercion === '@id') return id
  if (id !== undefined && coercion === '@vocab' && isAbsolute(id)) return writer.vocabulary(coreNameOf(id))
  if (coercion !== undefined && ('@list' in item || '@set' in item)) return undefined
  const typed = coercion === undefined ? undefined : typedValue(item, coercion)
  return typed ?? writer.inner(item)
}

function soleId(item: JsonObject): string | undefined {
  const { id } = item
  return typeof id === 'string' && Object.keys(item).length === 1 ? id : undefined
}

function typedValue(item: Json, type: string): Json | undefined {
  return isObject(item) && item['type'] === type && Object.keys(item).length === 2 ? item['@value'] : undefined
}

function isListObject(value: Json): value is JsonObject & { '@list': Json[] } {
  return isObject(value) && Array.isArray(value['@list']) && Object.keys(value).length === 1
}
