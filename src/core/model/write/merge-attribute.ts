/** Merging of attributes and sub-attributes, to any depth (ETSI GS CIM 009 V1.9.1, clauses 5.5.12, 5.6.17). */
import type { Json, JsonObject } from '../../../base/json.ts'
import { asArray, isObject } from '../../../base/json.ts'
import { NGSI_NULL } from '../../context/ngsi-null.ts'
import { compactName } from '../../context/names.ts'
import { badRequestData } from '../../errors.ts'
import type { AttributeInstance } from '../entity.ts'
import { datasetOf, DEFAULT_DATASET, instancesIn } from '../entity.ts'
import { looksLikeGeometry } from '../geometry.ts'
import type { AttributeKind } from '../kinds.ts'
import { isAttributeKind, valueMemberOf } from '../kinds.ts'
import { readSubAttributeName } from '../names.ts'
import type { InstanceFragment } from '../read-attribute.ts'
import { checkedProof, kindOf, modeOf, putInstances, readInstances, valueMemberIn } from '../read-attribute.ts'
import type { ReadMode } from '../read-non-reified.ts'
import { isNonReified, readDataset, readNonReified } from '../read-non-reified.ts'
import { isNgsiNull } from '../read-value.ts'
import type { ValueMode } from './merge-value.ts'
import { mergeValue } from './merge-value.ts'
import { simplifiedFragment, simplifiedInstances } from './simplified.ts'
import { checkKind, valueFragment } from './stored-kind.ts'

/** How a merge fragment is to be read. */
export interface MergeMode extends ReadMode, ValueMode {
  /** True when attributes come in the simplified representation (`format=simplified`). */
  readonly simplified: boolean
  /** A DateTime for every attribute that had an observedAt and is sent without one (the parameter `observedAt`). */
  readonly observedAt?: string
}

/** An attribute as sent, and the instances that it meets. */
export interface Meeting {
  readonly stored: readonly AttributeInstance[]
  readonly raw: Json
}

/** What becomes of each instance that was sent: merged, appended or deleted. Throws BadRequestData naming the member at fault. */
export function mergeAttribute(mode: MergeMode, { stored, raw }: Meeting, path: string): readonly InstanceFragment[] {
  const byDataset = new Map(stored.map((instance) => [datasetOf(instance), instance]))
  if (mode.simplified) {
    return simplifiedInstances(raw).map(([written, value]) => {
      const dataset = readDataset({ datasetId: written }, path)
      return mergeSimplified(mode, { dataset, stored: byDataset.get(dataset), value }, path)
    })
  }
  return readInstances(raw, path, (item, itemPath) => {
    const dataset = isObject(item) ? readDataset(item, itemPath) : DEFAULT_DATASET
    return mergeSent(mode, { dataset, stored: byDataset.get(dataset), value: item }, itemPath)
  })
}

/** One instance: as stored (undefined: it is to be appended) and as sent. */
interface Instance {
  readonly dataset: string
  readonly stored: AttributeInstance | undefined
  readonly value: Json
}

function mergeSimplified(mode: MergeMode, { dataset, stored, value }: Instance, path: string): InstanceFragment {
  if (isNgsiNull(value)) return { dataset }
  const fragment = simplifiedFragment(value, stored?.type, path)
  const sent = dataset === DEFAULT_DATASET ? fragment : { ...fragment, datasetId: dataset }
  return mergeInstance(mode, { dataset, stored, fragment: sent }, path)
}

/** An instance in normalized or concise form. */
function mergeSent(mode: MergeMode, { dataset, stored, value }: Instance, path: string): InstanceFragment {
  if (value === null) throw badRequestData(`${path}: null is not an attribute`)
  if (value === NGSI_NULL) return { dataset }
  const isWhole = isObject(value) && (isFragment(value) || isForMembers(mode, value, stored))
  const fragment = isWhole ? value : valueFragment(stored?.type ?? kindOfValue(value), value)
  return mergeInstance(mode, { dataset, stored, fragment }, path)
}

