/**
 * The texts by which entities are found and counted for discovery, in an array of each entity's document. They are JSON
 * arrays, since names may hold any character that could part them: `["TideGauge","level","Property"]` says that an entity of
 * the type has the attribute in the kind, `["level",3]` that it has three instances of it. That of one instance is left out.
 */
import type { Entity } from '../../core/model/entity.ts'
import { entityTypes } from '../../core/model/entity.ts'
import { attributeFacets } from '../../core/model/facets.ts'
import { isAttributeKind } from '../../core/model/kinds.ts'
import type { TypedAttribute } from '../port.ts'

/** The facets of an entity. */
export function facetsOf(entity: Entity): readonly string[] {
  const facets = attributeFacets(entity)
  const typed = entityTypes(entity).flatMap((type) =>
    facets.map(({ attribute, kind }) => JSON.stringify([type, attribute, kind])),
  )
  const instances = new Map<string, number>()
  for (const facet of facets) instances.set(facet.attribute, (instances.get(facet.attribute) ?? 0) + facet.instances)
  const several = Array.from(instances).filter(([, number]) => number > 1)
  return [...typed, ...several.map((repetition) => JSON.stringify(repetition))]
}

/** What a facet says of a type; undefined when it says something else. */
export function typedAttributeOf(facet: string): TypedAttribute | undefined {
  const [type, attribute, kind] = JSON.parse(facet) as readonly unknown[]
  if (typeof type !== 'string' || typeof attribute !== 'string' || !isAttributeKind(kind)) return undefined
  return { type, attribute, kind }
}

/** How many instances of an attribute a facet speaks of; undefined when it says something else. */
export function repetitionOf(facet: string, attribute: string): number | undefined {
  const [name, number] = JSON.parse(facet) as readonly unknown[]
  return name === attribute && typeof number === 'number' ? number : undefined
}
