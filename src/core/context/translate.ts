import type { Json, JsonObject } from '../../base/json.ts'
import { badRequestData } from '../errors.ts'
import type { NgsiError } from '../errors.ts'
import type { Member, Way } from './tables.ts'

/**
 * The one walk over a document, for both directions: what differs is in the `Way`. Parts that stay the same are shared
 * with the input, so that a document in core names costs its look-ups and nothing else.
 */
export function translateValue(way: Way, value: Json): Json | undefined {
  if (typeof value !== 'object') return value
  // JSON-LD drops null (clause 5.5.4: it never stands for a deletion).
  if (value === null) return undefined
  return Array.isArray(value) ? translateArray(way, value) : translateObject(way, value)
}

function translateArray(way: Way, items: Json[]): Json[] {
  return translateItems(items, (item) => translateValue(way, item))
}

function translateItems(items: Json[], translate: (item: Json) => Json | undefined): Json[] {
  let out: Json[] | undefined
  let same = 0
  for (const item of items) {
    const after = translate(item)
    if (out === undefined) {
      if (after === item) {
        same += 1
        continue
      }
      out = items.slice(0, same)
    }
    if (after !== undefined) out.push(after)
  }
  return out ?? items
}

/** An object with its members carried over; undefined for a value object that says nothing (`{"@value": null}`). */
export function translateObject(way: Way, object: JsonObject): JsonObject | undefined {
  let out: JsonObject | undefined
  let count = 0
  const keys = Object.keys(object)
  for (const key of keys) {
    const before = object[key] ?? null
    const member = way.terms.get(key) ?? way.other(key)
    let { name } = member
    let after: Json | undefined
    // Nearly every member of nearly every document is one of the first two.
    if (member.kind === 'plain') after = typeof before === 'object' ? translateValue(way, before) : before
    else if (member.kind === 'terms' && typeof before === 'string') after = way.vocabulary(before)
    else if (member.kind === 'coerced') ({ name, value: after } = way.coerced(member, before))
    else if (member.kind === 'literal' && before === null && !isJsonLiteral(way, object)) return undefined
    else after = translateMember(way, member, before)
    if (out === undefined && (after !== before || name !== key)) out = firstMembers(object, keys, count)
    if (after === undefined) continue
    count += 1
    if (out !== undefined) out[name] = after
  }
  // Asking once at the end is far cheaper than asking before each member is set.
  if (out !== undefined && Object.keys(out).length !== count) throw collision(way, object)
  return out ?? object
}

function collision(way: Way, object: JsonObject): NgsiError {
  const names = Object.keys(object).map((key) => ({ key, name: (way.terms.get(key) ?? way.other(key)).name }))
  const twice = names.find(({ name }, index) => names.findIndex((other) => other.name === name) < index)
  return badRequestData(
    twice === undefined
      ? 'two members of one object mean the same'
      : `the member "${twice.key}" means "${twice.name}", which is there already under another name`,
  )
}

function firstMembers(object: JsonObject, keys: readonly string[], count: number): JsonObject {
  const out: JsonObject = {}
  for (let index = 0; index < count; index += 1) {
    const key = keys[index] ?? ''
    out[key] = object[key] ?? null
  }
  return out
}

function translateMember(way: Way, member: Member, value: Json): Json | undefined {
  switch (member.kind) {
    case 'plain':
      return translateValue(way, value)
    case 'terms':
      return translateStrings(way, value, way.vocabulary)
    case 'ids':
      return translateStrings(way, value, way.identifier)
    case 'entries':
      return translateEntries(way, value)
    case 'opaque':
    case 'literal':
    case 'coerced':
      return value
    case 'dropped':
      return undefined
    case 'refused':
      throw badRequestData(member.name)
  }
}

function translateStrings(way: Way, value: Json, translate: (text: string) => string): Json | undefined {
  if (typeof value === 'string') return translate(value)
  if (!Array.isArray(value)) return translateValue(way, value)
  return translateItems(value, (item) => translateStrings(way, item, translate))
}

function translateEntries(way: Way, value: Json): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return translateValue(way, value)
  const out: JsonObject = {}
  for (const [key, entry] of Object.entries(value)) {
    const after = translateValue(way, entry)
    if (key === '__proto__') throw badRequestData('the member name "__proto__" is not allowed')
    if (after !== undefined) out[key] = after
  }
  return out
}

// `{"@type": "@json", "@value": null}` is how JSON-LD says a true null.
function isJsonLiteral(way: Way, object: JsonObject): boolean {
  return Object.entries(object).some(
    ([key, value]) => value === '@json' && (way.terms.get(key) ?? way.other(key)).name === 'type',
  )
}
