/** Geometries of entities, as the predicates of geo-queries take them. */
import { isGeometryType } from '../model/geometry.ts'
import type { AttributeInstance } from '../model/entity.ts'
import { isObject } from '../../base/json.ts'
import type { Geometry } from './ast.ts'

/** The geometry of a GeoProperty's instance; undefined for any other kind. */
export function geometryOf({ type, value }: AttributeInstance): Geometry | undefined {
  if (type !== 'GeoProperty' || !isObject(value) || !isGeometryType(value['type'])) return undefined
  return { type: value['type'], coordinates: value['coordinates'] ?? null }
}
