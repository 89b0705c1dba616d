/** Partial attribute update (ETSI GS CIM 009 V1.9.1, clause 5.6.4): only the listed sub-members of one instance change. */
import type { Json, JsonObject } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import type { TimeKey } from '../../../base/time.ts'
import { badRequestData, notFound } from '../../errors.ts'
import type { AttributeInstance } from '../entity.ts'
import { datasetOf, DEFAULT_DATASET, instancesOf } from '../entity.ts'
import type { AttributeKind } from '../kinds.ts'
import { isAttributeKind, valueMemberOf, valueMembers } from '../kinds.ts'
import { isUri, NGSI_NULL, readSubAttributeName } from '../names.ts'
import type { ReadMode } from '../read-attribute.ts'
import { readMember } from '../read-attribute.ts'
import { isNgsiNull, readValue } from '../read-value.ts'
import type { EntityState } from '../state.ts'
import { draftOf, finishDraft, putInstance, removeInstance } from './draft.ts'

/** One attribute of one entity, and what the client sent for it. */
export interface PartialUpdate {
  /** The core name. */
  readonly name: string
  /** The attribute fragment as sent. */
  readonly raw: Json
}

/**
 * Throws ResourceNotFound when the attribute, or the instance with the fragment's datasetId, is not there; BadRequestData
 * when the fragment would change the kind or is no valid one. A fragment that is the NGSI-LD Null deletes the instance.
 */
export function partialUpdate(mode: ReadMode, before: EntityState, update: PartialUpdate, time: TimeKey): EntityState {
  const { name } = update
  const fragment = asFragment(update.raw, name)
  const dataset = readDataset(fragment, name)
  const stored = instancesOf(before.entity, name).find((instance) => datasetOf(instance) === dataset)
  if (stored === undefined) throw notFound(`${name}: no such attribute instance (datasetId ${dataset})`)
  checkKind(stored.type, fragment, name)
  const draft = draftOf(before, time)
  if (isNgsiNull(fragment[valueMemberOf(stored.type)])) removeInstance(draft, name, dataset)
  else putInstance(draft, name, changed(mode, stored, { name, fragment }))
  return finishDraft(draft)
}

/** A bare value stands for `{"value": ...}` (concise form). */
function asFragment(raw: Json, name: string): JsonObject {
  if (raw === null) throw badRequestData(`${name}: null is not an attribute fragment`)
  return isObject(raw) ? raw : { value: raw }
}

function readDataset(fragment: JsonObject, name: string): string {
  const datasetId = fragment['datasetId']
  if (datasetId === undefined || datasetId === DEFAULT_DATASET) return DEFAULT_DATASET
  if (!isUri(datasetId) || datasetId === NGSI_NULL) throw badRequestData(`${name}.datasetId: not a URI`)
  return datasetId
}

function checkKind(kind: AttributeKind, fragment: JsonObject, name: string): void {
  const type = fragment['type'] ?? fragment['@type']
  if (type !== undefined && !isAttributeKind(type)) {
    throw badRequestData(`${name}.type: ${JSON.stringify(type)} is not an attribute kind`)
  }
  if (type !== undefined && type !== kind) throw badRequestData(`${name}.type: a ${kind} cannot become a ${type}`)
  for (const member of Object.keys(fragment)) {
    if (valueMembers.has(member) && member !== valueMemberOf(kind)) {
      throw badRequestData(`${name}.${member}: it has no place in a ${kind}`)
    }
  }
}

function changed(
  mode: ReadMode,
  stored: AttributeInstance,
  update: { name: string; fragment: JsonObject },
): AttributeInstance {
  const next: AttributeInstance = { ...stored }
  const kind = stored.type
  for (const [member, value] of Object.entries(update.fragment)) {
    const path = `${update.name}.${member}`
    if (member === valueMemberOf(kind)) next[member] = readValue(mode.context, kind, value, path)
    else if (isDeletion(member, value)) removeMember(mode, next, { member, path })
    else readMember(mode, { kind, name: member, value, into: next }, path)
  }
  return next
}

function isDeletion(member: string, value: Json): boolean {
  if (member === 'datasetId' || member === 'type' || member === '@type') return false
  if (value === NGSI_NULL) return true
  if (!isObject(value) || !isAttributeKind(value['type'])) return false
  return isNgsiNull(value[valueMemberOf(value['type'])])
}

const removable: ReadonlySet<string> = new Set(['observedAt', 'unitCode', 'expiresAt', 'valueType', 'objectType'])

function removeMember(mode: ReadMode, from: JsonObject, { member, path }: { member: string; path: string }): void {
  const name = removable.has(member) ? member : readSubAttributeName(mode.context, member, path)
  Reflect.deleteProperty(from, name)
}
