/**
 * Covering cells: each geometry's bounding box as cells of the S2 grid, which nest exactly, so that an ordinary index
 * finds what may meet a box. A superset always: the exact predicate is `evaluate`'s.
 *
 * The scheme is the one of S2's region index: a stored cell leaves its own name and those of the cells around it; a query
 * looks for its cells among these names (what lies inside them), and for the marked names of stored cells around its own.
 */
import { S1Interval, R1Interval, S2CellId, S2LatLng, S2LatLngRect, S2RegionCoverer } from 'nodes2ts'
import type { Json } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { Entity } from '../../core/model/entity.ts'
import { attributeNames, instancesOf } from '../../core/model/entity.ts'
import type { Geometry } from '../../core/query/ast.ts'

/** Every third level of S2, from a sixth of the Earth down to about 40 m. */
const LEVEL_STEP = 3
const FINEST_LEVEL = 18
const MAX_CELLS_STORED = 8
const MAX_CELLS_ASKED = 16

/** Stands for a geometry whose box cannot be told: it is a candidate for every query. */
const ANYWHERE = '*'

/** Degrees added to each side of a query's box: rounding must not lose what lies on its border. */
const MARGIN = 1e-7
const EARTH_RADIUS = 6_371_008.8
/** The Earth is no sphere, and its radius of curvature differs from the mean one by less than this. */
const DISTANCE_FACTOR = 1.01

interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** The names to store for all geometries of an entity, those of sub-attributes not counted. */
export function cellsOfEntity(entity: Entity): readonly string[] {
  const cells = new Set<string>()
  for (const name of attributeNames(entity)) {
    for (const instance of instancesOf(entity, name)) {
      if (instance.type !== 'GeoProperty') continue
      for (const cell of cellsToStore(instance['value'])) cells.add(termOf(name, cell))
    }
  }
  return [...cells]
}

/** The names to look for: those of everything in `property` that may come within `distance` metres of a geometry. */
export function cellsToFind(geometry: Geometry, property: string, distance = 0): readonly string[] | undefined {
  const box = boxOf(geometry.coordinates)
  if (box === undefined) return undefined
  const cells = cover(widened(box, distance), MAX_CELLS_ASKED)
  const around = cells.flatMap(levelsAbove).map((cell) => marked(cell.toToken()))
  const names = new Set([ANYWHERE, ...cells.map((cell) => cell.toToken()), ...around])
  return Array.from(names, (name) => termOf(property, name))
}

function cellsToStore(geometry: Json | undefined): readonly string[] {
  const box = boxOf(coordinatesOf(geometry))
  if (box === undefined) return [ANYWHERE]
  return cover(rectOf(box), MAX_CELLS_STORED).flatMap((cell) => {
    const own = cell.toToken()
    const names = [own, ...levelsAbove(cell).map((parent) => parent.toToken())]
    // No query has finer cells than these: nothing can lie inside them.
    return cell.level() === FINEST_LEVEL ? names : [...names, marked(own)]
  })
}

function termOf(property: string, name: string): string {
  return `${property} ${name}`
}

function marked(token: string): string {
  return `${token}=`
}

function levelsAbove(cell: S2CellId): readonly S2CellId[] {
  const above: S2CellId[] = []
  for (let level = cell.level() - LEVEL_STEP; level >= 0; level -= LEVEL_STEP) above.push(cell.parentL(level))
  return above
}

function cover(rect: S2LatLngRect, maxCells: number): readonly S2CellId[] {
  if (rect.lo().equals(rect.hi())) return [S2CellId.fromPoint(rect.lo().toPoint()).parentL(FINEST_LEVEL)]
  const coverer = new S2RegionCoverer().setMinLevel(0).setMaxLevel(FINEST_LEVEL).setLevelMod(LEVEL_STEP)
  return coverer.setMaxCells(maxCells).getCoveringCells(rect)
}

function rectOf({ west, south, east, north }: Box): S2LatLngRect {
  // More than half way round: whether it goes this way or the other across the date line, all longitudes hold it.
  if (east - west > 180) return new S2LatLngRect(latitudes(south, north), new S1Interval(-Math.PI, Math.PI))
  // The date line is one line with two names; S2 takes an interval from -180 to -180 for an empty one.
  const [lo, hi] = east === -180 ? [180, 180] : [west, east]
  return S2LatLngRect.fromLatLng(S2LatLng.fromDegrees(south, lo), S2LatLng.fromDegrees(north, hi))
}

/** The box and all within a distance (metres) of it. */
function widened(box: Box, distance: number): S2LatLngRect {
  const angle = (distance * DISTANCE_FACTOR) / EARTH_RADIUS
  const height = degrees(angle) + MARGIN
  const south = Math.max(box.south - height, -90)
  const north = Math.min(box.north + height, 90)
  const width = longitudeReach(Math.max(Math.abs(box.south), Math.abs(box.north)), angle) + MARGIN
  const [west, east] = [box.west - width, box.east + width]
  if (east - west > 180) return new S2LatLngRect(latitudes(south, north), new S1Interval(-Math.PI, Math.PI))
  return new S2LatLngRect(latitudes(south, north), new S1Interval(radians(wrapped(west)), radians(wrapped(east))))
}

/** How many degrees of longitude a circle of an angular radius spans to each side, at a latitude. */
function longitudeReach(latitude: number, angle: number): number {
  const ratio = Math.sin(Math.min(angle, Math.PI / 2)) / Math.cos(radians(latitude))
  return ratio < 1 ? degrees(Math.asin(ratio)) : 180
}

function latitudes(south: number, north: number): R1Interval {
  return new R1Interval(radians(south), radians(north))
}

function wrapped(longitude: number): number {
  if (longitude < -180) return longitude + 360
  return longitude > 180 ? longitude - 360 : longitude
}

function radians(value: number): number {
  return (value * Math.PI) / 180
}

function degrees(value: number): number {
  return (value * 180) / Math.PI
}

function coordinatesOf(geometry: Json | undefined): Json | undefined {
  return isObject(geometry) ? geometry['coordinates'] : undefined
}

/** The box around all positions; undefined when there is none, or one of them is nowhere on Earth. */
function boxOf(coordinates: Json | undefined): Box | undefined {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  if (!addTo(box, coordinates) || box.west === Infinity) return undefined
  return isOnEarth(box) ? box : undefined
}

function isOnEarth({ west, south, east, north }: Box): boolean {
  return west >= -180 && east <= 180 && south >= -90 && north <= 90
}

function addTo(box: { -readonly [K in keyof Box]: Box[K] }, coordinates: Json | undefined): boolean {
  if (!Array.isArray(coordinates)) return false
  const [longitude, latitude] = coordinates
  if (typeof longitude !== 'number') return coordinates.every((inner) => addTo(box, inner))
  if (typeof latitude !== 'number') return false
  box.west = Math.min(box.west, longitude)
  box.east = Math.max(box.east, longitude)
  box.south = Math.min(box.south, latitude)
  box.north = Math.max(box.north, latitude)
  return true
}
