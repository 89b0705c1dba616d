import type { JsonObject } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { notFound } from '../../core/errors.ts'
import { readTypeName } from '../../core/model/names.ts'
import type { Call } from '../call.ts'
import { sourceAliasOf } from '../call.ts'
import { describeType, describeTypes, shownNames } from './describe.ts'

// Counters serve the unfiltered view alone. Once `visibilityOf` can say less than `all`, these operations have to count
// what a bounded query under it finds, and this is the place to part the two.

/** Retrieve Available Entity Types (clause 5.7.5). Throws NonexistentTenant. */
export async function retrieveTypes(call: Call, context: CompiledContext): Promise<JsonObject> {
  const types = await call.broker.store.discovery.types(call.space)
  return {
    id: `urn:ngsi-ld:EntityTypeList:${sourceAliasOf(call)}`,
    type: 'EntityTypeList',
    typeList: shownNames(context, types),
  }
}

/** Retrieve Details of Available Entity Types (clause 5.7.6). Throws NonexistentTenant. */
export async function retrieveTypeDetails(call: Call, context: CompiledContext): Promise<readonly JsonObject[]> {
  const { discovery } = call.broker.store
  const [types, typed] = await Promise.all([
    discovery.types(call.space),
    discovery.typedAttributes({ space: call.space }),
  ])
  return describeTypes(context, types, typed)
}

/**
 * Retrieve Available Entity Type Information (clause 5.7.7) of a type by its name in the context, or its IRI. Throws
 * BadRequestData when that is no name, ResourceNotFound when no entity has the type, NonexistentTenant.
 */
export async function retrieveTypeInfo(call: Call, context: CompiledContext, name: string): Promise<JsonObject> {
  const { space } = call
  const type = readTypeName(context, name, 'type')
  const { discovery } = call.broker.store
  const [entityCount, typed] = await Promise.all([
    discovery.countEntities(space, type),
    discovery.typedAttributes({ space, type }),
  ])
  if (entityCount === 0) throw notFound(`type: no entity has the type ${name}`)
  return describeType(context, { type, entityCount }, typed)
}
