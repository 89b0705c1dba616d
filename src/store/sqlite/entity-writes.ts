/**
 * The write side of the entities: applies changes inside a group, each to what the ones before it left in memory. Log
 * records are written as they come; each entity's row is written once, at the end of the group.
 */
import type { Entity } from '../../core/model/entity.ts'
import { entityTypes } from '../../core/model/entity.ts'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { EntityState } from '../../core/model/state.ts'
import type { Change, Committed, FoundEntity, NextEntity, StoredEntity } from '../port.ts'
import { boxesOf, haveSameBoxes } from './boxes.ts'
import type { Participant } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import type { EntityImage, EntityImages } from './entity-images.ts'
import { keyOf } from './entity-images.ts'
import { writeBoxes, writeTypes } from './entity-index.ts'
import type { FacetCounters } from './facets.ts'
import type { Names } from './names.ts'
import { spaceForWrite, spaceNumber } from './names.ts'

export interface EntityWrites extends Participant {
  /** Applies a change: inside a group only. Throws what `decide` throws, having written nothing. */
  apply<T>(change: Change<T>): Committed<T>
}

export interface Tables {
  readonly connection: Connection
  readonly spaces: Names
  readonly types: Names
  readonly images: EntityImages
  readonly facets: FacetCounters
}

/** An entity that the group has changed. */
interface Working {
  readonly num: number
  readonly space: number
  readonly id: string
  /** The row that is there, undefined for a new entity. */
  readonly row: EntityImage | undefined
  version: number
  /** What is to be written; undefined: a tombstone. */
  after: NextEntity | undefined
  /** What the next change finds, and its parsed form. */
  current: StoredEntity | undefined
  state: EntityState | undefined
}

export function createEntityWrites(tables: Tables): EntityWrites {
  const { connection, spaces, images } = tables
  const changed = new Map<string, Working>()
  let written: readonly (readonly [Working, EntityImage])[] = []
  let committedNum = Number(connection.get('SELECT coalesce(max(num), 0) FROM entity')?.[0])
  let lastNum = committedNum

  const begin = (space: number, id: string, row: EntityImage | undefined): Working => {
    const num = row?.num ?? (lastNum += 1)
    const working: Working = { num, space, id, row, version: 0, after: undefined, current: undefined, state: undefined }
    changed.set(keyOf(space, id), working)
    return working
  }
  return {
    apply(change) {
      const { id } = change
      const space = change.createsSpace ? spaces.find(change.space) : spaceNumber(spaces, change.space)
      const inGroup = space === undefined ? undefined : changed.get(keyOf(space, id))
      const row = space === undefined || inGroup !== undefined ? undefined : images.find(space, id)
      const found = inGroup ?? row
      const version = Math.max(change.micros, (found?.version ?? 0) + 1)
      const { result, record, after } = change.decide(found && foundEntity(found), version)
      if (record === undefined) return { result }
      const text = JSON.stringify(record)
      const num = space ?? spaceForWrite(spaces, change.space, change.createsSpace)
      const working = inGroup ?? begin(num, id, row)
      working.version = version
      working.after = after
      working.current = after && { id, version, text: after.text, times: after.times, expires: after.expires }
      working.state = after?.state
      append(connection, working, { record, text })
      return { result, record }
    },
    beforeCommit() {
      written = Array.from(changed.values(), (working) => [working, writeEntity(tables, working)] as const)
    },
    afterGroup(committed) {
      if (committed) {
        committedNum = lastNum
        for (const [{ space, id }, image] of written) images.keep(space, id, image)
      }
      lastNum = committedNum
      written = []
      changed.clear()
    },
  }
}

function foundEntity({ current, state }: EntityImage | Working): FoundEntity | undefined {
  return current === undefined || state === undefined ? current : { ...current, state }
}

interface NewRecord {
  readonly record: LogRecord
  readonly text: string
}

function append(connection: Connection, { num, space }: Working, { record, text }: NewRecord): void {
  const sql = 'INSERT INTO log (entity, version, record) VALUES (?, ?, ?)'
  const seq = connection.insert(sql, num, record.version, text)
  for (const { subscription, notification } of record.due?.notifications ?? []) {
    const due = 'INSERT OR IGNORE INTO due (space, subscription, seq, notification) VALUES (?, ?, ?, ?)'
    connection.run(due, space, subscription, seq, notification)
    const notified =
      'INSERT OR IGNORE INTO notified (space, subscription, seq, time, notification) VALUES (?, ?, ?, ?, ?)'
    connection.run(notified, space, subscription, seq, record.time, notification)
  }
}

/** Writes the row and what finds it; returns the row. */
function writeEntity({ connection, types, facets }: Tables, working: Working): EntityImage {
  const { num, version, after, current, row } = working
  const image: EntityImage = {
    ...{ num, version, current },
    types: after === undefined ? '' : typesOf(types, after),
    boxes: after === undefined ? '' : boxesAfter(row, after),
    ...(after !== undefined && { state: after.state }),
  }
  writeRow(connection, working, image)
  writeTypes(connection, working, { from: row?.types ?? '', to: image.types })
  writeBoxes(connection, working, { from: row?.boxes ?? '', to: image.boxes })
  facets.change(working.space, row && entityOf(row), after?.state.entity)
  return image
}

/** What the row holds; parsed where no change has parsed it since the start. */
function entityOf({ state, current }: EntityImage): Entity | undefined {
  return state?.entity ?? (current && (JSON.parse(current.text) as Entity))
}

function writeRow(connection: Connection, { space, id, row }: Working, image: EntityImage): void {
  const { num, version, types, boxes, current } = image
  const columns = [
    version,
    current?.expires ?? null,
    types,
    boxes,
    current?.times ?? '',
    current?.text ?? null,
  ] as const
  if (row === undefined) {
    const sql =
      'INSERT INTO entity (num, space, id, version, expires, types, boxes, times, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'
    connection.run(sql, num, space, id, ...columns)
    return
  }
  const sql = 'UPDATE entity SET version = ?, expires = ?, types = ?, boxes = ?, times = ?, text = ? WHERE num = ?'
  connection.run(sql, ...columns, num)
}

function boxesAfter(row: EntityImage | undefined, { state }: NextEntity): string {
  if (row?.state !== undefined && haveSameBoxes(row.state.entity, state.entity)) return row.boxes
  return boxesOf(state.entity)
}

function typesOf(types: Names, { state }: NextEntity): string {
  return entityTypes(state.entity)
    .map((type) => types.intern(type))
    .join(',')
}
