/** `/attributes` and `/attributes/{attrId}` (ETSI GS CIM 009 V1.9.1, clauses 6.27, 6.28): attributes as such, of no entity. */
import {
  retrieveAttributeDetails,
  retrieveAttributeInfo,
  retrieveAttributes,
} from '../../operations/discovery/retrieve-attributes.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { readFlag } from '../parameters.ts'
import { linkContext } from '../read-body.ts'
import { jsonAnswer } from '../write-answer.ts'

export const attributeNameRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/attributes',
    parameters: ['details'],
    about: {
      id: 'retrieveAttrTypes',
      summary: 'List the attributes that entities have, with details=true the types of these too',
      clause: '5.7.8',
      answers: { 200: 'AttributeList' },
    },
    handle: getAttributes,
  },
  {
    method: 'GET',
    path: '/attributes/:attrId',
    parameters: [],
    about: {
      id: 'retrieveAttrTypeInfo',
      summary: 'Read how many instances an attribute has, of which kinds and on which types',
      clause: '5.7.10',
      answers: { 200: 'Attribute' },
    },
    handle: getAttribute,
  },
]

async function getAttributes(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  const details = readFlag(request.query, 'details')
  const context = await linkContext(exchange)
  const retrieve = details ? retrieveAttributeDetails : retrieveAttributes
  return jsonAnswer(await retrieve(call, context), media, context)
}

async function getAttribute(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  const context = await linkContext(exchange)
  return jsonAnswer(await retrieveAttributeInfo(call, context, request.params['attrId'] ?? ''), media, context)
}
