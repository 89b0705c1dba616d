/** Geometries as shapes of JTS, and how they lie to each other (ETSI GS CIM 009 V1.9.1, clause 4.10). */
import type { Json } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import { closeRings } from '../model/geometry.ts'
import type { Geometry } from './ast.ts'
import { repaired } from './even-odd.ts'
import type { Coordinate, IntersectionMatrix, Shape } from './jts.ts'
import { coordinateOf, coordinatesOf, jts } from './jts.ts'

export type Place = 'interior' | 'boundary' | 'exterior'

/**
 * The shape of a geometry. Open rings count as closed. A polygon whose rings cross themselves or each other means what an odd
 * number of them encloses (the even-odd rule); parts of a MultiPolygon that overlap mean the area that any of them has.
 * Undefined when rounding defeats the repair.
 */
export function shapeOf(geometry: Geometry): Shape | undefined {
  const { type, coordinates } = closed(geometry)
  return attempt(() => {
    if (type !== 'Polygon' && type !== 'MultiPolygon') return lineworkOf(type, coordinates)
    const polygons = type === 'Polygon' ? [coordinates] : asArray(coordinates)
    const shape = polygonsOf(polygons)
    return jts('IsValidOp').isValid(shape) ? shape : repaired(polygons)
  })
}

/** How two shapes lie to each other; undefined when rounding defeats the arithmetic. */
export function relate(first: Shape, second: Shape): IntersectionMatrix | undefined {
  return attempt(() => jts('RelateOp').relate(first, second))
}

/** Tells where a position lies in an area: what is asked of most entities, and far cheaper than `relate`. */
export function locatorIn(area: Shape): (position: Json) => Place | undefined {
  const locator = attempt(() => new (jts('IndexedPointInAreaLocator'))(area))
  const places: readonly (Place | undefined)[] = ['interior', 'boundary', 'exterior']
  return (position) => attempt(() => places[locator?.locate(coordinateOf(position)) ?? -1])
}

/** JTS throws where floating point leaves it with a contradiction; no request is to fail over that. */
function attempt<T>(compute: () => T | undefined): T | undefined {
  try {
    return compute()
  } catch (error) {
    // A module that cannot be loaded is the installation's fault, and must not pass for an answer.
    if (error instanceof Error && 'code' in error) throw error
    return undefined
  }
}

function closed(geometry: Geometry): Geometry {
  const { coordinates } = closeRings({ ...geometry })
  return { type: geometry.type, coordinates: coordinates ?? null }
}

function lineworkOf(type: Geometry['type'], coordinates: Json): Shape {
  const factory = new (jts('GeometryFactory'))()
  const line = (positions: Json): Shape => factory.createLineString(coordinatesOf(positions))
  if (type === 'Point') return factory.createPoint(coordinateOf(coordinates))
  if (type === 'MultiPoint') return factory.createMultiPointFromCoords(coordinatesOf(coordinates))
  return type === 'LineString' ? line(coordinates) : factory.createMultiLineString(asArray(coordinates).map(line))
}

function polygonsOf(polygons: readonly Json[]): Shape {
  const factory = new (jts('GeometryFactory'))()
  const shapes = polygons.map((rings) => {
    const [shell, ...holes] = asArray(rings).map((ring) => factory.createLinearRing(ringOf(ring)))
    return shell === undefined ? [] : factory.createPolygon(shell, holes)
  })
  return factory.createMultiPolygon(shapes.flat())
}

/** JTS takes no ring of fewer than four positions, whether or not it encloses anything. */
function ringOf(ring: Json): readonly Coordinate[] {
  const positions = [...coordinatesOf(ring)]
  const last = positions.at(-1)
  while (last !== undefined && positions.length < 4) positions.push(last)
  return positions
}
