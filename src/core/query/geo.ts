/** Geo-queries on one entity (ETSI GS CIM 009 V1.9.1, clause 4.10). */
import type { Box } from '../model/geometry.ts'
import { boundingBox } from '../model/geometry.ts'
import type { GeoRelation, Geometry, QueryOf } from './ast.ts'
import type { Pieces } from './distance.ts'
import { distanceBetween, piecesOf } from './distance.ts'
import { areIntricate } from './intricacy.ts'
import type { IntersectionMatrix, Shape } from './jts.ts'
import { isSurelyInside, rectangleOf } from './rectangle.ts'
import type { Place } from './shapes.ts'
import { locatorIn, relate, shapeOf } from './shapes.ts'

/** True when a target geometry has the relation that was asked for. */
export type GeoTest = (target: Geometry) => boolean

// The reference geometry is taken apart once, not at every entity.
const compiled = new WeakMap<QueryOf<'geo'>, GeoTest>()

/** The test that a geo-query makes. */
export function geoTestOf(query: QueryOf<'geo'>): GeoTest {
  const known = compiled.get(query)
  if (known !== undefined) return known
  const { relation, geometry } = query
  const test = relation.name === 'near' ? nearTest(relation, geometry) : topologyTest(relation.name, geometry)
  compiled.set(query, test)
  return test
}

type Near = Extract<GeoRelation, { name: 'near' }>
type Topology = Exclude<GeoRelation, Near>['name']

/** The buffer holds its border: maxDistance is inclusive, and disjoint from it means farther than minDistance (OGC 06-103r4). */
function nearTest({ maxDistance = Infinity, minDistance = -1 }: Near, reference: Geometry): GeoTest {
  const pieces = piecesOf(reference)
  return (target) => {
    const metres = distanceBetween(pieces, piecesOf(target))
    return metres <= maxDistance && metres > minDistance
  }
}

/** The relations as the target has them to the reference: `within` is the target within the reference. */
function topologyTest(name: Topology, reference: Geometry): GeoTest {
  const box = boxOf(reference)
  // Made at the first target whose box meets the reference's: most queries of most entities end before that.
  let exact: GeoTest | undefined
  return (target) => {
    if (!meet(box, boxOf(target))) return name === 'disjoint'
    exact ??= exactTest(name, reference)
    return exact(target)
  }
}

function exactTest(name: Topology, reference: Geometry): GeoTest {
  const pieces = piecesOf(reference)
  const shape = areIntricate(pieces, pieces) ? undefined : shapeOf(reference)
  if (shape === undefined) return () => false
  const general = shapeTest(name, { shape, pieces, dimension: dimensionOf(reference) })
  if (dimensionOf(reference) < 2) return general
  const placeOf = locatorIn(shape)
  const rectangle = rectangleOf(reference)
  return (target) => {
    if (target.type !== 'Point') {
      if (rectangle !== undefined && isSurelyInside(target, rectangle)) return inArea[name]('interior')
      return general(target)
    }
    const place = placeOf(target.coordinates)
    return place !== undefined && inArea[name](place)
  }
}

/** The relation to an area of what is smaller and in one place of it. */
const inArea: Readonly<Record<Topology, (place: Place) => boolean>> = {
  within: (place) => place === 'interior',
  intersects: (place) => place !== 'exterior',
  disjoint: (place) => place === 'exterior',
  contains: () => false,
  equals: () => false,
  overlaps: () => false,
}

interface Reference {
  readonly shape: Shape
  readonly pieces: Pieces
  readonly dimension: number
}

/** What cannot be decided (rounding, or a web of crossings that would stall the broker) has no relation at all. */
function shapeTest(name: Topology, { shape, pieces, dimension }: Reference): GeoTest {
  return (target) => {
    const own = piecesOf(target)
    if (areIntricate(own, own) || areIntricate(own, pieces)) return false
    const targetShape = shapeOf(target)
    const matrix = targetShape && relate(targetShape, shape)
    return matrix !== undefined && relations[name](matrix, dimensionOf(target), dimension)
  }
}

type Relation = (matrix: IntersectionMatrix, target: number, reference: number) => boolean

const relations: Readonly<Record<Topology, Relation>> = {
  within: (matrix) => matrix.isWithin(),
  contains: (matrix) => matrix.isContains(),
  intersects: (matrix) => matrix.isIntersects(),
  disjoint: (matrix) => matrix.isDisjoint(),
  equals: (matrix, target, reference) => matrix.isEquals(target, reference),
  overlaps: (matrix, target, reference) => matrix.isOverlaps(target, reference),
}

function dimensionOf({ type }: Geometry): number {
  if (type === 'Point' || type === 'MultiPoint') return 0
  return type === 'Polygon' || type === 'MultiPolygon' ? 2 : 1
}

function boxOf({ type, coordinates }: Geometry): Box | undefined {
  return boundingBox({ type, coordinates })
}

function meet(a: Box | undefined, b: Box | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north
}
