/** Members of a document of the API, read one by one: each reader throws BadRequestData naming the member at fault. */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { nearest } from '../../base/nearest.ts'
import type { TimeKey } from '../../base/time.ts'
import { timeKey } from '../../base/time.ts'
import { badRequestData } from '../errors.ts'

/** An object, or the error that says that `name` must be one. */
export function members(value: Json | undefined, name: string): JsonObject {
  if (isObject(value)) return value
  throw badRequestData(`${name}: must be a JSON object`)
}

/** Which members a document may have, and what stands before their names in messages. */
export interface MemberRules {
  readonly known: readonly string[]
  readonly readOnly: ReadonlySet<string>
  readonly path: string
}

/** The members without the read-only ones. Throws BadRequestData where one is unknown. */
export function pickKnown(document: JsonObject, { known: names, readOnly: ignored, path }: MemberRules): JsonObject {
  const entries = Object.entries(document).filter(([name]) => !ignored.has(name))
  for (const [name] of entries) {
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    throw badRequestData(`${path}${name}: not a member${meant === undefined ? '' : `; did you mean ${path}${meant}?`}`)
  }
  return Object.fromEntries(entries)
}

/** A text that is not empty; undefined when the member is absent. `path` is put before the name in messages. */
export function textMember(document: JsonObject, name: string, path = ''): string | undefined {
  const value = document[name]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw badRequestData(`${path}${name}: must be a text that is not empty`)
}

export function booleanMember(document: JsonObject, name: string, path = ''): boolean | undefined {
  const value = document[name]
  if (value === undefined || typeof value === 'boolean') return value
  throw badRequestData(`${path}${name}: must be true or false`)
}

export function positiveMember(document: JsonObject, name: string, path = ''): number | undefined {
  const value = document[name]
  if (value === undefined || (typeof value === 'number' && value > 0 && value < Infinity)) return value
  throw badRequestData(`${path}${name}: must be a number greater than 0`)
}

/** A DateTime of clause 4.6.3. */
export function timeMember(document: JsonObject, name: string, path = ''): TimeKey | undefined {
  const value = document[name]
  if (value === undefined) return undefined
  const key = typeof value === 'string' ? timeKey(value) : undefined
  if (key === undefined) throw badRequestData(`${path}${name}: must be a DateTime such as 2026-11-22T09:30:00Z`)
  return key
}

/** Texts, at least one: the specification has no use for an empty list. */
export function stringList(document: JsonObject, name: string, path = ''): readonly string[] | undefined {
  const value = document[name]
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length > 0 && value.every(isText)) return value
  throw badRequestData(`${path}${name}: must be an array of texts that is not empty`)
}

/** A comma-separated list of names (clauses 5.2.12, 5.2.23); an array, as all lists of names beside it are, is as good. */
export function nameList(document: JsonObject, name: string): readonly string[] | undefined {
  if (typeof document[name] !== 'string') return stringList(document, name)
  const names = document[name].split(',').map((item) => item.trim())
  if (names.includes('')) throw badRequestData(`${name}: an item of the list is empty`)
  return names
}

/** Objects, at least one. */
export function objectList(document: JsonObject, name: string, path = ''): readonly JsonObject[] | undefined {
  const value = document[name]
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length > 0 && value.every(isObject)) return value
  throw badRequestData(`${path}${name}: must be an array of objects that is not empty`)
}

function isText(value: Json): value is string {
  return typeof value === 'string' && value !== ''
}
