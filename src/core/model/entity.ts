/**
 * The entity as Estran holds it: normalized JSON whose names are core names (see `core/context/core.ts`).
 *
 * The shape is the one that an answer in the core @context has, so that such an answer is the stored text as it is.
 * System timestamps are not part of it (`times.ts`); `expiresAt` is, and is taken off on the way out (`render/entity.ts`).
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import type { AttributeKind } from './kinds.ts'

/** One instance of an attribute, normalized (clause 4.5.2 ff.): `type`, its value member, datasetId, sub-attributes. */
export interface AttributeInstance extends JsonObject {
  type: AttributeKind
}

/** An attribute: its one instance, or several that differ by `datasetId` (clause 4.5.5). */
export type Attribute = AttributeInstance | AttributeInstance[]

/** An entity: `id`, `type`, optional `scope` and `expiresAt`; every other member is an attribute. */
export interface Entity extends JsonObject {
  id: string
  type: string | string[]
}

/** Members of an entity that are not attributes; only a notification says when one was deleted. */
const entityMembers: ReadonlySet<string> = new Set(['id', 'type', 'scope', 'expiresAt', 'deletedAt'])

/** The key of the default instance in tables keyed by datasetId (clause 4.5.5: `@none` in equals no datasetId). */
export const DEFAULT_DATASET = '@none'

/** The names of an entity's attributes, in stored order. */
export function attributeNames(entity: Entity): string[] {
  const names: string[] = []
  for (const name of Object.keys(entity)) if (!entityMembers.has(name)) names.push(name)
  return names
}

/** An entity's types, always as a list (clause 4.16). */
export function entityTypes(entity: Entity): readonly string[] {
  return asArray(entity.type)
}

/** An entity's scopes, always as a list; empty when it has none (clause 4.18). */
export function entityScopes(entity: Entity): readonly string[] {
  const scope = entity['scope']
  return scope === undefined ? [] : (asArray(scope) as readonly string[])
}

/** The instances of one attribute; empty when the entity has no such attribute. */
export function instancesOf(entity: Entity, name: string): readonly AttributeInstance[] {
  return entityMembers.has(name) ? [] : instancesIn(entity, name)
}

/** The instances of a member that is an attribute or a sub-attribute; empty when the holder has none of that name. */
export function instancesIn(holder: JsonObject, name: string): readonly AttributeInstance[] {
  return Object.hasOwn(holder, name) ? asArray(holder[name] as Attribute) : []
}

/** The datasetId of an instance, `@none` for the default one. */
export function datasetOf(instance: JsonObject): string {
  const datasetId = instance['datasetId']
  return typeof datasetId === 'string' ? datasetId : DEFAULT_DATASET
}

/** The member form of a list of instances: alone when it is one, else the array. */
export function attributeOf(instances: readonly AttributeInstance[]): Json {
  const [first] = instances
  return instances.length === 1 && first !== undefined ? first : [...instances]
}
