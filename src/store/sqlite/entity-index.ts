/** What is written beside an entity's row so that queries find it: its types, and the boxes of its geometries. */
import { MAX_BOXES, parseBoxes } from './boxes.ts'
import type { Connection } from './connection.ts'

/** Where an entity is. */
export interface EntityKey {
  readonly num: number
  readonly space: number
  readonly id: string
}

/** Brings `entity_type` from the old types to the new ones; both are type numbers joined by commas. */
export function writeTypes(connection: Connection, key: EntityKey, { from, to }: { from: string; to: string }): void {
  if (from === to) return
  const before = numbersOf(from)
  const after = numbersOf(to)
  for (const type of before.difference(after)) {
    connection.run('DELETE FROM entity_type WHERE space = ? AND type = ? AND id = ?', key.space, type, key.id)
  }
  for (const type of after.difference(before)) {
    const sql = 'INSERT INTO entity_type (space, type, id, entity) VALUES (?, ?, ?, ?)'
    connection.run(sql, key.space, type, key.id, key.num)
  }
}

function numbersOf(text: string): ReadonlySet<number> {
  return new Set(text === '' ? [] : text.split(',').map(Number))
}

/** Brings the R*Tree from the old boxes to the new ones. */
export function writeBoxes(connection: Connection, key: EntityKey, { from, to }: { from: string; to: string }): void {
  if (from === to) return
  const firstId = key.num * MAX_BOXES
  for (const index of parseBoxes(from).keys()) connection.run('DELETE FROM geo WHERE id = ?', firstId + index)
  for (const [index, box] of parseBoxes(to).entries()) {
    const sql = 'INSERT INTO geo (id, space_from, space_to, west, east, south, north) VALUES (?, ?, ?, ?, ?, ?, ?)'
    connection.run(sql, firstId + index, key.space, key.space + 0.5, ...box)
  }
}
