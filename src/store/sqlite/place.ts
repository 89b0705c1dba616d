/**
 * What lies somewhere, by the R*Tree. It knows no order of ids, so that it leads only where few lie there: those are put in
 * order by their ids, and their texts are read as far as the page goes. Where many do, walking in id order soon meets enough.
 */
import type { Box } from '../../core/model/geometry.ts'
import type { Query } from '../../core/query/ast.ts'
import type { Direction, Source } from '../finish.ts'
import { MAX_BOXES } from './boxes.ts'
import type { CompileContext } from './compile-query.ts'
import type { Connection, Values } from './connection.ts'
import { inOrder, readRows } from './scan.ts'
import { selectNumbered } from './select.ts'

/** Boxes that are put in order at most: some milliseconds of work. */
const FEW = 4096

/** The statement that finds boxes, and its values. Its rows are entities' numbers, perhaps repeated. */
export function boxesStatement({ west, south, east, north }: Box, space: number): { sql: string; values: Values } {
  const sql = `SELECT id / ${String(MAX_BOXES)} FROM geo
    WHERE space_from <= ? AND space_to >= ? AND west <= ? AND east >= ? AND south <= ? AND north >= ?`
  return { sql, values: [space, space, east, west, north, south] }
}

interface Asked {
  readonly query: Query
  readonly place: Box
  readonly context: CompileContext
  readonly direction: Direction
}

/** The candidates where a query's matches lie; undefined when they are many. */
export function sourceAt(connection: Connection, { query, place, context, direction }: Asked): Source | undefined {
  const { sql, values } = boxesStatement(place, context.space)
  const boxes = connection.all(`${sql} LIMIT ?`, ...values, FEW + 1)
  if (boxes.length > FEW) return undefined
  const nums = [...new Set(boxes.map(([num]) => Number(num)))]
  const named = 'SELECT e.id, e.num FROM json_each(?) n CROSS JOIN entity e ON e.num = n.value WHERE e.text IS NOT NULL'
  const entities = connection
    .all(named, JSON.stringify(nums))
    .map(([id, num]) => ({ id: String(id), num: Number(num) }))
    .toSorted((a, b) => inOrder(direction, a.id, b.id))
  return {
    read(afterId, size) {
      const from = afterId === undefined ? 0 : firstAfter(entities, direction, afterId)
      const part = entities.slice(from, from + size)
      const selection = selectNumbered(
        query,
        context,
        part.map(({ num }) => num),
      )
      const candidates = readRows({ connection, selection, direction }, {}, { size: part.length, offset: 0 })
      const last = part.at(-1)
      const looked = part.length
      return last === undefined || from + size >= entities.length
        ? { candidates, looked }
        : { candidates, looked, next: last.id }
    },
  }
}

/** Where those after an id begin. */
function firstAfter(entities: readonly { readonly id: string }[], direction: Direction, id: string): number {
  const index = entities.findIndex((entity) => inOrder(direction, entity.id, id) > 0)
  return index < 0 ? entities.length : index
}
