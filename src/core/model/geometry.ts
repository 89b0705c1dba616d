/** GeoJSON geometries as NGSI-LD takes them (ETSI GS CIM 009 V1.9.1, clause 4.7; RFC 7946; WGS 84, longitude first). */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import { badRequestData } from '../errors.ts'

export type GeometryType = 'Point' | 'MultiPoint' | 'LineString' | 'MultiLineString' | 'Polygon' | 'MultiPolygon'

/** How deep the positions of each type lie, and the fewest positions of its innermost line. */
const shapes: Readonly<Record<GeometryType, { readonly depth: number; readonly fewest: number }>> = {
  Point: { depth: 0, fewest: 1 },
  MultiPoint: { depth: 1, fewest: 1 },
  LineString: { depth: 1, fewest: 2 },
  MultiLineString: { depth: 2, fewest: 2 },
  // RFC 7946 wants rings closed; published models hold open ones, so an open ring is taken as if it were closed.
  Polygon: { depth: 2, fewest: 3 },
  MultiPolygon: { depth: 3, fewest: 3 },
}

/** True for the types of geometry that NGSI-LD knows. */
export function isGeometryType(type: unknown): type is GeometryType {
  return typeof type === 'string' && Object.hasOwn(shapes, type)
}

/** True when an object is a GeoJSON geometry by its look: a geometry type and coordinates (clause 4.7.3). */
export function looksLikeGeometry(value: Json): value is JsonObject {
  return isObject(value) && isGeometryType(value['type']) && Array.isArray(value['coordinates'])
}

/**
 * A geometry, from an object or from its JSON text (clause 4.7.2). Throws BadRequestData naming `path` for another type
 * (GeometryCollection included, clause 4.7.1), for bad nesting, and for positions outside WGS 84.
 */
export function readGeometry(value: Json, path: string): JsonObject {
  const geometry = typeof value === 'string' ? parseText(value, path) : value
  if (!isObject(geometry) || !isGeometryType(geometry['type'])) {
    throw badRequestData(`${path}: a GeoJSON geometry is expected (Point, LineString, Polygon or a Multi of them)`)
  }
  checkCoordinates(geometry['type'], geometry['coordinates'], `${path}.coordinates`)
  return geometry
}

/** Throws BadRequestData naming `path` for coordinates that are none of a type of geometry. */
export function checkCoordinates(type: GeometryType, coordinates: Json | undefined, path: string): void {
  checkNesting(coordinates, shapes[type], path)
}

function parseText(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequestData(`${path}: a GeoJSON geometry is expected, this text is not JSON`)
  }
}

function checkNesting(value: Json | undefined, shape: { depth: number; fewest: number }, path: string): void {
  if (shape.depth === 0) {
    checkPosition(value, path)
    return
  }
  if (!Array.isArray(value) || value.length < (shape.depth === 1 ? shape.fewest : 1)) {
    throw badRequestData(`${path}: too few positions, or not an array`)
  }
  value.forEach((item, index) => {
    checkNesting(item, { depth: shape.depth - 1, fewest: shape.fewest }, `${path}[${String(index)}]`)
  })
}

function checkPosition(value: Json | undefined, path: string): void {
  if (!Array.isArray(value) || value.length < 2 || !value.every((part) => typeof part === 'number')) {
    throw badRequestData(`${path}: a position is [longitude, latitude] in numbers`)
  }
  const [longitude, latitude] = value
  if (longitude === undefined || latitude === undefined || Math.abs(longitude) > 180 || Math.abs(latitude) > 90) {
    throw badRequestData(
      `${path}: [${value.join(', ')}] is outside WGS 84 (longitude -180 to 180, latitude -90 to 90); NGSI-LD knows no other reference system`,
    )
  }
}

/** A box in degrees. */
export interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** The smallest box around a geometry; undefined when it has no position. */
export function boundingBox(geometry: JsonObject): Box | undefined {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  widen(box, geometry['coordinates'])
  return box.west === Infinity ? undefined : box
}

function widen(box: { west: number; south: number; east: number; north: number }, coordinates: Json | undefined): void {
  if (!Array.isArray(coordinates)) return
  const [x, y] = coordinates
  if (typeof x !== 'number' || typeof y !== 'number') {
    for (const part of coordinates) widen(box, part)
    return
  }
  box.west = Math.min(box.west, x)
  box.east = Math.max(box.east, x)
  box.south = Math.min(box.south, y)
  box.north = Math.max(box.north, y)
}

/** The geometry with the rings of its polygons closed, as RFC 7946 and WKT want them. */
export function closeRings(geometry: JsonObject): JsonObject {
  const { type, coordinates } = geometry
  if (!Array.isArray(coordinates)) return geometry
  if (type === 'Polygon') return { ...geometry, coordinates: coordinates.map(closeRing) }
  if (type !== 'MultiPolygon') return geometry
  return { ...geometry, coordinates: coordinates.map((part) => (Array.isArray(part) ? part.map(closeRing) : part)) }
}

function closeRing(ring: Json): Json {
  if (!Array.isArray(ring)) return ring
  const [first] = ring
  return first === undefined || jsonEqual(first, ring.at(-1)) ? ring : [...ring, first]
}
