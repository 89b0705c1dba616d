import api from '../../../schemas/api.schema.json' with { type: 'json' }
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { grammarOf, grammars, textOf } from './patterns.ts'

/** The schemas of `schemas/api.schema.json`, as they stand in the API description. */
export type SchemaName = keyof typeof api.$defs

/**
 * In the file a text that has a grammar of `patterns.ts` says so, `{"grammar": "uri"}`, and patternProperties have the names of
 * such grammars: they are written once, beside the parsers that they are of.
 */
export const schemas = written(api.$defs) as Readonly<Record<SchemaName, JsonObject>>

function written(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(written)
  if (!isObject(schema)) return schema
  const { grammar, patternProperties, ...others } = schema
  const rest = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, written(value)]))
  return {
    ...(typeof grammar === 'string' && textOf(grammarOf(grammar))),
    ...rest,
    ...(isObject(patternProperties) && { patternProperties: byPattern(patternProperties) }),
  }
}

function byPattern(properties: JsonObject): JsonObject {
  const entries = Object.entries(properties).map(
    ([name, schema]) => [grammars[grammarOf(name)].pattern, written(schema)] as const,
  )
  return Object.fromEntries(entries)
}

/** A reference to one of them. */
export function schemaRef(name: SchemaName): JsonObject {
  return { $ref: `#/components/schemas/${name}` }
}