function kindOfValue(value: Json): AttributeKind {
  return looksLikeGeometry(value) ? 'GeoProperty' : 'Property'
}

/**
 * True when an object is an attribute, be it one without a value, rather than a value standing alone (concise form, C.2.2): it
 * has a member that only attributes have, or one that is an attribute by its own type.
 */
function isFragment(value: JsonObject): boolean {
  if (isAttributeKind(value['type'] ?? value['@type']) || valueMemberIn(value) !== undefined) return true
  return Object.entries(value).some(([name, member]) => isNonReified(name) || isInstance(member))
}

/**
 * A fragment follows the structure of its target (clause 5.5.12): true when one of its members has the name of a sub-attribute
 * that is stored, or is the NGSI-LD Null while the stored value is no object that it could take anything from.
 */
function isForMembers({ context }: MergeMode, value: JsonObject, stored: AttributeInstance | undefined): boolean {
  if (stored === undefined) return false
  if (!isObject(stored[valueMemberOf(stored.type)]) && Object.values(value).includes(NGSI_NULL)) return true
  return Object.entries(stored).some(([name, member]) => {
    if (!asArray(member).some(isInstance)) return false
    return Object.hasOwn(value, name) || Object.hasOwn(value, compactName(context, name))
  })
}

function isInstance(member: Json): boolean {
  return isObject(member) && isAttributeKind(member['type']) && Object.hasOwn(member, valueMemberOf(member['type']))
}

interface Merging {
  readonly dataset: string
  readonly stored: AttributeInstance | undefined
  readonly fragment: JsonObject
}

function mergeInstance(mode: MergeMode, { dataset, stored, fragment }: Merging, path: string): InstanceFragment {
  const kind = stored?.type ?? kindOf(fragment, path)
  if (kind === undefined) throw badRequestData(`${path}: there is nothing to merge this into, it needs a value`)
  checkKind(kind, fragment, path)
  const member = valueMemberOf(kind)
  if (isNgsiNull(fragment[member])) return { dataset }
  const instance: AttributeInstance = stored === undefined ? { type: kind } : { ...stored }
  for (const [name, value] of Object.entries(fragment)) {
    const memberPath = `${path}.${name}`
    if (name === member) instance[name] = mergeValue(mode, kind, { stored: stored?.[name], sent: value }, memberPath)
    else mergeMember(mode, { name, value, instance }, memberPath)
  }
  if (!Object.hasOwn(instance, member)) throw badRequestData(`${path}: a ${kind} needs '${member}'`)
  refreshObservedAt(mode, instance, fragment)
  return checkedProof(mode, { dataset, instance }, path)
}

/** Clause 5.6.17: the common observedAt is for attributes that had one; what the fragment says itself goes before. */
function refreshObservedAt({ observedAt }: MergeMode, instance: AttributeInstance, fragment: JsonObject): void {
  if (observedAt === undefined || instance['observedAt'] === undefined) return
  if (!Object.hasOwn(fragment, 'observedAt')) instance['observedAt'] = observedAt
}

interface MemberMerging {
  readonly name: string
  readonly value: Json
  readonly instance: AttributeInstance
}

function mergeMember(mode: MergeMode, { name: written, value, instance }: MemberMerging, path: string): void {
  if (readNonReified(mode, { kind: instance.type, name: written, value, into: instance }, path)) return
  const name = readSubAttributeName(mode.context, written, path)
  const meeting = { stored: instancesIn(instance, name), raw: value }
  putInstances(instance, name, mergeAttribute(subMode(mode, name), meeting, path))
}

/** The common observedAt is for attributes of the entity, not for what is inside them. */
function subMode({ observedAt: _, ...mode }: MergeMode, name: string): MergeMode {
  return modeOf(mode, name)
}
