/**
 * A selection read in id order, or against it. A statement holds up the whole broker while it runs, so that where a row
 * may be rare, no statement walks farther than a few milliseconds take: a stretch of ids, then the next one.
 */
import type { TimeKey } from '../../base/time.ts'
import type { Counted, Direction, Slice, Source } from '../finish.ts'
import type { StoredEntity } from '../port.ts'
import type { Connection, Row } from './connection.ts'
import type { Selection, Table } from './select.ts'

/** Rows in a stretch: at first, and at most. */
const FIRST_STRETCH = 200
const LONGEST_STRETCH = 3200
/** Milliseconds that the statement over a stretch may take. */
const TURN = 4

const COLUMNS = 'e.id, e.version, e.text, e.times, e.expires'

interface Words {
  readonly after: '>' | '<'
  readonly until: '<=' | '>='
  readonly order: 'ASC' | 'DESC'
  readonly sign: 1 | -1
}

const words: Readonly<Record<Direction, Words>> = {
  ascending: { after: '>', until: '<=', order: 'ASC', sign: 1 },
  descending: { after: '<', until: '>=', order: 'DESC', sign: -1 },
}

/** Compares ids by their bytes, as the database does. */
export function inOrder(direction: Direction, a: string, b: string): number {
  return words[direction].sign * Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A stretch of ids: after one, up to and including another; each may be missing. */
interface Stretch {
  readonly afterId?: string | undefined
  readonly untilId?: string | undefined
}

export interface Scan {
  readonly connection: Connection
  readonly selection: Selection
  readonly direction: Direction
}

/** The candidates of a selection. `countable`: every row belongs to the answer, so that rows may be counted and not read. */
export function sourceOf(scan: Scan, countable: boolean): Source {
  const { selection, direction } = scan
  const walks = selection.reach === 'walk' || (direction === 'descending' && selection.lead.arms.length > 1)
  const stretches = walks ? stretching(scan) : wholes
  return {
    read: (afterId, size) =>
      stretches(afterId, (stretch): Slice => {
        const candidates = readRows(scan, stretch, { size, offset: 0 })
        const next = candidates.length < size ? stretch.untilId : candidates.at(-1)?.id
        return { candidates, ...passed(scan, stretch.afterId, next) }
      }),
    ...(countable && {
      count: (afterId) =>
        stretches(afterId, (stretch): Counted => {
          const count = countRows(scan, stretch)
          return { count, ...passed(scan, stretch.afterId, stretch.untilId) }
        }),
    }),
  }
}

/** How far a statement came (undefined: to the end), and how many rows it looked at on its way: those of the lead, by its index. */
function passed(scan: Scan, afterId: string | undefined, next: string | undefined): Pick<Slice, 'next' | 'looked'> {
  const { reach, decides } = scan.selection
  const looked = reach === 'walk' && decides ? { looked: countLead(scan, { afterId, untilId: next }) } : {}
  return next === undefined ? looked : { ...looked, next }
}

type OverStretch = <T>(afterId: string | undefined, run: (stretch: Stretch) => T) => T

const wholes: OverStretch = (afterId, run) => run({ afterId })

/** Stretches that grow while there is time, and shrink where there is not. */
function stretching(scan: Scan): OverStretch {
  let rows = FIRST_STRETCH
  return (afterId, run) => {
    const untilId = boundOf(scan, afterId, rows)
    const began = performance.now()
    const result = run({ afterId, untilId })
    rows = nextStretch(rows, performance.now() - began)
    return result
  }
}

function nextStretch(rows: number, took: number): number {
  if (took > TURN) return Math.max(1, rows >> 1)
  return took > TURN / 2 ? rows : Math.min(rows * 2, LONGEST_STRETCH)
}

/** The id up to which at most so many rows of each arm lie; undefined when it is all that is left. */
function boundOf(
  { connection, selection, direction }: Scan,
  afterId: string | undefined,
  rows: number,
): string | undefined {
  const { order } = words[direction]
  const ends = selection.lead.arms.flatMap((arm) => {
    const { sql, values } = beyond(arm, direction, { afterId })
    const end = connection.get(
      `SELECT ${arm.id} FROM ${arm.from} WHERE ${sql} ORDER BY ${arm.id} ${order} LIMIT 1 OFFSET ?`,
      ...values,
      rows - 1,
    )
    return end === undefined ? [] : [String(end[0])]
  })
  return ends.length === 0 ? undefined : ends.reduce((a, b) => (inOrder(direction, a, b) < 0 ? a : b))
}

interface Clause {
  readonly sql: string
  readonly values: Table['values']
}

/** The condition of a table, within a stretch. */
function beyond({ where, values, id }: Table, direction: Direction, { afterId, untilId }: Stretch): Clause {
  const { after, until } = words[direction]
  return {
    sql: [
      where,
      ...(afterId === undefined ? [] : [`${id} ${after} ?`]),
      ...(untilId === undefined ? [] : [`${id} ${until} ?`]),
    ].join(' AND '),
    values: [...values, ...(afterId === undefined ? [] : [afterId]), ...(untilId === undefined ? [] : [untilId])],
  }
}

interface Part {
  readonly size: number
  readonly offset: number
}

/** The ids of rows, from the lead alone. */
export function readIds(
  { connection, selection, direction }: Scan,
  afterId: string | undefined,
  { size, offset }: Part,
): readonly string[] {
  const { lead } = selection
  const { sql, values } = beyond(lead, direction, { afterId })
  const statement = `SELECT ${lead.id} FROM ${lead.from} WHERE ${sql} ORDER BY ${lead.id} ${words[direction].order} LIMIT ? OFFSET ?`
  return connection.all(statement, ...values, size, offset).map(([id]) => String(id))
}

/** Rows of a stretch, in order. */
export function readRows(
  { connection, selection, direction }: Scan,
  stretch: Stretch,
  { size, offset }: Part,
): readonly StoredEntity[] {
  const { lead, join, where } = selection
  const { sql, values } = beyond(lead, direction, stretch)
  const statement = `SELECT ${COLUMNS} FROM ${lead.from} ${join} WHERE ${sql} AND ${where} ORDER BY ${lead.id} ${words[direction].order} LIMIT ? OFFSET ?`
  return connection.all(statement, ...values, ...selection.values, size, offset).map(storedOf)
}

/** How many rows there are in a stretch. */
function countRows(scan: Scan, stretch: Stretch): number {
  const { connection, selection, direction } = scan
  const { lead, join, where, reach } = selection
  if (reach === 'bare') return countLead(scan, stretch)
  const { sql, values } = beyond(lead, direction, stretch)
  const statement = `SELECT count(*) FROM ${lead.from} ${join} WHERE ${sql} AND ${where}`
  return Number(connection.get(statement, ...values, ...selection.values)?.[0])
}

/** How many rows the lead has in a stretch. */
function countLead({ connection, selection: { lead }, direction }: Scan, stretch: Stretch): number {
  const { sql, values } = beyond(lead, direction, stretch)
  return Number(connection.get(`SELECT count(*) FROM ${lead.from} WHERE ${sql}`, ...values)?.[0])
}

function storedOf(row: Row): StoredEntity {
  const [id, version, text, times, expires] = row as [string, number, string, string, TimeKey | null]
  return { id, version, text, times, expires }
}
