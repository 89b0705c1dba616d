/** GeoJSON geometries as Well-Known Text (OGC 06-103r4, ISO 19125-1): what spreadsheets, GDAL, QGIS and PostGIS read from a column. */
import type { Json, JsonObject } from '../../base/json.ts'
import { closeRings } from './geometry.ts'

/** The WKT of a geometry, longitude first; with a height its keyword is followed by Z. */
export function wktOf(geometry: JsonObject): string {
  const { type, coordinates = [] } = closeRings(geometry)
  const keyword = `${typeof type === 'string' ? type.toUpperCase() : ''}${hasHeight(coordinates) ? ' Z' : ''}`
  // What is nested is in parentheses of its own; a single position is not nested, yet stands in them.
  return `${keyword} ${isPosition(coordinates) ? `(${wktPart(coordinates)})` : wktPart(coordinates)}`
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
