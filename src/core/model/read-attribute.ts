/**
 * Reads an attribute as a client sends it, normalized or concise, into instances with core names.
 *
 * One recursion validates, tells the kind and expands names, so that messages can name the member as the client wrote it.
 * Source: ETSI GS CIM 009 V1.9.1, clauses 4.5.2 to 4.5.24 (kinds), 4.5.5 (multi-attribute), C.2.2 (concise), 4.5.0 (null).
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import { badRequestData } from '../errors.ts'
import type { AttributeInstance } from './entity.ts'
import { attributeOf, datasetOf, DEFAULT_DATASET, instancesIn } from './entity.ts'
import { looksLikeGeometry } from './geometry.ts'
import type { AttributeKind } from './kinds.ts'
import { isAttributeKind, valueMemberOf, valueMembers } from './kinds.ts'
import { PROOF, readSubAttributeName } from './names.ts'
import type { Member, ReadMode } from './read-non-reified.ts'
import { allowDeletion, readDataset, readNonReified } from './read-non-reified.ts'
import { isNgsiNull, readValue } from './read-value.ts'

/** One instance as sent: what to store, or (without `instance`) that the one with this datasetId is to be deleted. */
export interface InstanceFragment {
  /** The datasetId, `@none` for the default instance. */
  readonly dataset: string
  readonly instance?: AttributeInstance
}

type ReadInstance = (raw: Json, path: string) => InstanceFragment

/** The instances of one attribute. Throws BadRequestData naming the member at fault. */
export function readAttribute(mode: ReadMode, raw: Json, path: string): readonly InstanceFragment[] {
  return readInstances(raw, path, (item, itemPath) => checkedProof(mode, readInstance(mode, item, itemPath), itemPath))
}

/** The value of a proof is an object (clause 4.5.2.2). Throws BadRequestData when it is none. */
export function checkedProof({ isProof }: ReadMode, fragment: InstanceFragment, path: string): InstanceFragment {
  const { instance } = fragment
  if (isProof === true && instance !== undefined && (instance.type !== 'Property' || !isObject(instance['value']))) {
    throw badRequestData(`${path}: ${PROOF} is a Property whose value is an object`)
  }
  return fragment
}

/** Reads an attribute instance by instance. Throws BadRequestData when two have one datasetId (clause 4.5.5.1). */
export function readInstances(raw: Json, path: string, read: ReadInstance): readonly InstanceFragment[] {
  if (!isMultiAttribute(raw)) return [read(raw, path)]
  const instances = raw.map((item, index) => read(item, `${path}[${String(index)}]`))
  const datasets = new Set<string>()
  for (const { dataset } of instances) {
    if (datasets.has(dataset)) throw badRequestData(`${path}: two instances with datasetId ${dataset}`)
    datasets.add(dataset)
  }
  return instances
}

/** The mode in which to read the attribute of that name: only a proof has the sealed members (clause 4.5.2.2). */
export function modeOf<M extends ReadMode>(mode: M, name: string): M {
  const isProof = name === PROOF
  return isProof === (mode.isProof === true) ? mode : { ...mode, isProof }
}

/**
 * An array is a multi-attribute when its items are objects of which one is normalized, or has a datasetId beside a value
 * member. Any other array is the value of a concise Property: lists of objects with a member `value` occur in real models.
 */
export function isMultiAttribute(raw: Json): raw is JsonObject[] {
  return Array.isArray(raw) && raw.every(isObject) && raw.some((item) => isNormalized(item) || isConciseDataset(item))
}

function isNormalized(item: JsonObject): boolean {
  return isAttributeKind(item['type'] ?? item['@type'])
}

function isConciseDataset(item: JsonObject): boolean {
  return Object.hasOwn(item, 'datasetId') && valueMemberIn(item) !== undefined
}

/** The first value member that an object has. */
export function valueMemberIn(item: JsonObject): string | undefined {
  for (const member of valueMembers.keys()) if (Object.hasOwn(item, member)) return member
  return undefined
}

function readInstance(mode: ReadMode, raw: Json, path: string): InstanceFragment {
  if (raw === NGSI_NULL) return readDeletion(mode, {}, path)
  if (raw === null) throw badRequestData(`${path}: null is not an attribute`)
  if (!isObject(raw)) return bareProperty(mode, raw, path)
  const kind = kindOf(raw, path)
  if (kind === undefined) {
    return looksLikeGeometry(raw) ? bare(mode, 'GeoProperty', raw, path) : bareProperty(mode, raw, path)
  }
  if (isNgsiNull(raw[valueMemberOf(kind)])) return readDeletion(mode, raw, path)
  return readMembers(mode, { kind, raw }, path)
}

/** The kind that an object names or shows; undefined when the object is itself a value (concise form). */
export function kindOf(raw: JsonObject, path: string): AttributeKind | undefined {
  const type = raw['type'] ?? raw['@type']
  if (isAttributeKind(type)) return type
  const member = valueMemberIn(raw)
  if (type !== undefined && member !== undefined) {
    throw badRequestData(`${path}: type ${JSON.stringify(type)} is not an attribute kind`)
  }
  if (member === 'value' && looksLikeGeometry(raw['value'] ?? null)) return 'GeoProperty'
  return member === undefined ? undefined : valueMembers.get(member)
}

function bareProperty(mode: ReadMode, raw: Json, path: string): InstanceFragment {
  return bare(mode, 'Property', raw, path)
}

function bare(mode: ReadMode, kind: 'Property' | 'GeoProperty', raw: Json, path: string): InstanceFragment {
  return { dataset: DEFAULT_DATASET, instance: { type: kind, value: readValue(mode.context, kind, raw, path) } }
}

function readDeletion(mode: ReadMode, raw: JsonObject, path: string): InstanceFragment {
  allowDeletion(mode, path)
  return { dataset: readDataset(raw, path) }
}

function readMembers(mode: ReadMode, source: { kind: AttributeKind; raw: JsonObject }, path: string): InstanceFragment {
  const { kind, raw } = source
  const member = valueMemberOf(kind)
  if (!Object.hasOwn(raw, member)) throw badRequestData(`${path}: a ${kind} needs '${member}'`)
  const instance: AttributeInstance = { type: kind }
  for (const [name, value] of Object.entries(raw)) {
    if (name === member) instance[member] = readValue(mode.context, kind, value, `${path}.${member}`)
    else readMember(mode, { kind, name, value, into: instance }, `${path}.${name}`)
  }
  const datasetId = instance['datasetId']
  return { dataset: typeof datasetId === 'string' ? datasetId : DEFAULT_DATASET, instance }
}

/** Reads one member that is not the value into an instance: a non-reified one by its own rule, a sub-attribute by recursion. */
export function readMember(mode: ReadMode, member: Member, path: string): void {
  if (readNonReified(mode, member, path)) return
  const name = readSubAttributeName(mode.context, member.name, path)
  putInstances(member.into, name, readAttribute(modeOf(mode, name), member.value, path))
}

/** Applies what was sent for one sub-attribute: each instance is stored, or deletes the one with its datasetId (clause 5.5.8). */
export function putInstances(into: JsonObject, name: string, fragments: readonly InstanceFragment[]): void {
  const instances = new Map(instancesIn(into, name).map((instance) => [datasetOf(instance), instance]))
  for (const { dataset, instance } of fragments) {
    if (instance === undefined) instances.delete(dataset)
    else instances.set(dataset, instance)
  }
  if (instances.size > 0) into[name] = attributeOf([...instances.values()])
  else Reflect.deleteProperty(into, name)
}
