/** Where the relationships of an entity lead (ETSI GS CIM 009 V1.9.1, clauses 4.5.3, 4.5.22, 4.5.23). */
import type { Json } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import type { AttributeInstance, Entity } from './entity.ts'
import { attributeNames, datasetOf, instancesOf } from './entity.ts'
import { isAttributeKind } from './kinds.ts'
import type { Projection } from './member-tree.ts'
import { linkedProjection, shows } from './member-tree.ts'

/** What is shown of an entity, as far as it decides which relationships are. Names are core names. */
export interface ShownPart extends Projection {
  readonly attributes?: ReadonlySet<string>
  readonly datasets?: ReadonlySet<string>
}

/** One way to another entity, and what is to be shown of that one. */
export interface Link {
  readonly uri: string
  readonly projection: Projection
}

/** The links of all relationships that are shown, those in sub-attributes too. The same URI may come several times. */
export function linksOf(entity: Entity, shown: ShownPart): readonly Link[] {
  const { attributes, datasets } = shown
  return attributeNames(entity).flatMap((name) => {
    if (attributes?.has(name) === false || !shows(shown, name)) return []
    const instances = instancesOf(entity, name).filter((one) => datasets?.has(datasetOf(one)) !== false)
    const projection = linkedProjection(shown, name)
    return instances.flatMap(urisIn).map((uri) => ({ uri, projection }))
  })
}

function urisIn(instance: AttributeInstance): readonly string[] {
  const subAttributes = Object.values(instance).flatMap((value) => asArray(value).filter(isInstance))
  return [...targetsOf(instance), ...subAttributes.flatMap(urisIn)]
}

function targetsOf(instance: AttributeInstance): readonly string[] {
  if (instance.type === 'Relationship') return asArray(instance['object'] ?? []).filter(isText)
  if (instance.type !== 'ListRelationship') return []
  return asArray(instance['objectList'] ?? [])
    .map((item) => (isObject(item) ? item['object'] : item))
    .filter(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isInstance(value: Json): value is AttributeInstance {
  return isObject(value) && isAttributeKind(value['type'])
}
