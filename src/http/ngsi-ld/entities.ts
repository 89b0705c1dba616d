/** `/entities` and `/entities/{entityId}` (ETSI GS CIM 009 V1.9.1, clauses 6.4, 6.5). */
import { createEntity } from '../../operations/entities/create-entity.ts'
import { deleteEntity } from '../../operations/entities/delete-entity.ts'
import { queryEntities } from '../../operations/entities/query-entities.ts'
import { retrieveEntity } from '../../operations/entities/retrieve-entity.ts'
import { and } from '../../core/query/ast.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { readFlag, readPaging, readRepresentation } from '../parameters.ts'
import { cursorOf, cursorPageHeaders } from '../paging.ts'
import { linkContext, readBody } from '../read-body.ts'
import { created, listAnswer, noContent, objectAnswer } from '../write-answer.ts'
import { attributesFilter, entityFilter, readAttrs, typeFilter } from './entity-filter.ts'
import { entityText, renderOptions } from './representation.ts'

const selection = ['type', 'attrs', 'format', 'options', 'local']
const paging = ['limit', 'offset', 'count', 'cursor']

export const entityRoutes: readonly Route[] = [
  { method: 'POST', path: '/entities', parameters: ['local'], handle: postEntity },
  { method: 'GET', path: '/entities', parameters: ['id', 'idPattern', ...selection, ...paging], handle: getEntities },
  { method: 'GET', path: '/entities/:entityId', parameters: selection, handle: getEntity },
  { method: 'DELETE', path: '/entities/:entityId', parameters: ['local'], handle: removeEntity },
]

async function postEntity(exchange: Exchange): Promise<Answer> {
  const { json, context } = await readBody(exchange)
  const id = await createEntity(exchange.call, context, json)
  return created('/ngsi-ld/v1/entities', id)
}

async function getEntity(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  readFlag(request.query, 'local')
  const representation = readRepresentation(request.query)
  const context = await linkContext(exchange)
  const attrs = readAttrs(context, request.query)
  const filter = and(typeFilter(context, request.query), attributesFilter(attrs))
  const entity = await retrieveEntity(call, request.params['entityId'] ?? '', filter)
  return objectAnswer(entityText(entity, renderOptions(context, representation, attrs)), media, context)
}

async function getEntities(exchange: Exchange): Promise<Answer> {
  const { request, call, limits } = exchange
  const media = acceptedMedia(request)
  const representation = readRepresentation(request.query)
  const page = readPaging(request.query, limits)
  const context = await linkContext(exchange)
  const attrs = readAttrs(context, request.query)
  const filter = entityFilter(context, request.query, attrs)
  const answer = await queryEntities(call, { filter, ...page, ...cursorOf(request.query) })
  const options = renderOptions(context, representation, attrs)
  const list = listAnswer(
    answer.entities.map((entity) => entityText(entity, options)),
    media,
    context,
  )
  const { next, count: total } = answer
  const answered = { ...page, media, ...(next !== undefined && { next }), ...(total !== undefined && { total }) }
  return { ...list, headers: { ...list.headers, ...cursorPageHeaders(request, answered, list.headers['link']) } }
}

async function removeEntity({ request, call }: Exchange): Promise<Answer> {
  await deleteEntity(call, request.params['entityId'] ?? '')
  return noContent
}
