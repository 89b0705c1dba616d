/** Reads of `/entities` and `/entities/{entityId}` (ETSI GS CIM 009 V1.9.1, clauses 6.4, 6.5). */
import { queryEntities } from '../../operations/entities/query-entities.ts'
import { retrieveEntity } from '../../operations/entities/retrieve-entity.ts'
import { and } from '../../core/query/ast.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import type { ParameterName } from '../openapi/parameters.ts'
import { acceptedMedia } from '../headers.ts'
import { readFlag, readPaging, readRepresentation } from '../parameters.ts'
import { cursorOf, cursorPageHeaders } from '../paging.ts'
import { linkContext } from '../read-body.ts'
import { listAnswer, objectAnswer } from '../write-answer.ts'
import { attributesFilter, entityFilter, readAttrs, typeFilter } from './entity-filter.ts'
import { entityText, renderOptions } from './representation.ts'

const selection: readonly ParameterName[] = ['type', 'attrs', 'format', 'options', 'local']
const paging: readonly ParameterName[] = ['limit', 'offset', 'count', 'cursor']

export const entityReadRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/entities',
    parameters: ['id', 'idPattern', ...selection, ...paging],
    about: {
      id: 'queryEntity',
      summary: 'Query entities',
      clause: '5.7.2',
      answers: { 200: 'EntityList' },
    },
    handle: getEntities,
  },
  {
    method: 'GET',
    path: '/entities/:entityId',
    parameters: selection,
    about: {
      id: 'retrieveEntity',
      summary: 'Read one entity',
      clause: '5.7.1',
      answers: { 200: 'Entity' },
    },
    handle: getEntity,
  },
]

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
