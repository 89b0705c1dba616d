/**
 * The one door to JSTS, the JavaScript port of the JTS Topology Suite: how two geometries lie to each other, by the dimensionally
 * extended nine-intersection model (OGC 06-103r4, which clause 4.10 of ETSI GS CIM 009 V1.9.1 refers to). In the plane of
 * longitude and latitude, as GeoJSON is (RFC 7946, clause 3.1.1); what crosses the date line comes cut there (3.1.9).
 *
 * Its modules are loaded at the first geo-query that needs them: they cost more than all else that the broker loads at start-up.
 */
import { createRequire } from 'node:module'
import type JtsGeometry from 'jsts/org/locationtech/jts/geom/Geometry.js'
import type { Json } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'

/** A geometry of JTS. */
export type Shape = Pick<JtsGeometry, 'getNumGeometries'>

/** How the interior, boundary and exterior of two geometries meet. */
export interface IntersectionMatrix {
  readonly isWithin: () => boolean
  readonly isContains: () => boolean
  readonly isIntersects: () => boolean
  readonly isDisjoint: () => boolean
  readonly isEquals: (dimensionOfFirst: number, dimensionOfSecond: number) => boolean
  readonly isOverlaps: (dimensionOfFirst: number, dimensionOfSecond: number) => boolean
}

export interface Coordinate {
  readonly x: number
  readonly y: number
}

interface List<T> {
  readonly add: (item: T) => void
  readonly isEmpty: () => boolean
  readonly toArray: () => readonly T[]
}

export interface Line extends Shape {
  readonly getCoordinates: () => readonly Coordinate[]
}

/** What is used of each module, as its documentation types it. */
interface Modules {
  readonly Coordinate: new (x: number, y: number) => Coordinate
  readonly GeometryFactory: new () => {
    readonly createPoint: (position: Coordinate) => Shape
    readonly createMultiPointFromCoords: (positions: readonly Coordinate[]) => Shape
    readonly createLineString: (positions: readonly Coordinate[]) => Line
    readonly createMultiLineString: (lines: readonly Shape[]) => Shape
    readonly createLinearRing: (positions: readonly Coordinate[]) => Shape
    readonly createPolygon: (shell: Shape, holes: readonly Shape[]) => Shape
    readonly createMultiPolygon: (polygons: readonly Shape[]) => Shape
    readonly createGeometryCollection: (members: readonly Shape[]) => Shape
  }
  readonly RelateOp: { readonly relate: (first: Shape, second: Shape) => IntersectionMatrix }
  readonly IsValidOp: { readonly isValid: (shape: Shape) => boolean }
  readonly UnaryUnionOp: { readonly union: (shape: Shape) => Shape | null }
  readonly Polygonizer: new () => { readonly add: (lines: Shape) => void; readonly getPolygons: () => List<Shape> }
  readonly ArrayList: new () => List<Line>
  readonly PrecisionModel: new (scale: number) => object
  readonly GeometryNoder: new (grid: object) => { readonly node: (lines: List<Line>) => List<Line> }
  readonly InteriorPointArea: { readonly getInteriorPoint: (polygon: Shape) => Coordinate | null }
  readonly IndexedPointInAreaLocator: new (area: Shape) => { readonly locate: (position: Coordinate) => number }
}

const JTS = 'org/locationtech/jts'

const folders: { readonly [K in keyof Modules]: string } = {
  Coordinate: `${JTS}/geom`,
  GeometryFactory: `${JTS}/geom`,
  PrecisionModel: `${JTS}/geom`,
  RelateOp: `${JTS}/operation/relate`,
  IsValidOp: `${JTS}/operation/valid`,
  IndexedPointInAreaLocator: `${JTS}/algorithm/locate`,
  InteriorPointArea: `${JTS}/algorithm`,
  UnaryUnionOp: `${JTS}/operation/union`,
  Polygonizer: `${JTS}/operation/polygonize`,
  GeometryNoder: `${JTS}/noding/snapround`,
  ArrayList: 'java/util',
}

const require = createRequire(import.meta.url)
const loaded: { -readonly [K in keyof Modules]?: Modules[K] } = {}

/** A module of JTS, loaded when it is first asked for. */
export function jts<K extends keyof Modules>(name: K): Modules[K] {
  const known: Modules[K] | undefined = loaded[name]
  if (known !== undefined) return known
  // Nothing can vouch for the types of a module that is loaded by name: this is where they are taken on trust.
  const { default: module } = require(`jsts/${folders[name]}/${name}.js`) as { default: Modules[K] }
  loaded[name] = module
  return module
}

/** A line's positions as JTS takes them. */
export function coordinatesOf(positions: Json): readonly Coordinate[] {
  return asArray(positions).map(coordinateOf)
}

/** A position as JTS takes it. */
export function coordinateOf(position: Json): Coordinate {
  const [x, y] = asArray(position)
  return new (jts('Coordinate'))(Number(x), Number(y))
}
