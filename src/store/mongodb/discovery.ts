/**
 * Discovery from the indexes of the arrays that each entity's document keeps for it. `distinct` steps from one value of an
 * index to the next, and a count stays inside the index: neither filter names a member that the index lacks. Tombstones
 * have none of these arrays.
 */
import type { Filter } from 'mongodb'
import type { Space } from '../../core/model/space.ts'
import type { DiscoveryStore, TypedAttribute, TypedAttributesRequest } from '../port.ts'
import type { LiveDocument } from './entity-document.ts'
import { call } from './errors.ts'
import { repetitionOf, typedAttributeOf } from './facets.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'
import type { Spaces } from './spaces.ts'

type Listed = 'types' | 'attributes' | 'facets'

export function createDiscovery({ liveEntities }: Collections, spaces: Spaces): DiscoveryStore {
  const list = async (space: Space, member: Listed): Promise<readonly string[]> => {
    const [values] = await Promise.all([call(liveEntities.distinct(member, { space }, bounded)), spaces.require(space)])
    return values.map(String)
  }
  const count = async (filter: Filter<LiveDocument> & { readonly space: Space }): Promise<number> => {
    const [number] = await Promise.all([
      call(liveEntities.countDocuments(filter, bounded)),
      spaces.require(filter.space),
    ])
    return number
  }
  return {
    types: (space) => list(space, 'types'),
    attributes: (space) => list(space, 'attributes'),
    typedAttributes: async (request) =>
      (await list(request.space, 'facets')).flatMap((facet) => asked(request, typedAttributeOf(facet))),
    countEntities: (space, type) => count({ space, types: type }),
    countInstances: async (space, attribute) => {
      const once = await count({ space, attributes: attribute })
      // Those of an entity that has several are counted again, less the one that is counted already.
      const more = (await list(space, 'facets')).map(async (facet) => {
        const repetition = repetitionOf(facet, attribute)
        return repetition === undefined ? 0 : (repetition - 1) * (await count({ space, facets: facet }))
      })
      return (await Promise.all(more)).reduce((sum, number) => sum + number, once)
    },
  }
}

function asked(request: TypedAttributesRequest, found: TypedAttribute | undefined): TypedAttribute[] {
  if (found === undefined) return []
  const { type = found.type, attribute = found.attribute } = request
  return type === found.type && attribute === found.attribute ? [found] : []
}
