/** Entities in the order that an orderBy asks for (ETSI GS CIM 009 V1.9.1, clause 4.23). */
import type { Json } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { entityTypes, instancesOf } from '../model/entity.ts'
import type { OrderBy, Ordering } from './ast.ts'
import { collatorOf } from './collator.ts'
import { distanceBetween, piecesOf } from './distance.ts'
import { geometryOf } from './geometry.ts'
import type { Subject } from './targets.ts'
import { targetsOf } from './targets.ts'
import type { TemporalType } from './temporal.ts'
import { temporalKey, temporalType } from './temporal.ts'

type Type = 'distance' | 'number' | 'string' | 'object' | 'array' | 'boolean' | TemporalType | 'null' | 'missing'

/** Clause 4.23.2. The clause says the order once, not per direction: types and what is missing stand so in both. */
const types: readonly Type[] = [
  ...(['distance', 'number', 'string', 'object', 'array', 'boolean', 'time', 'date', 'dateTime', 'null'] as const),
  'missing',
]

/** What one criterion sees of an entity. */
interface Key {
  readonly rank: number
  readonly value: Json
}

type Compare = (a: Key, b: Key) => number
/** Of texts: the collation's, but for ids, which are compared as they are everywhere. */
type CompareText = (a: string, b: string) => number

const missing: Key = { rank: types.indexOf('missing'), value: null }

/**
 * A total order of entities: the criteria in turn, then the UTF-8 byte order of the ids. Descending turns values of one type
 * round, and nothing else. Of several instances, or languages, the one counts that comes first in the direction asked for.
 * Throws BadRequestData for a collation that is not known.
 */
export function compareBy({ by, collation }: Ordering): (a: Subject, b: Subject) => number {
  const collator = collatorOf(collation)
  const criteria = by.map((criterion) => {
    const compare = directed(criterion, criterion.kind === 'id' ? compareBytes : collator.compare)
    return { compare, keysOf: keysOf(criterion) }
  })
  const memo = new WeakMap<Subject, readonly Key[]>()
  const keys = (subject: Subject): readonly Key[] => {
    const known = memo.get(subject)
    if (known !== undefined) return known
    const made = criteria.map(({ compare, keysOf }) => first(keysOf(subject), compare))
    memo.set(subject, made)
    return made
  }
  return (a, b) => {
    const [keysA, keysB] = [keys(a), keys(b)]
    for (const [index, { compare }] of criteria.entries()) {
      const order = compare(keysA[index] ?? missing, keysB[index] ?? missing)
      if (order !== 0) return order
    }
    return compareBytes(a.entity.id, b.entity.id)
  }
}

function first(keys: readonly Key[], compare: Compare): Key {
  return keys.reduce((best, key) => (compare(key, best) < 0 ? key : best), missing)
}

function directed({ descending }: OrderBy, compareText: CompareText): Compare {
  return (a, b) => {
    if (a.rank !== b.rank) return a.rank - b.rank
    const order = compareValues(a.value, b.value, compareText)
    return descending ? -order : order
  }
}

/** Two values of one type. */
function compareValues(a: Json, b: Json, compareText: CompareText): number {
  if (typeof a === 'string' && typeof b === 'string') return temporalAware(a, b, compareText)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b, compareText)
  if (isObject(a) && isObject(b)) return compareTexts(JSON.stringify(a), JSON.stringify(b))
  return Number(a) - Number(b)
}

function temporalAware(a: string, b: string, compareText: CompareText): number {
  const [keyA, keyB] = [temporalKey(a), temporalKey(b)]
  return keyA === undefined || keyB === undefined ? compareText(a, b) : compareTexts(keyA, keyB)
}

function compareArrays(a: readonly Json[], b: readonly Json[], compareText: CompareText): number {
  for (const [index, item] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const [keyA, keyB] = [keyOf(item), keyOf(other)]
    const order = keyA.rank === keyB.rank ? compareValues(item, other, compareText) : keyA.rank - keyB.rank
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function keysOf(criterion: OrderBy): (subject: Subject) => readonly Key[] {
  switch (criterion.kind) {
    case 'id':
      return ({ entity }) => [keyOf(entity.id)]
    case 'type':
      return ({ entity }) => entityTypes(entity).map(keyOf)
    case 'path':
      return (subject) => valueKeys(subject, criterion.path)
    case 'distance':
      return distanceKeys(criterion)
  }
}

function valueKeys(subject: Subject, path: Parameters<typeof targetsOf>[1]): readonly Key[] {
  return targetsOf(subject, path).flatMap(({ value, isLanguages }) =>
    isLanguages === true && Array.isArray(value) ? value.map(keyOf) : [keyOf(value)],
  )
}

/** What is no GeoProperty comes behind those that are, by its value (clause 4.23.2). */
function distanceKeys({
  property,
  from,
}: Extract<OrderBy, { kind: 'distance' }>): (subject: Subject) => readonly Key[] {
  const origin = piecesOf(from)
  const path = { attribute: property, members: [], keys: [] }
  return (subject) => {
    const geometries = instancesOf(subject.entity, property).flatMap((instance) => geometryOf(instance) ?? [])
    if (geometries.length === 0) return valueKeys(subject, path)
    return geometries.map((geometry) => ({ rank: 0, value: distanceBetween(origin, piecesOf(geometry)) }))
  }
}

function keyOf(value: Json): Key {
  return { rank: types.indexOf(typeOf(value)), value }
}

function typeOf(value: Json): Type {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  const time = temporalKey(value)
  return (time === undefined ? undefined : temporalType(time)) ?? 'string'
}

/** The order of two texts' UTF-8 bytes, which is that of their code points. */
function compareBytes(a: string, b: string): number {
  let index = 0
  while (index < a.length && a.charCodeAt(index) === b.charCodeAt(index)) index += 1
  const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)]
  if (Number.isNaN(unitA) || Number.isNaN(unitB)) return a.length - b.length
  return byteRank(unitA) - byteRank(unitB)
}

/** Surrogates stand for code points beyond all others. */
function byteRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
