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
    return descend({ ...system, ...instance }, path.members).flatMap((node) => valueTargets(node, path.keys))
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

function valueTargets(node: Json, keys: readonly string[]): readonly Target[] {
  if (!isInstance(node)) return keys.length === 0 ? [{ value: node, isUri: false }] : []
  const value = node[valueMemberOf(node.type)] ?? null
  return readers[node.type](value, keys)
}

function isInstance(node: Json): node is AttributeInstance {
  return isObject(node) && isAttributeKind(node['type'])
}

type ReadTargets = (value: Json, keys: readonly string[]) => readonly Target[]

const readers: Readonly<Record<AttributeKind, ReadTargets>> = {
  Property: insideValue,
  GeoProperty: insideValue,
  JsonProperty: insideValue,
  ListProperty: insideValue,
  VocabProperty: insideValue,
  LanguageProperty: readLanguages,
  Relationship: (value) => [{ value, isUri: true }],
  ListRelationship: (value) => [
    { value: asArray(value).map((item) => (isObject(item) ? (item['object'] ?? item) : item)), isUri: true },
  ],
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
  if (!isObject(value)) return []
  const [tag] = keys
  const texts = tag === undefined || tag === '*' ? Object.values(value) : languageOf(value, tag)
  return texts.length === 0 ? [] : [{ value: texts.flatMap((text) => asArray(text)), isUri: false }]
}

function languageOf(map: JsonObject, tag: string): Json[] {
  return Object.entries(map).flatMap(([name, text]) => (name.toLowerCase() === tag.toLowerCase() ? [text] : []))
}
