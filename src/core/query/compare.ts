/** The comparisons of clause 4.9: same type or no match, arrays by containment, temporal values as time. */
import type { Json } from '../../base/json.ts'
import { iriOfCoreName } from '../context/core.ts'
import type { Operand, Order } from './ast.ts'
import type { Target } from './targets.ts'
import { temporalKey } from './temporal.ts'

/** `==`: the target equals the operand, or is an array that contains it. */
export function equalsOperand({ value, isVocab }: Target, operand: Operand): boolean {
  const equals = isVocab === true ? isNamedBy : equalsOne
  return Array.isArray(value) ? value.some((item) => equals(item, operand)) : equals(value, operand)
}

/**
 * URIs are compared letter by letter, the first rung of RFC 3986, clause 6.2: the one by which an index can find them, and
 * by which NGSI-LD tells entities apart everywhere else.
 */
function equalsOne(value: Json, operand: Operand): boolean {
  switch (operand.kind) {
    case 'value':
      return value === operand.value
    case 'uri':
      return value === operand.uri
    case 'time':
      return value === operand.text || (typeof value === 'string' && temporalKey(value) === operand.time)
  }
}

/** A vocabulary value is expanded, and so is what it is compared with (clause 4.9). */
function isNamedBy(value: Json, operand: Operand): boolean {
  return value === nameOf(operand)
}

function nameOf(operand: Operand): Json {
  switch (operand.kind) {
    case 'value':
      return operand.vocab ?? operand.value
    case 'uri':
      return operand.vocab ?? operand.uri
    case 'time':
      return operand.text
  }
}

/** `> >= < <=`: the same type on both sides; relationship targets never match. */
export function isOrdered(target: Target, operator: Order, operand: Operand): boolean {
  if (target.isUri) return false
  const values = target.isLanguages === true && Array.isArray(target.value) ? target.value : [target.value]
  return values.some((value) => {
    const pair = target.isVocab === true ? vocabularyPair(value, operand) : comparable(value, operand)
    return pair !== undefined && orders[operator](pair[0], pair[1])
  })
}

/** The inclusive range `from..to`. */
export function isWithin(target: Target, from: Operand, to: Operand): boolean {
  const inside = (value: Json): boolean => {
    const item = { ...target, value }
    return isOrdered(item, '>=', from) && isOrdered(item, '<=', to)
  }
  return Array.isArray(target.value) ? target.value.some(inside) : inside(target.value)
}

/** The texts of a target that a pattern is matched against: those of a list too; a vocabulary value's is its IRI. */
export function textsOf({ value, isUri, isVocab }: Target): readonly string[] {
  if (isUri) return []
  const texts = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string')
  return isVocab === true ? texts.map(iriOfCoreName) : texts
}

type Comparable = string | number
type Compare = (a: Comparable, b: Comparable) => boolean

const orders: Readonly<Record<Order, Compare>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

/** Both sides as numbers, as time keys or as texts; undefined when their types differ. */
function comparable(value: Json, operand: Operand): readonly [Comparable, Comparable] | undefined {
  switch (operand.kind) {
    case 'time': {
      const time = typeof value === 'string' ? temporalKey(value) : undefined
      return time?.length === operand.time.length ? [time, operand.time] : undefined
    }
    case 'uri':
      return typeof value === 'string' ? [value, operand.uri] : undefined
    case 'value':
      return sameType(value, operand.value)
  }
}

function vocabularyPair(value: Json, operand: Operand): readonly [Comparable, Comparable] | undefined {
  const name = nameOf(operand)
  return typeof value === 'string' && typeof name === 'string' ? [iriOfCoreName(value), iriOfCoreName(name)] : undefined
}

function sameType(value: Json, operand: string | number | boolean): readonly [Comparable, Comparable] | undefined {
  if (typeof value === 'number' && typeof operand === 'number') return [value, operand]
  if (typeof value === 'string' && typeof operand === 'string') return [value, operand]
  return undefined
}
