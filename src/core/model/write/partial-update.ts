/** Partial attribute update (ETSI GS CIM 009 V1.9.1, clause 5.6.4): only the listed sub-members of one instance change. */
import type { Json, JsonObject } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import type { TimeKey } from '../../../base/time.ts'
import { badRequestData, notFound } from '../../errors.ts'
import type { AttributeInstance } from '../entity.ts'
import { datasetOf, DEFAULT_DATASET, instancesOf } from '../entity.ts'
import { looksLikeGeometry } from '../geometry.ts'
import { valueMemberOf } from '../kinds.ts'
import { checkedProof, isMultiAttribute, modeOf, readMember } from '../read-attribute.ts'
import type { ReadMode } from '../read-non-reified.ts'
import { readDataset } from '../read-non-reified.ts'
import { isNgsiNull, readValue } from '../read-value.ts'
import type { EntityState } from '../state.ts'
import { draftOf, finishDraft, putInstance, removeInstance } from './draft.ts'
import { checkKind, valueFragment } from './stored-kind.ts'

/** One attribute of one entity, and what the client sent for it. */
export interface PartialUpdate {
  /** The core name. */
  readonly name: string
  /** The name as the client wrote it, for messages. */
  readonly written: string
  /** The attribute fragment as sent. */
  readonly raw: Json
}

/**
 * Throws ResourceNotFound when the attribute, or the instance with the fragment's datasetId, is not there; BadRequestData
 * when the fragment would change the kind or is no valid one. A fragment that is the NGSI-LD Null deletes the instance.
 */
export function partialUpdate(mode: ReadMode, before: EntityState, update: PartialUpdate, time: TimeKey): EntityState {
  const { name, written, raw } = update
  if (raw === null) throw badRequestData(`${written}: null is not an attribute fragment`)
  if (isMultiAttribute(raw)) throw badRequestData(`${written}: one instance at a time is updated (clause 5.6.4)`)
  const dataset = isFragment(raw) ? readDataset(raw, written) : DEFAULT_DATASET
  const stored = instancesOf(before.entity, name).find((instance) => datasetOf(instance) === dataset)
  if (stored === undefined) throw notFound(`${written}: no such attribute instance (datasetId ${dataset})`)
  const fragment = isFragment(raw) ? raw : valueFragment(stored.type, raw)
  checkKind(stored.type, fragment, written)
  const draft = draftOf(before, time)
  if (isNgsiNull(fragment[valueMemberOf(stored.type)])) removeInstance(draft, name, dataset)
  else putInstance(draft, name, changed(modeOf(mode, name), stored, { written, fragment }))
  return finishDraft(draft)
}

/** An object lists members; only a geometry is a value standing alone, as everything else is (concise form, C.2.2). */
function isFragment(raw: Json): raw is JsonObject {
  return isObject(raw) && !looksLikeGeometry(raw)
}

function changed(
  mode: ReadMode,
  stored: AttributeInstance,
  update: { written: string; fragment: JsonObject },
): AttributeInstance {
  const instance: AttributeInstance = { ...stored }
  const kind = stored.type
  for (const [member, value] of Object.entries(update.fragment)) {
    const path = `${update.written}.${member}`
    if (member === valueMemberOf(kind)) instance[member] = readValue(mode.context, kind, value, path)
    else readMember(mode, { kind, name: member, value, into: instance }, path)
  }
  checkedProof(mode, { dataset: datasetOf(instance), instance }, update.written)
  return instance
}
