/**
 * What a notification tells of an attribute beside what it is now (ETSI GS CIM 009 V1.9.1, clauses 4.5.0, 5.8.6): that it is
 * gone, and what it was. An entity to be shown says so in members of its instances that no stored entity has.
 */
import type { Json } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import type { AttributeInstance } from './entity.ts'
import { datasetOf, DEFAULT_DATASET } from './entity.ts'
import type { AttributeKind } from './kinds.ts'
import { isAttributeKind, valueMemberOf } from './kinds.ts'

/** The instance before the change, as it was stored. No name of an attribute begins with this sign. */
export const PREVIOUS = '@previous'

/** An instance that is no more; `deletedAt` is a DateTime. What it was is told where `showsPrevious`. */
export function goneInstance(
  previous: AttributeInstance,
  { deletedAt, showsPrevious }: { readonly deletedAt: string; readonly showsPrevious: boolean },
): AttributeInstance {
  const dataset = datasetOf(previous)
  return {
    type: previous.type,
    [valueMemberOf(previous.type)]: nullOf(previous.type),
    ...(dataset !== DEFAULT_DATASET && { datasetId: dataset }),
    ...(showsPrevious && { [PREVIOUS]: previous }),
    deletedAt,
  }
}

/** The instance with what it was before. */
export function withPrevious(instance: AttributeInstance, previous: AttributeInstance): AttributeInstance {
  return { ...instance, [PREVIOUS]: previous }
}

/** True for an instance that is no more. */
export function isGone(instance: AttributeInstance): boolean {
  return instance['deletedAt'] !== undefined
}

/** What the instance was before; undefined where that is not told. */
export function previousOf(instance: AttributeInstance): AttributeInstance | undefined {
  const previous = instance[PREVIOUS]
  return isObject(previous) && isAttributeKind(previous['type']) ? (previous as AttributeInstance) : undefined
}

/** The NGSI-LD Null in the value member of a kind (clause 4.5.0). */
export function nullOf(kind: AttributeKind): Json {
  switch (valueMemberOf(kind)) {
    case 'languageMap':
      return { '@none': NGSI_NULL }
    case 'valueList':
    case 'objectList':
      return [NGSI_NULL]
    case 'value':
    case 'vocab':
    case 'json':
    case 'object':
      return NGSI_NULL
  }
}
