/**
 * JSON from clients: parsed, and checked for what JSON.parse lets through but a broker must not keep. Every refusal is a
 * 4xx that names the member at fault (clause 5.5.4: what is not JSON is an InvalidRequest, what is no model BadRequestData).
 */
import type { Json } from '../base/json.ts'
import { badRequestData, invalidRequest } from '../core/errors.ts'

/** Parses a body. Throws InvalidRequest (not JSON), BadRequestData (too deep, unsafe keys, broken text, numbers out of range). */
export function parseJson(text: string, maxDepth: number): Json {
  const value = parse(text)
  const place = { maxDepth, path: [] }
  checkValue(value, place)
  // A digit run this long may be an integer that a double does not hold; only then is the source worth a second look. Not
  // before the depth is known: a reviver recurses.
  if (/\d{16}/.test(text)) checkValue(parse(text, refuseInexact), place)
  return value
}

function parse(text: string, reviver?: (member: string, value: unknown) => unknown): Json {
  try {
    return JSON.parse(text, reviver) as Json
  } catch (error) {
    const where = /position \d+/.exec(error instanceof Error ? error.message : '')?.[0]
    throw invalidRequest(`the body is not JSON${where === undefined ? '' : `, at ${where}`}`)
  }
}

/**
 * Integers come back as they were sent, or are refused: rounding one would be to lie. An inexact one becomes NaN, which
 * `checkValue` refuses where it knows the path. The third argument, the source text, is newer than JSON.parse's declaration.
 */
function refuseInexact(_member: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || !/^-?\d+$/.test(source)) return value
  return Number.isFinite(value) && BigInt(value) === BigInt(source) ? value : NaN
}

interface Place {
  readonly maxDepth: number
  readonly path: string[]
}

function checkValue(value: Json, place: Place): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed())
      throw badRequestData(`${nameOf(place)}: the text holds a lone surrogate, which UTF-8 cannot carry`)
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw badRequestData(`${nameOf(place)}: the number is beyond what a double holds exactly`)
  } else if (typeof value === 'object' && value !== null) {
    checkMembers(value, place)
  }
}

function checkMembers(value: Json[] | Record<string, Json>, place: Place): void {
  if (place.path.length >= place.maxDepth) {
    throw badRequestData(`${place.path.slice(0, 4).join('.')}...: nested deeper than ${String(place.maxDepth)} levels`)
  }
  for (const [member, inner] of Object.entries(value)) {
    place.path.push(member)
    if (!Array.isArray(value)) checkKey(member, inner, place)
    checkValue(inner, place)
    place.path.pop()
  }
}

function checkKey(member: string, value: Json, place: Place): void {
  const pollutes = member === '__proto__' || (member === 'constructor' && holdsPrototype(value))
  if (pollutes) throw badRequestData(`${nameOf(place)}: a member of this name is refused`)
  if (!member.isWellFormed()) throw badRequestData(`${nameOf(place)}: the name holds a lone surrogate`)
}

function holdsPrototype(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}

function nameOf(place: Place): string {
  return place.path.length === 0 ? 'the body' : place.path.join('.').toWellFormed()
}
