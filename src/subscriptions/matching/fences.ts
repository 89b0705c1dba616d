/**
 * Fences of geo-queries, filed by where on Earth they are, so that a position leads to those around it and to no others.
 *
 * Each level parts the Earth into 2^level columns and rows. A fence is filed on the finest level whose cells are not smaller than
 * its box, which it meets at most four of. What lies in a cell is a candidate: whether it matches, the query itself decides.
 */
import type { Entity } from '../../core/model/entity.ts'
import { instancesOf } from '../../core/model/entity.ts'
import type { Box } from '../../core/model/geometry.ts'
import { boundingBox } from '../../core/model/geometry.ts'
import { geometryOf } from '../../core/query/geometry.ts'
import type { Few } from './few.ts'
import { addMembers, addUnder, removeUnder } from './few.ts'

/** A box that every entity meets, with its geometry in `property`, that a geo-query matches. */
export interface Fence {
  readonly property: string
  readonly box: Box
}

/** Fences, and what each stands for. Levels and cells are there only where a fence is. */
export type Fences<T extends object> = Map<string, Grid<T>>

/** Level -> column * rows + row -> members. */
type Grid<T extends object> = Map<number, Map<number, Few<T>>>

/** Cells of some 38 m at the equator: finer ones would part nothing. */
const FINEST_LEVEL = 20

/** Files a member under a fence. */
export function fileFence<T extends object>(fences: Fences<T>, { property, box }: Fence, member: T): void {
  const grid: Grid<T> = fences.get(property) ?? new Map<number, Map<number, Few<T>>>()
  fences.set(property, grid)
  const level = levelOf(box)
  const cells = grid.get(level) ?? new Map<number, Few<T>>()
  grid.set(level, cells)
  for (const cell of cellsIn(rangeOf(box, level))) addUnder(cells, cell, member)
}

/** Takes a member away from under a fence. */
export function unfileFence<T extends object>(fences: Fences<T>, { property, box }: Fence, member: T): void {
  const grid = fences.get(property)
  const level = levelOf(box)
  const cells = grid?.get(level)
  if (grid === undefined || cells === undefined) return
  for (const cell of cellsIn(rangeOf(box, level))) removeUnder(cells, cell, member)
  if (cells.size === 0) grid.delete(level)
  if (grid.size === 0) fences.delete(property)
}

/** Adds the members whose fences may hold a geometry of the entity. */
export function addFenced<T extends object>(fences: Fences<T>, entity: Entity, to: Set<T>): void {
  for (const [property, grid] of fences) {
    for (const instance of instancesOf(entity, property)) {
      const geometry = geometryOf(instance)
      const box = geometry && boundingBox({ ...geometry })
      if (box !== undefined) addAround(grid, box, to)
    }
  }
}

function addAround<T extends object>(grid: Grid<T>, box: Box, to: Set<T>): void {
  for (const [level, cells] of grid) {
    const range = rangeOf(box, level)
    // A coast line meets more cells than there are fences: these are looked through then.
    const met = sizeOf(range) <= cells.size ? cellsIn(range) : cells.keys().filter((cell) => isIn(range, cell))
    for (const cell of met) addMembers(cells.get(cell), to)
  }
}

/** Columns and rows, both ends included. */
interface Range {
  readonly rows: number
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

function levelOf({ west, east, south, north }: Box): number {
  // The Earth is 360 degrees wide and 180 high: of parts of them, the larger one decides.
  const part = Math.max((east - west) / 360, (north - south) / 180)
  return part === 0 ? FINEST_LEVEL : Math.max(0, Math.min(FINEST_LEVEL, Math.floor(-Math.log2(part))))
}

function rangeOf({ west, east, south, north }: Box, level: number): Range {
  const rows = 2 ** level
  const column = (longitude: number): number => indexOf((longitude + 180) / 360, rows)
  const row = (latitude: number): number => indexOf((latitude + 90) / 180, rows)
  return { rows, west: column(west), east: column(east), south: row(south), north: row(north) }
}

function indexOf(part: number, rows: number): number {
  return Math.max(0, Math.min(rows - 1, Math.floor(part * rows)))
}

function sizeOf({ west, east, south, north }: Range): number {
  return (east - west + 1) * (north - south + 1)
}

function* cellsIn({ rows, west, east, south, north }: Range): Generator<number> {
  for (let column = west; column <= east; column++) {
    for (let row = south; row <= north; row++) yield column * rows + row
  }
}

function isIn({ rows, west, east, south, north }: Range, cell: number): boolean {
  const column = Math.floor(cell / rows)
  const row = cell % rows
  return column >= west && column <= east && row >= south && row <= north
}
