/** `/types`, `/attributes` and what is below them (ETSI GS CIM 009 V1.9.1, clauses 6.25 to 6.28): what a space holds. */
import type { JsonObject } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import type { Call } from '../../operations/call.ts'
import {
  retrieveAttributeDetails,
  retrieveAttributeInfo,
  retrieveAttributes,
} from '../../operations/discovery/retrieve-attributes.ts'
import { retrieveTypeDetails, retrieveTypeInfo, retrieveTypes } from '../../operations/discovery/retrieve-types.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { readFlag } from '../parameters.ts'
import { linkContext } from '../read-body.ts'
import { jsonAnswer } from '../write-answer.ts'

export const discoveryRoutes: readonly Route[] = [
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
    handle: list(retrieveTypes, retrieveTypeDetails),
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
    handle: one('type', retrieveTypeInfo),
  },
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
    handle: list(retrieveAttributes, retrieveAttributeDetails),
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
    handle: one('attrId', retrieveAttributeInfo),
  },
]

type RetrieveAll = (call: Call, context: CompiledContext) => Promise<JsonObject | readonly JsonObject[]>
type RetrieveOne = (call: Call, context: CompiledContext, name: string) => Promise<JsonObject>

function list(names: RetrieveAll, details: RetrieveAll): Route['handle'] {
  return async (exchange: Exchange): Promise<Answer> => {
    const { request, call } = exchange
    const media = acceptedMedia(request)
    const retrieve = readFlag(request.query, 'details') ? details : names
    const context = await linkContext(exchange)
    return jsonAnswer(await retrieve(call, context), media, context)
  }
}

function one(variable: string, retrieve: RetrieveOne): Route['handle'] {
  return async (exchange: Exchange): Promise<Answer> => {
    const { request, call } = exchange
    const media = acceptedMedia(request)
    const context = await linkContext(exchange)
    return jsonAnswer(await retrieve(call, context, request.params[variable] ?? ''), media, context)
  }
}
