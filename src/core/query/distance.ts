/**
 * The distance of two geometries in metres: great circles on a sphere of the Earth's mean radius (R. W. Sinnott, "Virtues of the
 * Haversine", 1984), from the nearest point of the one to the nearest point of the other. Lines are straight in longitude and
 * latitude (RFC 7946, clause 3.1.1). It is measured the short way round, so over the date line too, which polygons themselves
 * cannot cross (RFC 7946, clause 3.1.9: they are cut there).
 *
 * Every distance is one between two points that do lie on the geometries: where the nearest point is only approached (lines of
 * hundreds of kilometres), the answer is rather too long, by far less than the sphere is off the ellipsoid (0.5 %).
 */
import { asArray } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { NgsiError } from '../errors.ts'
import type { Geometry } from './ast.ts'
import type { Position, Segment } from './runs.ts'
import { gapOf, runsOf } from './runs.ts'

/** Metres; the mean radius of the WGS 84 ellipsoid (IUGG R1). */
const EARTH_RADIUS = 6_371_008.8
const RADIANS = Math.PI / 180

/** A geometry taken apart for measuring. */
export interface Pieces {
  readonly segments: readonly Segment[]
  /** One position of each line, ring or point. */
  readonly starts: readonly Position[]
  /** The rings of each polygon, shell and holes alike. */
  readonly polygons: readonly (readonly (readonly Segment[])[])[]
}

/** The pieces of a geometry; open rings count as closed. */
export function piecesOf({ type, coordinates }: Geometry): Pieces {
  if (type === 'Polygon') return polygonPieces([coordinates])
  if (type === 'MultiPolygon') return polygonPieces(asArray(coordinates))
  if (type === 'Point') return linePieces(pointsOf([coordinates]).map((point) => [point]))
  if (type === 'MultiPoint') return linePieces(pointsOf(asArray(coordinates)).map((point) => [point]))
  const lines = type === 'LineString' ? [coordinates] : asArray(coordinates)
  return linePieces(lines.map((line) => lineOf(positionsOf(line))))
}

function linePieces(lines: readonly (readonly Segment[])[]): Pieces {
  return { segments: lines.flat(), starts: startsOf(lines), polygons: [] }
}

function startsOf(lines: readonly (readonly Segment[])[]): readonly Position[] {
  return lines.flatMap(([first]) => (first === undefined ? [] : [first.from]))
}

function polygonPieces(coordinates: readonly Json[]): Pieces {
  const polygons = coordinates.map((polygon) => asArray(polygon).map((ring) => ringOf(positionsOf(ring))))
  return { segments: polygons.flat(2), starts: startsOf(polygons.flat()), polygons }
}

function pointsOf(coordinates: readonly Json[]): readonly Segment[] {
  return positionsOf([...coordinates]).map((position) => ({ from: position, to: position }))
}

function lineOf(positions: readonly Position[]): readonly Segment[] {
  return positions.slice(1).map((to, index) => ({ from: positions[index] ?? to, to }))
}

function ringOf(positions: readonly Position[]): readonly Segment[] {
  return positions.map((from, index) => ({ from, to: positions[(index + 1) % positions.length] ?? from }))
}

function positionsOf(line: Json): readonly Position[] {
  return asArray(line).flatMap((position) => {
    const [x, y] = asArray(position)
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : []
  })
}

/** Pairs of segments that are looked at one by one: for fewer, looking for a better way costs more. */
const FEW = 4_096
/** Steps that one distance may cost, some tenths of a second. */
const MAX_STEPS = 5_000_000
/** Comparing two boxes is one step; measuring a pair of segments takes as long as some, looking at the side of a ring less. */
const STEPS_TO_MEASURE = 20
const SIDES_IN_A_STEP = 20

/**
 * Metres between the nearest points of two geometries; 0 where they meet, Infinity when one of them has no position. Throws
 * TooComplexQuery when that would hold up the broker: large geometries most of whose parts are about as far apart.
 */
export function distanceBetween(a: Pieces, b: Pieces): number {
  checkSteps(stepsInside(a, b) + stepsInside(b, a))
  if (hasInside(a, b) || hasInside(b, a)) return 0
  const isFew = a.segments.length * b.segments.length <= FEW
  return isFew ? shortestOfPairs(a.segments, b.segments) : shortestOfRuns(a.segments, b.segments)
}

function checkSteps(steps: number): void {
  if (steps <= MAX_STEPS) return
  throw new NgsiError(
    'TooComplexQuery',
    'coordinates, orderFrom: the distance to a stored geometry takes too long to measure, give fewer positions (clause 4.10)',
  )
}

function stepsInside(a: Pieces, b: Pieces): number {
  return a.polygons.length === 0 ? 0 : (a.segments.length * b.starts.length) / SIDES_IN_A_STEP
}

