/** GeoJSON geometries as Well-Known Text (OGC 06-103r4, ISO 19125-1): what spreadsheets, GDAL, QGIS and PostGIS read from a column. */
import type { Json, JsonObject } from '../../base/json.ts'
import { closeRings } from './geometry.ts'

/** The WKT of a geometry, longitude first; with a height its keyword is followed by Z. */
export function wktOf(geometry: JsonObject): string {
  const { type, coordinates = [] } = closeRings(geometry)
  const keyword = `${typeof type === 'string' ? type.toUpperCase() : ''}${hasHeight(coordinates) ? ' Z' : ''}`
  if (type === 'Point') return `${keyword} (${wktPart(coordinates)})`
  // Other than in GeoJSON each point of a MULTIPOINT is in parentheses of its own.
  const isMultiPoint = type === 'MultiPoint' && Array.isArray(coordinates)
  return `${keyword} ${wktPart(isMultiPoint ? coordinates.map((point) => [point]) : coordinates)}`
}

function wktPart(part: Json): string {
  if (!Array.isArray(part)) return ''
  // WKT knows three ordinates; what GeoJSON may hold beyond them has no meaning there either (RFC 7946, 3.1.1).
  if (isPosition(part))
    return part
      .filter((ordinate) => typeof ordinate === 'number')
      .slice(0, 3)
      .join(' ')
  return `(${part.map(wktPart).join(', ')})`
}

function isPosition(part: Json): boolean {
  return Array.isArray(part) && typeof part[0] === 'number'
}

function hasHeight(part: Json): boolean {
  if (!Array.isArray(part)) return false
  const [first = null] = part
  return isPosition(part) ? part.length > 2 : hasHeight(first)
}
