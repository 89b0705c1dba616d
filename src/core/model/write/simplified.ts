/** The simplified representation as input of a merge (ETSI GS CIM 009 V1.9.1, clauses 4.5.4, 5.6.17). */
import type { Json, JsonObject } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import { badRequestData } from '../../errors.ts'
import { DEFAULT_DATASET } from '../entity.ts'
import { looksLikeGeometry } from '../geometry.ts'
import type { AttributeKind } from '../kinds.ts'
import { valueMemberOf, valueMembers } from '../kinds.ts'
import { onlyMember, valueFragment } from './stored-kind.ts'

/** The instances of a simplified attribute by datasetId: several stand under `dataset`. */
export function simplifiedInstances(raw: Json): readonly (readonly [dataset: string, value: Json])[] {
  const several = isObject(raw) && onlyMember(raw) === 'dataset' ? raw['dataset'] : undefined
  return isObject(several) ? Object.entries(several) : [[DEFAULT_DATASET, raw]]
}

/** These kinds keep their member around the value (clause 4.5.4), so that they can be told from a Property. */
const wrapped: ReadonlySet<AttributeKind | undefined> = new Set(['LanguageProperty', 'VocabProperty', 'JsonProperty'])

/**
 * A simplified value as a fragment: of the kind that is stored, which no simplified value changes, else of the kind that it
 * looks like. Throws BadRequestData when it shows another kind than the stored one.
 */
export function simplifiedFragment(value: Json, stored: AttributeKind | undefined, path: string): JsonObject {
  const wrapper = wrapperKind(value)
  if (wrapper !== undefined && isObject(value)) {
    if (stored !== undefined && stored !== wrapper)
      throw badRequestData(`${path}: a ${stored} cannot become a ${wrapper}`)
    return { type: wrapper, ...value }
  }
  const kind = stored ?? (looksLikeGeometry(value) ? 'GeoProperty' : 'Property')
  return { type: kind, ...valueFragment(kind, value) }
}

function wrapperKind(value: Json): AttributeKind | undefined {
  const member = onlyMember(value)
  const kind = member === undefined ? undefined : valueMembers.get(member)
  return wrapped.has(kind) && kind !== undefined && valueMemberOf(kind) === member ? kind : undefined
}
