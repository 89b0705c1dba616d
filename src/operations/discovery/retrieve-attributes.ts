import type { JsonObject } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { notFound } from '../../core/errors.ts'
import { readAttributeName } from '../../core/model/names.ts'
import type { Call } from '../call.ts'
import { sourceAliasOf } from '../call.ts'
import { describeAttribute, describeAttributes, shownNames } from './describe.ts'

/** Retrieve Available Attributes (clause 5.7.8). Throws NonexistentTenant. */
export async function retrieveAttributes(call: Call, context: CompiledContext): Promise<JsonObject> {
  const attributes = await call.broker.store.discovery.attributes(call.space)
  return {
    id: `urn:ngsi-ld:AttributeList:${sourceAliasOf(call)}`,
    type: 'AttributeList',
    attributeList: shownNames(context, attributes),
  }
}

/** Retrieve Details of Available Attributes (clause 5.7.9). Throws NonexistentTenant. */
export async function retrieveAttributeDetails(call: Call, context: CompiledContext): Promise<readonly JsonObject[]> {
  return describeAttributes(context, await call.broker.store.discovery.typedAttributes({ space: call.space }))
}

/**
 * Retrieve Available Attribute Information (clause 5.7.10) of an attribute by its name in the context, or its IRI. Throws
 * BadRequestData when that is no name, ResourceNotFound when no entity has the attribute, NonexistentTenant.
 */
export async function retrieveAttributeInfo(call: Call, context: CompiledContext, name: string): Promise<JsonObject> {
  const { space } = call
  const attribute = readAttributeName(context, name, 'attrId')
  const { discovery } = call.broker.store
  const [attributeCount, typed] = await Promise.all([
    discovery.countInstances(space, attribute),
    discovery.typedAttributes({ space, attribute }),
  ])
  if (attributeCount === 0) throw notFound(`attrId: no entity has the attribute ${name}`)
  return describeAttribute(context, { attribute, attributeCount }, typed)
}
