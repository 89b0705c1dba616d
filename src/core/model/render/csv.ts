/**
 * Entities as rows of a table (beyond the specification; RFC 4180). What a column holds is in docs/formats.md: one for each
 * value that stands alone, named by the path that a query (clause 4.9) would use for it where there is one.
 */
import type { Json, JsonObject } from '../../../base/json.ts'
import { asArray, isObject } from '../../../base/json.ts'
import { compactName } from '../../context/names.ts'
import { NgsiError } from '../../errors.ts'
import { isAttributeKind, valueMemberOf } from '../kinds.ts'
import type { AttributeInstance } from '../entity.ts'
import type { EntityState } from '../state.ts'
import { wktOf } from '../wkt.ts'
import { renderEntity } from './entity.ts'
import type { RenderOptions } from './options.ts'

/** Columns and their cells, by the member of the entity that they come from. */
export type Row = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Columns that stand first, where there are any, whatever order they are met in. */
const leading = ['id', 'type', 'scope', 'createdAt', 'modifiedAt', 'expiresAt']

/**
 * The entity as a row. The format decides about columns: simplified has none for sub-attributes and other members of an
 * attribute.
 */
export function rowOf({ entity, times }: EntityState, options: RenderOptions): Row {
  const rendered = renderEntity(entity, times, { ...options, format: 'normalized' })
  const withMembers = options.format !== 'simplified'
  return new Map(
    Object.entries(rendered).map(([name, member]) => {
      const cells = new Map<string, string>()
      fillMember({ cells, withMembers }, name, member)
      return [name, cells]
    }),
  )
}

/** The columns of a table. */
export interface Columns {
  /** Throws TooManyResults when there are more than a spreadsheet has. */
  readonly add: (row: Row) => void
  readonly names: () => readonly string[]
}

/** Those that pick or attrs name, in their order, are there from the start, and id and type unless pick leaves them out. */
export function createColumns(options: RenderOptions): Columns {
  const groups = new Map<string, Set<string>>(leading.map((name) => [name, new Set()]))
  for (const name of options.pick?.keys() ?? ['id', 'type', ...(options.attributes ?? [])]) {
    const column = compactName(options.context, name)
    groups.set(column, new Set([column]))
  }
  let count = 0
  return {
    add: (row) => {
      for (const [group, cells] of row) {
        const columns = groups.get(group) ?? new Set()
        count -= columns.size
        for (const column of cells.keys()) columns.add(column)
        count += columns.size
        groups.set(group, columns)
      }
      if (count > MAX_COLUMNS) throw tooManyColumns()
    },
    names: () => [...groups.values()].flatMap((columns) => [...columns]),
  }
}

/** What spreadsheets take. Each row has a cell for each column, so that few odd entities could make any table a huge one. */
const MAX_COLUMNS = 16_384

function tooManyColumns(): NgsiError {
  return new NgsiError(
    'TooManyResults',
    `Accept: a table has at most ${String(MAX_COLUMNS)} columns; pick fewer attributes`,
  )
}

/** The header line. */
export function csvHeader(columns: readonly string[]): string {
  return csvLine(columns.map(guarded))
}

/** One line of the table; what a row has no column for is left out. */
export function csvRow(columns: readonly string[], row: Row): string {
  const cells = new Map([...row.values()].flatMap((group) => [...group]))
  return csvLine(columns.map((column) => cells.get(column) ?? ''))
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}

/**
 * A text that a spreadsheet would run as a formula gets an apostrophe before it (CWE-1236); a text that is a number is none.
 * Numbers and generated texts never begin so.
 */
function guarded(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text
}

interface Sink {
  readonly cells: Map<string, string>
  readonly withMembers: boolean
}

function fillMember(sink: Sink, column: string, member: Json): void {
  const instances = asArray(member).filter(isInstance)
  if (instances.length === 0) sink.cells.set(column, textOf(member))
  for (const instance of instances) fillInstance(sink, column, instance)
}

function isInstance(value: Json): value is AttributeInstance {
  return isObject(value) && isAttributeKind(value['type'])
}

function fillInstance(sink: Sink, name: string, instance: AttributeInstance): void {
  const { type, datasetId, [valueMemberOf(instance.type)]: value = null, ...members } = instance
  const column = typeof datasetId === 'string' ? `${name}[datasetId=${datasetId}]` : name
  if (type === 'GeoProperty' && isObject(value)) sink.cells.set(column, wktOf(value))
  else if (type === 'ListRelationship') sink.cells.set(column, textOf(asArray(value).map(uriOf)))
  else fillValue(sink, { column, keys: [] }, value)
  if (!sink.withMembers) return
  for (const [member, inner] of Object.entries(members)) {
    if (member === 'entity' && isObject(inner)) fillEntity(sink, `${column}.entity`, inner)
    else fillMember(sink, `${column}.${member}`, inner)
  }
}

function uriOf(item: Json): Json {
  return isObject(item) ? (item['object'] ?? null) : item
}

function fillEntity(sink: Sink, column: string, entity: JsonObject): void {
  for (const [name, member] of Object.entries(entity)) fillMember(sink, `${column}.${name}`, member)
}

/** An object has a column for each thing in it, as `address[city]` or `name[fr]`; a list is one cell. */
function fillValue(
  sink: Sink,
  place: { readonly column: string; readonly keys: readonly string[] },
  value: Json,
): void {
  const { column, keys } = place
  const entries = isObject(value) && !Object.hasOwn(value, '@value') ? Object.entries(value) : []
  if (entries.length === 0) {
    sink.cells.set(keys.length === 0 ? column : `${column}[${keys.map(keyText).join('.')}]`, textOf(value))
  }
  for (const [key, inner] of entries) fillValue(sink, { column, keys: [...keys, key] }, inner)
}

/** As in a query: quoted where it would read as something else, so that no two values share a column. */
function keyText(key: string): string {
  return /^[^.\][=!<>~;|(){}"]+$/.test(key) ? key : JSON.stringify(key)
}

/** A typed value is its content; lists, and objects outside a value, are JSON text. */
function textOf(value: Json): string {
  if (value === null) return ''
  if (typeof value === 'string') return guarded(value)
  if (isObject(value) && Object.hasOwn(value, '@value')) return textOf(value['@value'] ?? null)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
