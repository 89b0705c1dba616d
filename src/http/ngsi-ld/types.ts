/** `/types` and `/types/{type}` (ETSI GS CIM 009 V1.9.1, clauses 6.25, 6.26). */
import { retrieveTypeDetails, retrieveTypeInfo, retrieveTypes } from '../../operations/discovery/retrieve-types.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { readFlag } from '../parameters.ts'
import { linkContext } from '../read-body.ts'
import { jsonAnswer } from '../write-answer.ts'

export const typeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/types',
    parameters: ['details'],
    about: {
      id: 'retrieveEntityTypes',
      summary: 'List the types that entities have, with details=true their attributes too',
      clause: '5.7.5',
      answers: { 200: 'EntityTypeList' },
    },
    handle: getTypes,
  },
  {
    method: 'GET',
    path: '/types/:type',
    parameters: [],
    about: {
      id: 'retrieveEntityTypeInfo',
      summary: 'Read how many entities have a type, and their attributes',
      clause: '5.7.7',
      answers: { 200: 'EntityTypeInfo' },
    },
    handle: getType,
  },
]

async function getTypes(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  const details = readFlag(request.query, 'details')
  const context = await linkContext(exchange)
  const retrieve = details ? retrieveTypeDetails : retrieveTypes
  return jsonAnswer(await retrieve(call, context), media, context)
}

async function getType(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  const context = await linkContext(exchange)
  return jsonAnswer(await retrieveTypeInfo(call, context, request.params['type'] ?? ''), media, context)
}
