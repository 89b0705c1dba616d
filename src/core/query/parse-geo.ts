/** Geo-queries: georel, geometry, coordinates, geoproperty (ETSI GS CIM 009 V1.9.1, clause 4.10). */
import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import type { GeometryType } from '../model/geometry.ts'
import { checkCoordinates, isGeometryType } from '../model/geometry.ts'
import type { GeoRelation, Geometry, QueryOf } from './ast.ts'
import { expectEnd, readerOf } from './lexer.ts'
import { parseName } from './parse-path.ts'

/** The members of a GeoQuery (clause 5.2.13), or the parameters of the same names, as they came. */
export interface GeoParameters {
  readonly georel?: Json | undefined
  readonly geometry?: Json | undefined
  /** A JSON array, or its text. */
  readonly coordinates?: Json | undefined
  readonly geoproperty?: Json | undefined
}

/**
 * The tree of a geo-query; geoproperty is `location` unless given. Throws BadRequestData naming the parameter at fault,
 * behind `path` (`geoQ.` in a Query or a Subscription).
 */
export function parseGeoQ(context: CompiledContext, parameters: GeoParameters, path = ''): QueryOf<'geo'> {
  const { georel, geometry, coordinates, geoproperty = 'location' } = parameters
  return {
    kind: 'geo',
    relation: readRelation(textOf(georel, `${path}georel`), `${path}georel`),
    geometry: readReference(geometry, coordinates, { geometry: `${path}geometry`, coordinates: `${path}coordinates` }),
    property: readProperty(context, textOf(geoproperty, `${path}geoproperty`), `${path}geoproperty`),
  }
}

// Each position costs at every entity that is compared.
const MAX_POSITIONS = 5_000

/** A reference geometry from its type and its coordinates, an array or its JSON text. `names` are for the messages. */
export function readReference(
  type: Json | undefined,
  coordinates: Json | undefined,
  names: { readonly geometry: string; readonly coordinates: string },
): Geometry {
  const known = geometryType(textOf(type, names.geometry), names.geometry)
  const positions = typeof coordinates === 'string' ? parseText(coordinates, names.coordinates) : coordinates
  if (!Array.isArray(positions)) throw badRequestData(`${names.coordinates}: a JSON array is expected`)
  checkCoordinates(known, positions, names.coordinates)
  if (positionsIn(positions) > MAX_POSITIONS) {
    throw badRequestData(`${names.coordinates}: at most ${String(MAX_POSITIONS)} positions`)
  }
  return { type: known, coordinates: positions }
}

const relations = ['within', 'contains', 'intersects', 'equals', 'disjoint', 'overlaps'] as const
const NEAR = /^near;(maxDistance|minDistance)==((?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

function readRelation(text: string, name: string): GeoRelation {
  const relation = relations.find((known) => known === text)
  if (relation !== undefined) return { name: relation }
  const [, modifier, number] = NEAR.exec(text) ?? []
  const metres = Number(number)
  if (!(metres > 0 && metres < Infinity)) {
    throw badRequestData(
      `${name}: one of ${relations.join(', ')}, near;maxDistance==<metres> or near;minDistance==<metres> (more than 0) is expected`,
    )
  }
  return modifier === 'maxDistance' ? { name: 'near', maxDistance: metres } : { name: 'near', minDistance: metres }
}

function geometryType(text: string, name: string): GeometryType {
  if (isGeometryType(text)) return text
  throw badRequestData(`${name}: '${text}' is no type of geometry (Point, LineString, Polygon or a Multi of them)`)
}

function readProperty(context: CompiledContext, text: string, name: string): string {
  const reader = readerOf(name, text)
  const property = parseName(context, reader)
  expectEnd(reader, 'the name of one GeoProperty expected')
  return property
}

function textOf(value: Json | undefined, name: string): string {
  if (value === undefined)
    throw badRequestData(`${name}: is missing, a geo-query needs georel, geometry and coordinates`)
  if (typeof value !== 'string') throw badRequestData(`${name}: a text is expected`)
  return value
}

function parseText(text: string, name: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw badRequestData(`${name}: a JSON array is expected, this text is not JSON`)
  }
}

function positionsIn(coordinates: Json): number {
  if (!Array.isArray(coordinates)) return 0
  if (typeof coordinates[0] === 'number') return 1
  return coordinates.reduce<number>((sum, part) => sum + positionsIn(part), 0)
}
