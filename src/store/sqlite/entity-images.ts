/** Entities as they are committed, the ones in use kept in memory: updates and reads by id then need no statement. */
import { createMemo } from '../../core/context/memo.ts'
import type { EntityState } from '../../core/model/state.ts'
import type { StoredEntity } from '../port.ts'
import type { Connection } from './connection.ts'

/** An entity's row. */
export interface EntityImage {
  readonly num: number
  /** The last one used, by a deletion perhaps. */
  readonly version: number
  /** What `entity_type` holds of it: type numbers joined by commas. */
  readonly types: string
  /** What `geo` holds of it, see `boxes.ts`. */
  readonly boxes: string
  /** Undefined where the row is a tombstone. */
  readonly current: StoredEntity | undefined
  /** The parsed form, where the row was written since the start: a change to it need not parse. */
  readonly state?: EntityState
}

export interface EntityImages {
  /** The committed row, undefined where there is none. */
  find(space: number, id: string): EntityImage | undefined
  /** The committed row where it is in memory; no statement is run. */
  peek(space: number, id: string): EntityImage | undefined
  /** Tells of a row that was committed just now. */
  keep(space: number, id: string, image: EntityImage): void
}

/**
 * In characters, of which most take one byte; the parsed form takes some three times as much. Twice this at most, in two
 * generations. Longer entities than the limit are not kept.
 */
const BUDGET = 4_000_000
const LONGEST = 64_000
const OVERHEAD = 500

export function createEntityImages(connection: Connection): EntityImages {
  const images = createMemo<EntityImage>(BUDGET, weigh)
  const keep = (key: string, image: EntityImage): void => {
    if (weigh(image) > LONGEST) images.delete(key)
    else images.set(key, image)
  }
  return {
    find(space, id) {
      const key = keyOf(space, id)
      const known = images.get(key)
      if (known !== undefined) return known
      const image = load(connection, space, id)
      if (image !== undefined) keep(key, image)
      return image
    },
    peek: (space, id) => images.get(keyOf(space, id)),
    keep(space, id, image) {
      keep(keyOf(space, id), image)
    },
  }
}

function weigh({ current, boxes }: EntityImage): number {
  return OVERHEAD + boxes.length + (current === undefined ? 0 : current.text.length + current.times.length)
}

/** Unambiguous: no number holds a blank. */
export function keyOf(space: number, id: string): string {
  return `${String(space)} ${id}`
}

function load(connection: Connection, space: number, id: string): EntityImage | undefined {
  const sql = 'SELECT num, version, expires, types, boxes, times, text FROM entity WHERE space = ? AND id = ?'
  const row = connection.get(sql, space, id)
  if (row === undefined) return undefined
  const [num, version, expires, types, boxes, times, text] = row as [
    ...[number, number],
    string | null,
    ...[string, string, string],
    string | null,
  ]
  return { num, version, types, boxes, current: text === null ? undefined : { id, version, text, times, expires } }
}
