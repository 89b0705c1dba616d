/** Reads the value member of each attribute kind: validates it and brings its names to core names (clauses 4.5.2 to 4.5.24, 4.7). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import type { CompiledContext } from '../context/tables.ts'
import { expandValue } from '../context/expand.ts'
import { expandVocab } from '../context/names.ts'
import { badRequestData } from '../errors.ts'
import { readGeometry } from './geometry.ts'
import type { AttributeKind } from './kinds.ts'
import { isUri } from './names.ts'

type ReadValue = (context: CompiledContext, value: Json, path: string) => Json

// The NGSI-LD Null as a whole value asks for a deletion and does not come here; in a part of one it is refused.
const readers: Readonly<Record<AttributeKind, ReadValue>> = {
  Property: readPropertyValue,
  GeoProperty: (_context, value, path) => readGeometry(value, path),
  LanguageProperty: (_context, value, path) => readLanguageMap(value, path),
  VocabProperty: readVocab,
  JsonProperty: (_context, value, path) => refuseNull(value, path),
  ListProperty: readValueList,
  Relationship: (_context, value, path) => readObject(value, path),
  ListRelationship: (_context, value, path) => readObjectList(value, path),
}

/** The value of a kind with core names. Throws BadRequestData naming `path`. */
export function readValue(context: CompiledContext, kind: AttributeKind, value: Json, path: string): Json {
  return readers[kind](context, value, path)
}

/** True when a value member holds the NGSI-LD Null in any of its forms (clause 4.5.0). */
export function isNgsiNull(value: Json | undefined): boolean {
  if (value === NGSI_NULL) return true
  if (Array.isArray(value)) return value.length === 1 && value[0] === NGSI_NULL
  return isObject(value) && Object.keys(value).length === 1 && value['@none'] === NGSI_NULL
}

/** The value itself. Throws BadRequestData for JSON null, which is never stored (clause 4.5.0). */
export function refuseNull(value: Json, path: string): Json {
  if (value === null) throw badRequestData(`${path}: null is not a value`)
  return value
}

function readPropertyValue(context: CompiledContext, value: Json, path: string): Json {
  if (typeof value !== 'object') return value
  const expanded = expandValue(context, refuseNull(value, path))
  refuseNullInside(expanded, path)
  return expanded
}

/** Throws BadRequestData when a member inside a value is the NGSI-LD Null: only a merge knows what to do with it (clause 5.5.4). */
export function refuseNullInside(value: Json, path: string): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && isNgsiNull(inner)) {
      throw badRequestData(`${path}: its member '${name}' is the NGSI-LD Null, which has no place here (clause 5.5.4)`)
    }
    refuseNullInside(inner, path)
  }
}

/** A language tag, by its shape. Throws BadRequestData naming `path`. */
export function readLanguageTag(tag: string, path: string): string {
  if (!/^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(tag)) {
    throw badRequestData(`${path}: '${tag}' is not a language tag (RFC 5646)`)
  }
  return tag
}

function readLanguageMap(value: Json, path: string): Json {
  if (!isObject(value)) throw badRequestData(`${path}: a languageMap is an object of language tag and text`)
  for (const [tag, text] of Object.entries(value)) {
    if (tag !== '@none') readLanguageTag(tag, path)
    if (!asArray<Json>(text).every((item) => typeof item === 'string' && item !== NGSI_NULL)) {
      throw badRequestData(`${path}.${tag}: a text or a list of texts is expected`)
    }
  }
  return value
}

function readVocab(context: CompiledContext, value: Json, path: string): Json {
  const texts = asArray<Json>(value)
  const names = texts.map((item) => {
    if (typeof item !== 'string' || item === '' || item === NGSI_NULL) {
      throw badRequestData(`${path}: vocab is a text or a list of texts`)
    }
    return expandVocab(context, item)
  })
  if (names.length === 0) throw badRequestData(`${path}: vocab is empty`)
  return Array.isArray(value) ? names : (names[0] ?? value)
}

function readValueList(context: CompiledContext, value: Json, path: string): Json {
  if (!Array.isArray(value)) throw badRequestData(`${path}: valueList is an array`)
  return value.map((item, index) => readPropertyValue(context, item, `${path}[${String(index)}]`))
}

function readUri(value: Json, path: string): string {
  if (!isUri(value) || value === NGSI_NULL) throw badRequestData(`${path}: ${JSON.stringify(value)} is not a URI`)
  return value
}

function readObject(value: Json, path: string): Json {
  if (!Array.isArray(value)) return readUri(value, path)
  if (value.length === 0) throw badRequestData(`${path}: object is empty`)
  return value.map((item, index) => readUri(item, `${path}[${String(index)}]`))
}

function readObjectList(value: Json, path: string): Json {
  if (!Array.isArray(value)) throw badRequestData(`${path}: objectList is an array`)
  return value.map((item, index): JsonObject => {
    const uri = isObject(item) && Object.keys(item).length === 1 ? (item['object'] ?? null) : item
    return { object: readUri(uri, `${path}[${String(index)}]`) }
  })
}
