/**
 * What SQL asks of the broker: the database finds the one member that a filter is about, and the filter is decided on it by
 * the same code as everywhere. That costs less than half of handing out and parsing the whole entity, and what is decided
 * inside the database can be counted and paged there.
 */
import type { DatabaseSync } from 'node:sqlite'
import { createMemo } from '../../core/context/memo.ts'
import type { Entity } from '../../core/model/entity.ts'
import type { SystemTimes } from '../../core/model/times.ts'
import { parseTimes } from '../../core/model/times.ts'
import type { Path, Query, QueryOf } from '../../core/query/ast.ts'
import { evaluate } from '../../core/query/evaluate.ts'
import { boxesMeet } from './boxes.ts'

/** Filters that look at one member of an entity and its timestamps, and at nothing else. */
export type MemberQuery = QueryOf<'exists' | 'equals' | 'range' | 'order' | 'pattern' | 'scope'>

/** The member that such a filter looks at. */
export function memberOf(query: MemberQuery): string {
  return query.kind === 'scope' ? 'scope' : query.path.attribute
}

/** True when it looks at timestamps too, which are beside the entity's text. */
export function readsTimes(query: MemberQuery): boolean {
  return query.kind !== 'scope' && namesOf(query.path).some((name) => name === 'createdAt' || name === 'modifiedAt')
}

function namesOf({ attribute, members }: Path): readonly string[] {
  return [attribute, ...members]
}

/** A filter as SQL hands it over; undefined where JSON cannot say it (an operand beyond all numbers). */
export function printQuery(query: Query): string | undefined {
  const text = JSON.stringify(query)
  return text.includes('"value":null') ? undefined : text
}

interface Known {
  readonly query: Query
  readonly member: string
  /** The answer for an entity that has no such member. */
  readonly without: number
}

const MAX_KNOWN = 500
const noTimes: SystemTimes = { created: '', modified: '' }

/**
 * Defines `holds(filter, member's JSON or null, timestamps or null)`, `id_holds(filter, id)` and `boxes_meet(boxes, west,
 * east, south, north)`. Filters are the texts of `printQuery`; answers are 1 and 0.
 */
export function defineFunctions(database: DatabaseSync): void {
  const memo = createMemo<Known>(MAX_KNOWN)
  const knownOf = (text: string): Known => {
    const kept = memo.get(text)
    if (kept !== undefined) return kept
    const known = read(text)
    memo.set(text, known)
    return known
  }
  database.function('holds', { deterministic: true }, (filter, json, times) => {
    const { query, member, without } = knownOf(String(filter))
    if (times === null && json === null) return without
    const entity: Entity = { id: '', type: '' }
    if (typeof json === 'string') Object.defineProperty(entity, member, { value: JSON.parse(json), enumerable: true })
    return answer(query, entity, typeof times === 'string' ? parseTimes(times) : noTimes)
  })
  database.function('id_holds', { deterministic: true }, (filter, id) =>
    answer(knownOf(String(filter)).query, { id: String(id), type: '' }, noTimes),
  )
  database.function('boxes_meet', { deterministic: true, varargs: true }, (boxes, ...sides) => {
    const [west = NaN, east = NaN, south = NaN, north = NaN] = sides.map(Number)
    return boxesMeet(String(boxes), { west, east, south, north }) ? 1 : 0
  })
}

function read(text: string): Known {
  const query = JSON.parse(text) as MemberQuery | QueryOf<'idPattern'>
  const member = query.kind === 'idPattern' ? 'id' : memberOf(query)
  return { query, member, without: answer(query, { id: '', type: '' }, noTimes) }
}

function answer(query: Query, entity: Entity, times: SystemTimes): number {
  return evaluate(query, { entity, times }) ? 1 : 0
}
