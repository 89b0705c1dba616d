/**
 * What an entity adds to what its space is known to hold (ETSI GS CIM 009 V1.9.1, clauses 5.7.5 to 5.7.10): its types, and the
 * kinds of its attributes.
 */
import type { Json } from '../../base/json.ts'
import { jsonEqual } from '../../base/json.ts'
import type { Attribute, AttributeInstance, Entity } from './entity.ts'
import { attributeNames, instancesOf } from './entity.ts'
import type { AttributeKind } from './kinds.ts'

/** How many instances of one kind an attribute of an entity has; mostly one. */
export interface AttributeFacet {
  readonly attribute: string
  readonly kind: AttributeKind
  readonly instances: number
}

/** The attributes of an entity, each once for every kind that its instances are of. */
export function attributeFacets(entity: Entity): AttributeFacet[] {
  return attributeNames(entity).flatMap((attribute) => facetsOf(attribute, entity[attribute] as Attribute))
}

function facetsOf(attribute: string, value: Attribute): AttributeFacet[] {
  if (!Array.isArray(value)) return [{ attribute, kind: value.type, instances: 1 }]
  const byKind = Map.groupBy(value, ({ type }) => type)
  return Array.from(byKind, ([kind, { length }]) => ({ attribute, kind, instances: length }))
}

/** A text that is the same for entities of the same types and attributes in the same order, and for no others. */
export function shapeOf(entity: Entity): string {
  const shape: Json[] = [entity.type]
  for (const name of attributeNames(entity)) {
    const value = entity[name] as Attribute
    shape.push(name, Array.isArray(value) ? value.map(({ type }) => type) : value.type)
  }
  return JSON.stringify(shape)
}

/** False when one state may have other types, or attributes of other kinds: an attribute left alone is the same object in both. */
export function haveSameFacets(before: Entity, after: Entity): boolean {
  if (before.type !== after.type && !jsonEqual(before.type, after.type)) return false
  const names = attributeNames(after)
  if (names.length !== attributeNames(before).length) return false
  return names.every(
    (name) => before[name] === after[name] || areOfSameKinds(instancesOf(before, name), instancesOf(after, name)),
  )
}

function areOfSameKinds(before: readonly AttributeInstance[], after: readonly AttributeInstance[]): boolean {
  return before.length === after.length && before.every(({ type }, index) => type === after[index]?.type)
}