function shortestOfPairs(a: readonly Segment[], b: readonly Segment[]): number {
  let shortest = Infinity
  for (const s of a) {
    for (const t of b) {
      if (latitudeGap(s, t) < shortest) shortest = Math.min(shortest, segmentDistance(s, t))
    }
  }
  return shortest
}

/** The nearest runs first: what lies in boxes farther apart than the shortest distance so far need not be measured. */
function shortestOfRuns(a: readonly Segment[], b: readonly Segment[]): number {
  const runs = runsOf(b)
  const pairs = runsOf(a).flatMap((one) => runs.map((other) => ({ one, other, gap: gapOf(one.box, other.box) })))
  let steps = pairs.length
  let shortest = Infinity
  const isFar = (gap: number): boolean => gap * EARTH_RADIUS >= shortest
  for (const { one, other, gap } of pairs.toSorted((p, q) => p.gap - q.gap)) {
    if (isFar(gap)) break
    for (const s of one.items) {
      if (isFar(gapOf(s.box, other.box))) continue
      const near = other.items.filter((t) => !isFar(gapOf(s.box, t.box)))
      steps += other.items.length + near.length * STEPS_TO_MEASURE
      checkSteps(steps)
      for (const t of near) shortest = Math.min(shortest, segmentDistance(s.segment, t.segment))
    }
  }
  return shortest
}

/** True when a polygon of `a` holds the start of a line of `b`: with no border crossed, all of that line lies inside. */
function hasInside(a: Pieces, b: Pieces): boolean {
  return a.polygons.some((rings) => b.starts.some((start) => isInside(rings, start)))
}

/** Even-odd rule over shell and holes, which gives a meaning to rings that cross themselves. */
export function isInside(rings: readonly (readonly Segment[])[], { x, y }: Position): boolean {
  let inside = false
  for (const ring of rings) {
    for (const { from, to } of ring) {
      if (from.y > y === to.y > y) continue
      if (x < from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)) inside = !inside
    }
  }
  return inside
}

/** Metres that are at the least between two segments: those between their latitudes. */
function latitudeGap(s: Segment, t: Segment): number {
  const above = Math.min(t.from.y, t.to.y) - Math.max(s.from.y, s.to.y)
  const below = Math.min(s.from.y, s.to.y) - Math.max(t.from.y, t.to.y)
  return Math.max(above, below, 0) * RADIANS * EARTH_RADIUS
}

function segmentDistance(s: Segment, other: Segment): number {
  const t = nearby(other, s)
  if (isPoint(s) && isPoint(t)) return haversine(s.from, t.from)
  if (cross(s, t)) return 0
  return Math.min(toSegment(s.from, t), toSegment(s.to, t), toSegment(t.from, s), toSegment(t.to, s))
}

function isPoint({ from, to }: Segment): boolean {
  return from === to
}

/** The segment turned by whole turns so that it lies on the same side of the date line as another. */
function nearby(segment: Segment, other: Segment): Segment {
  const turns = Math.round((other.from.x + other.to.x - segment.from.x - segment.to.x) / 720)
  if (turns === 0) return segment
  const turned = ({ x, y }: Position): Position => ({ x: x + turns * 360, y })
  const from = turned(segment.from)
  return { from, to: isPoint(segment) ? from : turned(segment.to) }
}

function cross(s: Segment, t: Segment): boolean {
  const sides = side(s, t.from) * side(s, t.to)
  return sides < 0 && side(t, s.from) * side(t, s.to) < 0
}

function side({ from, to }: Segment, { x, y }: Position): number {
  return (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x)
}

/** Metres from a position to the nearest point of a segment. */
function toSegment(position: Position, segment: Segment): number {
  if (isPoint(segment)) return haversine(position, segment.from)
  // A degree of longitude is shorter than one of latitude, by how much depends on where the nearest point lies.
  let nearest = project(position, segment, position.y)
  nearest = project(position, segment, (position.y + nearest.y) / 2)
  nearest = project(position, segment, (position.y + nearest.y) / 2)
  const ends = Math.min(haversine(position, segment.from), haversine(position, segment.to))
  return Math.min(ends, haversine(position, nearest))
}

/** The foot of the perpendicular, in the plane that touches the sphere at a latitude. */
function project({ x, y }: Position, { from, to }: Segment, latitude: number): Position {
  const scale = Math.cos(latitude * RADIANS) ** 2
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const square = dx * dx * scale + dy * dy
  const along = square === 0 ? 0 : ((x - from.x) * dx * scale + (y - from.y) * dy) / square
  const share = Math.min(1, Math.max(0, along))
  return { x: from.x + share * dx, y: from.y + share * dy }
}

/** Metres between two positions. */
function haversine(a: Position, b: Position): number {
  const half = (degrees: number): number => Math.sin((degrees * RADIANS) / 2) ** 2
  const square = half(b.y - a.y) + Math.cos(a.y * RADIANS) * Math.cos(b.y * RADIANS) * half(b.x - a.x)
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(square)))
}
