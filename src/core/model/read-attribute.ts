/**
 * Reads an attribute as a client sends it, normalized or concise, into instances with core names.
 *
 * One recursion validates, tells the kind and expands names, so that messages can name the member as the client wrote it.
 * Source: ETSI GS CIM 009 V1.9.1, clauses 4.5.2 to 4.5.24 (kinds), 4.5.5 (multi-attribute), C.2.2 (concise), 4.5.0 (null).
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import { timeKey } from '../../base/time.ts'
import type { CompiledContext } from '../context/tables.ts'
import { expandVocab } from '../context/names.ts'
import { badRequestData } from '../errors.ts'
import type { AttributeInstance } from './entity.ts'
import { attributeOf, DEFAULT_DATASET } from './entity.ts'
import { looksLikeGeometry } from './geometry.ts'
import type { AttributeKind } from './kinds.ts'
import { isAttributeKind, valueMemberOf, valueMembers } from './kinds.ts'
import { isUri, NGSI_NULL, readSubAttributeName } from './names.ts'
import { isNgsiNull, readValue } from './read-value.ts'

/** What a reader allows: whole attributes, or fragments in which the NGSI-LD Null deletes. */
export interface ReadMode {
  readonly context: CompiledContext
  readonly nullDeletes: boolean
}

/** One instance as sent: what to store, or (without `instance`) that the one with this datasetId is to be deleted. */
export interface InstanceFragment {
  /** The datasetId, `@none` for the default instance. */
  readonly dataset: string
  readonly instance?: AttributeInstance
}

/** The instances of one attribute. Throws BadRequestData naming the member at fault. */
export function readAttribute(mode: ReadMode, raw: Json, path: string): readonly InstanceFragment[] {
  if (!isMultiAttribute(raw)) return [readInstance(mode, raw, path)]
  const instances = raw.map((item, index) => readInstance(mode, item, `${path}[${String(index)}]`))
  const datasets = new Set<string>()
  for (const { dataset } of instances) {
    if (datasets.has(dataset)) throw badRequestData(`${path}: two instances with datasetId ${dataset}`)
    datasets.add(dataset)
  }
  return instances
}

/**
 * An array is a multi-attribute when its items are objects of which one is normalized, or has a datasetId beside a value
 * member. Any other array is the value of a concise Property: lists of objects with a member `value` occur in real models.
 */
function isMultiAttribute(raw: Json): raw is JsonObject[] {
  return Array.isArray(raw) && raw.every(isObject) && raw.some((item) => isNormalized(item) || isConciseDataset(item))
}

function isNormalized(item: JsonObject): boolean {
  return isAttributeKind(item['type'] ?? item['@type'])
}

function isConciseDataset(item: JsonObject): boolean {
  return Object.hasOwn(item, 'datasetId') && valueMemberIn(item) !== undefined
}

function valueMemberIn(item: JsonObject): string | undefined {
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
function kindOf(raw: JsonObject, path: string): AttributeKind | undefined {
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
  if (!mode.nullDeletes) throw badRequestData(`${path}: the NGSI-LD Null has no place here (clause 5.5.4)`)
  return { dataset: readDatasetId(raw['datasetId'], path) ?? DEFAULT_DATASET }
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

interface Member {
  readonly kind: AttributeKind
  readonly name: string
  readonly value: Json
  readonly into: JsonObject
}

/** Reads one member that is not the value: a non-reified one by its own rule, a sub-attribute by recursion. */
export function readMember(mode: ReadMode, member: Member, path: string): void {
  const { name, value, into } = member
  if (name === 'type' || name === '@type' || readOnlyMembers.has(name)) return
  if (valueMembers.has(name)) throw badRequestData(`${path}: '${name}' has no place in a ${member.kind}`)
  const read = nonReified[name]
  if (read !== undefined && Object.hasOwn(nonReified, name)) {
    const result = read(mode, member, path)
    if (result !== undefined) into[name] = result
    return
  }
  if (name.startsWith('@') || name === 'id') throw badRequestData(`${path}: '${name}' has no place in an attribute`)
  const subName = readSubAttributeName(mode.context, name, path)
  const instances = readAttribute({ ...mode, nullDeletes: false }, value, path)
  into[subName] = attributeOf(instances.flatMap((fragment) => fragment.instance ?? []))
}

/** Members that the broker alone writes: ignored when a client sends them (clause 5.2.2). */
const readOnlyMembers: ReadonlySet<string> = new Set(['createdAt', 'modifiedAt', 'deletedAt', 'instanceId'])

type ReadMember = (mode: ReadMode, member: Member, path: string) => Json | undefined

const nonReified: Readonly<Record<string, ReadMember>> = {
  datasetId: (_mode, { value }, path) => readDatasetId(value, path),
  observedAt: (_mode, { value }, path) => readDateTime(value, path),
  expiresAt: (_mode, { value }, path) => readDateTime(value, path),
  unitCode: readUnitCode,
  valueType: readValueType,
  objectType: readObjectType,
}

function readDatasetId(value: Json | undefined, path: string): string | undefined {
  if (value === undefined || value === DEFAULT_DATASET) return undefined
  // Also refuses the NGSI-LD Null: a datasetId cannot be nulled away (clause 5.5.8).
  if (!isUri(value) || value === NGSI_NULL)
    throw badRequestData(`${path}: datasetId ${JSON.stringify(value)} is not a URI`)
  return value
}

/** A DateTime as it is kept: as sent, a comma before the fraction becoming a point (clause 4.6.3). */
export function readDateTime(value: Json, path: string): string {
  if (typeof value !== 'string' || timeKey(value) === undefined) {
    throw badRequestData(
      `${path}: ${JSON.stringify(value)} is not a DateTime (YYYY-MM-DDThh:mm:ss, at most 6 fraction digits, Z; no offset)`,
    )
  }
  return value.replace(',', '.')
}

const withUnit: ReadonlySet<AttributeKind> = new Set(['Property', 'ListProperty', 'GeoProperty'])
const withValueType: ReadonlySet<AttributeKind> = new Set([
  'Property',
  'ListProperty',
  'GeoProperty',
  'LanguageProperty',
  'JsonProperty',
  'VocabProperty',
])
const withObjectType: ReadonlySet<AttributeKind> = new Set(['Relationship', 'ListRelationship'])

function requireKind(allowed: ReadonlySet<AttributeKind>, { kind, name }: Member, path: string): void {
  if (!allowed.has(kind)) throw badRequestData(`${path}: '${name}' has no place in a ${kind}`)
}

function readUnitCode(_mode: ReadMode, member: Member, path: string): Json {
  requireKind(withUnit, member, path)
  if (typeof member.value !== 'string' || member.value === '') throw badRequestData(`${path}: unitCode is a text`)
  return member.value
}

function readValueType(mode: ReadMode, member: Member, path: string): Json {
  requireKind(withValueType, member, path)
  return readVocabulary(mode, member.value, path)
}

function readObjectType(mode: ReadMode, member: Member, path: string): Json {
  requireKind(withObjectType, member, path)
  return readVocabulary(mode, member.value, path)
}

function readVocabulary(mode: ReadMode, value: Json, path: string): Json {
  const names = asArray<Json>(value).map((item) => {
    if (typeof item !== 'string' || item === '') throw badRequestData(`${path}: a name or a list of names is expected`)
    return expandVocab(mode.context, item)
  })
  if (names.length === 0) throw badRequestData(`${path}: the list is empty`)
  return Array.isArray(value) ? names : (names[0] ?? '')
}
