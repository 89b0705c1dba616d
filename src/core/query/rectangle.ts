/**
 * Rectangles along meridians and parallels, which is what maps ask for. What lies between their sides is within them, and no
 * general arithmetic of shapes, which costs a hundred times as much, has to say so.
 */
import type { Box } from '../model/geometry.ts'
import { boundingBox } from '../model/geometry.ts'
import type { Geometry } from './ast.ts'
import { piecesOf } from './distance.ts'
import type { Segment } from './runs.ts'

/** The box that a polygon is, with all four corners and nothing else; undefined for any other geometry. */
export function rectangleOf(geometry: Geometry): Box | undefined {
  const { polygons } = piecesOf(geometry)
  const box = boundingBox({ ...geometry })
  if (box === undefined || polygons.length !== 1) return undefined
  const sides = polygons.flat(2).filter(hasLength)
  const corners = new Set(sides.map(({ from }) => `${String(from.x)} ${String(from.y)}`))
  const isRectangle = corners.size === 4 && sides.length === 4 && sides.every((side) => isSideOf(box, side))
  return isRectangle ? box : undefined
}

function isSideOf({ west, east, south, north }: Box, { from, to }: Segment): boolean {
  const isCorner = (from.x === west || from.x === east) && (from.y === south || from.y === north)
  return isCorner && (from.x === to.x) !== (from.y === to.y)
}

/** True when the geometry is surely within the interior of a rectangle; false does not say that it is not. */
export function isSurelyInside(geometry: Geometry, { west, east, south, north }: Box): boolean {
  const box = boundingBox({ ...geometry })
  if (box === undefined || box.west <= west || box.east >= east || box.south <= south || box.north >= north)
    return false
  return !isPerhapsEmpty(geometry)
}

/** A ring that encloses nothing an odd number of times is no area, and lies nowhere. */
function isPerhapsEmpty(geometry: Geometry): boolean {
  if (geometry.type === 'Point' || geometry.type === 'MultiPoint') return false
  const { segments, polygons } = piecesOf(geometry)
  return polygons.length === 0 ? !segments.some(hasLength) : !polygons.some((rings) => enclosesArea(rings.flat()))
}

function hasLength({ from, to }: Segment): boolean {
  return from.x !== to.x || from.y !== to.y
}

/** Degrees: far more than rounding can be wrong by. */
const WIDTH = 1e-9

/** Looks along one parallel, between the southernmost positions and the next ones: every other gap between crossings is inside. */
function enclosesArea(segments: readonly Segment[]): boolean {
  const south = segments.reduce((least, { from }) => Math.min(least, from.y), Infinity)
  const next = segments.reduce((least, { from }) => (from.y > south ? Math.min(least, from.y) : least), Infinity)
  const level = (south + next) / 2
  if (!(level > south && level < next)) return false
  const crossings = segments
    .filter(({ from, to }) => from.y > level !== to.y > level)
    .map((segment) => at(segment, level))
  const ordered = crossings.toSorted((a, b) => a - b)
  return ordered.some((x, index) => index % 2 === 1 && x - (ordered[index - 1] ?? x) > WIDTH)
}

function at({ from, to }: Segment, level: number): number {
  return from.x + ((level - from.y) / (to.y - from.y)) * (to.x - from.x)
}
