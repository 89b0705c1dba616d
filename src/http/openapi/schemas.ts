import api from '../../../schemas/api.schema.json' with { type: 'json' }
import type { JsonObject } from '../../base/json.ts'

/** The schemas of `schemas/api.schema.json`, as they stand in the API description. */
export type SchemaName = keyof typeof api.$defs

export const schemas: Readonly<Record<SchemaName, JsonObject>> = api.$defs

/** A reference to one of them. */
export function schemaRef(name: SchemaName): JsonObject {
  return { $ref: `#/components/schemas/${name}` }
}
