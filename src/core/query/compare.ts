/** The comparisons of clause 4.9: same type or no match, arrays by containment, temporal values as time. */
import type { Json } from '../../base/json.ts'
import { timeKey } from '../../base/time.ts'
import type { Operand, Order } from './ast.ts'
import type { Target } from './targets.ts'

/** `==`: the target equals the operand, or is an array that contains it. */
export function equalsOperand(target: Target, operand: Operand): boolean {
  if (Array.isArray(target.value)) return target.value.some((item) => equalsOne(item, operand))
  return equalsOne(target.value, operand)
}

function equalsOne(value: Json, operand: Operand): boolean {
  switch (operand.kind) {
    case 'value':
      return value === operand.value
    case 'uri':
      return value === operand.uri
    case 'time':
      return value === operand.text || (typeof value === 'string' && timeKey(value) === operand.time)
  }
}

/** `> >= < <=`: the same type on both sides; relationship targets never match. */
export function isOrdered(target: Target, operator: Order, operand: Operand): boolean {
  if (target.isUri) return false
  const pair = comparable(target.value, operand)
  return pair !== undefined && orders[operator](pair[0], pair[1])
}

/** The inclusive range `from..to`. */
export function isWithin(target: Target, from: Operand, to: Operand): boolean {
  const inside = (value: Json): boolean => {
    const item = { value, isUri: target.isUri }
    return isOrdered(item, '>=', from) && isOrdered(item, '<=', to)
  }
  return Array.isArray(target.value) ? target.value.some(inside) : inside(target.value)
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
      const time = typeof value === 'string' ? timeKey(value) : undefined
      return time === undefined ? undefined : [time, operand.time]
    }
    case 'uri':
      return typeof value === 'string' ? [value, operand.uri] : undefined
    case 'value':
      return sameType(value, operand.value)
  }
}

function sameType(value: Json, operand: string | number | boolean): readonly [Comparable, Comparable] | undefined {
  if (typeof value === 'number' && typeof operand === 'number') return [value, operand]
  if (typeof value === 'string' && typeof operand === 'string') return [value, operand]
  return undefined
}
