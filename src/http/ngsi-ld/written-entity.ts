/** The entity of a path as the target of a write (ETSI GS CIM 009 V1.9.1, clauses 4.17, 6.5 to 6.7). */
import type { CompiledContext } from '../../core/context/tables.ts'
import type { EntityRequest } from '../../operations/entities/append-attributes.ts'
import type { AttributeRequest } from '../../operations/entities/partial-update-attribute.ts'
import type { WrittenEntity } from '../../operations/existing.ts'
import { readIfMatch } from '../entity-tag.ts'
import type { Exchange } from '../exchange.ts'
import type { ParameterName } from '../openapi/parameters.ts'
import { readBody } from '../read-body.ts'
import { typeFilter } from './entity-filter.ts'

/** URL parameters of every write to one entity. */
export const writeParameters: readonly ParameterName[] = ['type', 'local']

/** The entity of the path, the types that it must have, and the version that If-Match asks for. */
export function readWrittenEntity({ request }: Exchange, context: CompiledContext): WrittenEntity {
  const mayChange = readIfMatch(request)
  return {
    id: request.params['entityId'] ?? '',
    selection: typeFilter(context, request.query),
    ...(mayChange !== undefined && { mayChange }),
  }
}

/** The target with the body that is meant for it. */
export async function readEntityRequest(exchange: Exchange): Promise<EntityRequest> {
  const { json, context } = await readBody(exchange)
  return { target: readWrittenEntity(exchange, context), context, body: json }
}

/** The same for one attribute of it. */
export async function readAttributeRequest(exchange: Exchange): Promise<AttributeRequest> {
  return { ...(await readEntityRequest(exchange)), attribute: exchange.request.params['attrId'] ?? '' }
}
