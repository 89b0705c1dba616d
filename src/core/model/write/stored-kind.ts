/** What a fragment says, read in the light of the attribute instance that it meets: its kind stays what it is (clause 5.6.4). */
import type { Json, JsonObject } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import { badRequestData } from '../../errors.ts'
import type { AttributeKind } from '../kinds.ts'
import { isAttributeKind, valueMemberOf, valueMembers } from '../kinds.ts'

/** A value standing alone (concise and simplified form) as a fragment of an attribute of that kind. */
export function valueFragment(kind: AttributeKind, value: Json): JsonObject {
  return { [valueMemberOf(kind)]: value }
}

/** Throws BadRequestData when a fragment would make another kind of an attribute, or brings the value member of another one. */
export function checkKind(kind: AttributeKind, fragment: JsonObject, path: string): void {
  const type = fragment['type'] ?? fragment['@type']
  if (type !== undefined && !isAttributeKind(type)) {
    throw badRequestData(`${path}.type: ${JSON.stringify(type)} is not an attribute kind`)
  }
  if (type !== undefined && type !== kind) throw badRequestData(`${path}.type: a ${kind} cannot become a ${type}`)
  for (const member of Object.keys(fragment)) {
    if (valueMembers.has(member) && member !== valueMemberOf(kind)) {
      throw badRequestData(`${path}.${member}: it has no place in a ${kind}`)
    }
  }
}

/** The single member of an object that has no other; undefined for anything else. */
export function onlyMember(value: Json): string | undefined {
  if (!isObject(value)) return undefined
  const names = Object.keys(value)
  return names.length === 1 ? names[0] : undefined
}
