/**
 * What lies somewhere, by the R*Tree. It knows no order of ids, so that it leads only where few lie there: those are put in
 * order by their ids, and their texts are read as far as the page goes. Where many do, walking in id order soon meets enough.
 */
import type { Box } from '../../core/model/geometry.ts'
import type { Direction, Slice, Source } from '../finish.ts'
import type { StoredEntity } from '../port.ts'
import { MAX_BOXES } from './boxes.ts'
import type { CompileContext } from './compile-query.ts'
import type { Connection, Values } from './connection.ts'
import { inOrder, readRows } from './scan.ts'
import type { Place } from './select.ts'
import { selectNumbered } from './select.ts'

/** Boxes that are put in order at most: some milliseconds of work. */
const FEW = 4096
/** Entities that are read in one statement, whatever the page: no more than a slice (`finish.ts`) has. */
const AT_ONCE = 200

/** The statement that finds boxes, and its values. Its rows are entities' numbers, perhaps repeated. */
export function boxesStatement({ west, south, east, north }: Box, space: number): { sql: string; values: Values } {
  const sql = `SELECT id / ${String(MAX_BOXES)} FROM geo
    WHERE space_from <= ? AND space_to >= ? AND west <= ? AND east >= ? AND south <= ? AND north >= ?`
  return { sql, values: [space, space, east, west, north, south] }
}

interface Asked {
  readonly place: Place
  readonly context: CompileContext
  readonly direction: Direction
}

/** The candidates where a query's matches lie; undefined when they are many. */
export function sourceAt(connection: Connection, { place, context, direction }: Asked): Source | undefined {
  const { sql, values } = boxesStatement(place.box, context.space)
  const boxes = connection.all(`${sql} LIMIT ?`, ...values, FEW + 1)
  if (boxes.length > FEW) return undefined
  const nums = [...new Set(boxes.map(([num]) => Number(num)))]
  const readNumbered: Numbered = (part) => {
    const selection = selectNumbered(place.rest, context, part)
    return readRows({ connection, selection, direction }, {}, { size: part.length, offset: 0 })
  }
  if (nums.length <= AT_ONCE) return sourceAtOnce(nums, direction, readNumbered)
  return sourceInParts(entitiesOf(connection, nums, direction), direction, readNumbered)
}

/** The candidates among the entities that have these numbers, in order. */
type Numbered = (nums: readonly number[]) => readonly StoredEntity[]

function sourceAtOnce(nums: readonly number[], direction: Direction, readNumbered: Numbered): Source {
  let rows: readonly StoredEntity[] | undefined
  return {
    read(afterId, size) {
      const looked = rows === undefined ? nums.length : 0
      rows ??= readNumbered(nums)
      const { part, next } = partOf(rows, direction, { afterId, size })
      return { candidates: part, looked, ...next }
    },
  }
}

interface Numeral {
  readonly id: string
  readonly num: number
}

/** Their ids first, so that no more texts are read than a page needs. */
function entitiesOf(connection: Connection, nums: readonly number[], direction: Direction): readonly Numeral[] {
  const sql = 'SELECT e.id, e.num FROM json_each(?) n CROSS JOIN entity e ON e.num = n.value WHERE e.text IS NOT NULL'
  return connection
    .all(sql, JSON.stringify(nums))
    .map(([id, num]) => ({ id: String(id), num: Number(num) }))
    .toSorted((a, b) => inOrder(direction, a.id, b.id))
}

function sourceInParts(entities: readonly Numeral[], direction: Direction, readNumbered: Numbered): Source {
  return {
    read(afterId, size) {
      const { part, next } = partOf(entities, direction, { afterId, size })
      return { candidates: readNumbered(part.map(({ num }) => num)), looked: part.length, ...next }
    },
  }
}

interface Part {
  readonly afterId: string | undefined
  readonly size: number
}

/** Those after an id, and the id of the last of them where there are more. */
function partOf<T extends { readonly id: string }>(
  items: readonly T[],
  direction: Direction,
  { afterId, size }: Part,
): { readonly part: readonly T[]; readonly next: Pick<Slice, 'next'> } {
  const from = afterId === undefined ? 0 : firstAfter(items, direction, afterId)
  const part = items.slice(from, from + size)
  const last = part.at(-1)
  return { part, next: last === undefined || from + size >= items.length ? {} : { next: last.id } }
}

/** Where those after an id begin. */
function firstAfter(items: readonly { readonly id: string }[], direction: Direction, id: string): number {
  const index = items.findIndex((item) => inOrder(direction, item.id, id) > 0)
  return index < 0 ? items.length : index
}
