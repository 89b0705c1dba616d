/** Where the concise form is a bare value (ETSI GS CIM 009 V1.9.1, clauses 4.5.2.3, C.2.2). */
import type { Json, JsonObject } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import type { AttributeInstance } from '../entity.ts'
import { looksLikeGeometry } from '../geometry.ts'
import { isAttributeKind, valueMembers } from '../kinds.ts'
import type { RenderOptions } from './options.ts'

/**
 * The concise form of an attribute's only instance: without other members a Property or GeoProperty is its bare value, where
 * that reads back as the same (clause 4.5.2.3).
 */
export function bareWhereSafe({ type }: AttributeInstance, out: JsonObject, { format }: RenderOptions): Json {
  const value = out['value']
  if (format !== 'concise' || value === undefined || Object.keys(out).length > 1) return out
  return type === 'GeoProperty' || readsAsBareValue(value) ? value : out
}

function readsAsBareValue(value: Json): boolean {
  if (Array.isArray(value)) return !value.some((item) => isObject(item) && !readsAsBareValue(item))
  if (!isObject(value)) return true
  if (isAttributeKind(value['type']) || looksLikeGeometry(value)) return false
  return ![...valueMembers.keys()].some((member) => Object.hasOwn(value, member))
}
