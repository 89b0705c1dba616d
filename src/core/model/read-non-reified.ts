/** Reads the members of an attribute that are neither its value nor sub-attributes (ETSI GS CIM 009 V1.9.1, clause 4.5.2.2). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import { timeKey } from '../../base/time.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import { expandVocab } from '../context/names.ts'
import type { CompiledContext } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import { DEFAULT_DATASET } from './entity.ts'
import type { AttributeKind } from './kinds.ts'
import { valueMembers } from './kinds.ts'
import { isUri } from './names.ts'

/** What a reader allows: whole attributes, or fragments in which the NGSI-LD Null deletes. */
export interface ReadMode {
  readonly context: CompiledContext
  readonly nullDeletes: boolean
  /** True inside an attribute named `ngsildproof`. */
  readonly isProof?: boolean
}

/** A member of an attribute of some kind, and the instance that it goes into. */
export interface Member {
  readonly kind: AttributeKind
  readonly name: string
  readonly value: Json
  readonly into: JsonObject
}

type ReadMember = (mode: ReadMode, member: Member, path: string) => Json | undefined

/**
 * Reads a member that is no sub-attribute; false, having done nothing, when it is one. Throws BadRequestData naming `path` for
 * a wrong value, for a member that has no place in this kind, and for a NGSI-LD Null where the mode does not take it.
 */
export function readNonReified(mode: ReadMode, member: Member, path: string): boolean {
  const { kind, name, into } = member
  if (ignored.has(name)) return true
  if (valueMembers.has(name)) throw badRequestData(`${path}: '${name}' has no place in a ${kind}`)
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (read === undefined) {
    if (name.startsWith('@') || name === 'id') throw badRequestData(`${path}: '${name}' has no place in an attribute`)
    return false
  }
  const result = isDeletion(mode, member, path) ? undefined : read(mode, member, path)
  if (result === undefined) Reflect.deleteProperty(into, name)
  else into[name] = result
  return true
}

/** True for a member that makes an object an attribute rather than a value. */
export function isNonReified(name: string): boolean {
  return Object.hasOwn(readers, name)
}

/** Throws BadRequestData where the NGSI-LD Null has no place (clause 5.5.4). */
export function allowDeletion({ nullDeletes }: ReadMode, path: string): void {
  if (!nullDeletes) throw badRequestData(`${path}: the NGSI-LD Null has no place here (clause 5.5.4)`)
}

/** A datasetId cannot be nulled away (clause 5.5.8): its reader refuses the NGSI-LD Null as it refuses what is no URI. */
function isDeletion(mode: ReadMode, { name, value }: Member, path: string): boolean {
  if (value !== NGSI_NULL || name === 'datasetId') return false
  allowDeletion(mode, path)
  return true
}

/** `type` is read before; the others are the broker's own, ignored when a client sends them (clause 5.2.2). */
const ignored: ReadonlySet<string> = new Set(['type', '@type', 'createdAt', 'modifiedAt', 'deletedAt', 'instanceId'])

const readers: Readonly<Record<string, ReadMember>> = {
  datasetId: (_mode, { value }, path) => readDatasetId(value, path),
  observedAt: (_mode, { value }, path) => readDateTime(value, path),
  expiresAt: (_mode, { value }, path) => readDateTime(value, path),
  unitCode: readUnitCode,
  valueType: readValueType,
  objectType: readObjectType,
  entityIdSealed: readSealedId,
  entityTypeSealed: readSealedType,
}

/** The datasetId of an attribute as sent, `@none` when it has none. Throws BadRequestData when it is no URI. */
export function readDataset(attribute: JsonObject, path: string): string {
  return readDatasetId(attribute['datasetId'], `${path}.datasetId`) ?? DEFAULT_DATASET
}

function readDatasetId(value: Json | undefined, path: string): string | undefined {
  if (value === undefined || value === DEFAULT_DATASET) return undefined
  if (!isUri(value) || value === NGSI_NULL) throw badRequestData(`${path}: ${JSON.stringify(value)} is not a URI`)
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
    if (typeof item !== 'string' || item === '' || item === NGSI_NULL)
      throw badRequestData(`${path}: a name or a list of names is expected`)
    return expandVocab(mode.context, item)
  })
  if (names.length === 0) throw badRequestData(`${path}: the list is empty`)
  return Array.isArray(value) ? names : (names[0] ?? '')
}

/** Clause 4.5.2.2: what the proof is about, in a property named `ngsildproof` and nowhere else. */
function requireProof({ isProof }: ReadMode, { name }: Member, path: string): void {
  if (isProof !== true) throw badRequestData(`${path}: '${name}' has its place in ngsildproof alone (clause 4.5.2.2)`)
}

function readSealedId(mode: ReadMode, member: Member, path: string): Json {
  requireProof(mode, member, path)
  if (!isUri(member.value)) throw badRequestData(`${path}: ${JSON.stringify(member.value)} is not a URI`)
  return member.value
}

function readSealedType(mode: ReadMode, member: Member, path: string): Json {
  requireProof(mode, member, path)
  return readVocabulary(mode, member.value, path)
}
