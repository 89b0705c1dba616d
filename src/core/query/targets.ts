/** What a path of a query leads to in an entity (ETSI GS CIM 009 V1.9.1, clause 4.9). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { AttributeInstance, Entity } from '../model/entity.ts'
import { datasetOf, instancesOf } from '../model/entity.ts'
import type { AttributeKind } from '../model/kinds.ts'
import { isAttributeKind, valueMemberOf } from '../model/kinds.ts'
import type { SystemTimes } from '../model/times.ts'
import { instanceTimes } from '../model/times.ts'
import type { Path } from './ast.ts'

/** One thing that a comparison looks at. Relationship targets compare as URIs, and only for equality. */
export interface Target {
  readonly value: Json
  readonly isUri: boolean
  /** The value is a core name, or a list of them: it compares with the name that an operand stands for. */
  readonly isVocab?: true
  /** The value lists the texts of a languageMap: any one of them is the target value. */
  readonly isLanguages?: true
}

export interface Subject {
  readonly entity: Entity
  readonly times: SystemTimes
  /** The entity that a relationship leads to, where it is at hand; absent: no filter on linked entities holds. */
  readonly entityOf?: (id: string) => Subject | undefined
}

/** The targets of a path, one per attribute instance (any instance may match); none when the path leads nowhere. */
export function targetsOf(subject: Subject, path: Path): readonly Target[] {
  const ofEntity = entityMember(subject, path)
  if (ofEntity !== undefined) return [{ value: ofEntity, isUri: false }]
  return instancesOf(subject.entity, path.attribute).flatMap((instance) => {
    const [created, modified] = instanceTimes(subject.times, path.attribute, datasetOf(instance))
    const system = { createdAt: dateTimeOf(created), modifiedAt: dateTimeOf(modified) }
    return descend({ ...system, ...instance }, path.members).flatMap((node) => valueTargets(node, path))
  })
}

/** `createdAt` and `modifiedAt` standing alone are the entity's own. */
function entityMember({ entity, times }: Subject, path: Path): string | undefined {
  if (path.members.length > 0 || path.keys.length > 0) return undefined
  if (path.attribute === 'createdAt') return dateTimeOf(times.created)
  if (path.attribute === 'modifiedAt') return dateTimeOf(times.modified)
  const expiresAt = path.attribute === 'expiresAt' ? entity['expiresAt'] : undefined
  return typeof expiresAt === 'string' ? expiresAt : undefined
}

/** Follows sub-attributes and system members; what has no such member is left out. */
function descend(node: Json, members: readonly string[]): readonly Json[] {
  const [member, ...rest] = members
  if (member === undefined) return [node]
  if (!isObject(node) || !Object.hasOwn(node, member)) return []
  return asArray(node[member] ?? null).flatMap((next) => descend(next, rest))
}

function valueTargets(node: Json, path: Path): readonly Target[] {
  if (!isInstance(node)) return path.keys.length === 0 ? [{ value: node, isUri: false }] : []
  const value = node[valueMemberOf(node.type)] ?? null
  return readers[node.type](value, path)
}

function isInstance(node: Json): node is AttributeInstance {
  return isObject(node) && isAttributeKind(node['type'])
}

type ReadTargets = (value: Json, path: Path) => readonly Target[]

const readers: Readonly<Record<AttributeKind, ReadTargets>> = {
  Property: (value, { keys }) => insideValue(value, keys),
  GeoProperty: (value, { keys }) => insideValue(value, keys),
  // Nothing inside it is ever expanded (clause 4.5.24).
  JsonProperty: (value, { keys, rawKeys }) => insideValue(value, rawKeys ?? keys),
  ListProperty: (value, { keys }) => insideValue(value, keys),
  VocabProperty: (value, { keys }) => (keys.length === 0 ? [{ value, isUri: false, isVocab: true }] : []),
  LanguageProperty: (value, { keys, rawKeys }) => readLanguages(value, rawKeys ?? keys),
  Relationship: (value, { keys }) => (keys.length === 0 ? [{ value, isUri: true }] : []),
  ListRelationship: (value, { keys }) =>
    keys.length === 0 ? [{ value: asArray(value).map(objectIn), isUri: true }] : [],
}

function objectIn(item: Json): Json {
  return isObject(item) ? (item['object'] ?? item) : item
}

/** `[a.b]` enters a JSON value as member access does; what is not there counts as absent. */
function insideValue(value: Json, keys: readonly string[]): readonly Target[] {
  let inner: Json | undefined = value
  for (const key of keys) inner = isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined
  return inner === undefined ? [] : [{ value: plain(inner), isUri: false }]
}

/** A typed value compares by its content. */
function plain(value: Json): Json {
  return isObject(value) && Object.hasOwn(value, '@value') ? (value['@value'] ?? null) : value
}

/** One language with `[fr]`, any language with `[*]` or without. */
function readLanguages(value: Json, keys: readonly string[]): readonly Target[] {
  const [tag, ...more] = keys
  if (!isObject(value) || more.length > 0) return []
  const texts = tag === undefined || tag === '*' ? Object.values(value) : languageOf(value, tag)
  return texts.length === 0 ? [] : [{ value: texts.flatMap((text) => asArray(text)), isUri: false, isLanguages: true }]
}

function languageOf(map: JsonObject, tag: string): Json[] {
  return Object.entries(map).flatMap(([name, text]) => (name.toLowerCase() === tag.toLowerCase() ? [text] : []))
}
