/** `/entities/{entityId}/attrs` and `.../attrs/{attrId}` (ETSI GS CIM 009 V1.9.1, clauses 6.6, 6.7). */
import { iriOfCoreName } from '../../core/context/core.ts'
import type { AttributesRequest } from '../../operations/entities/append-attributes.ts'
import { appendAttributes, appendMissing } from '../../operations/entities/append-attributes.ts'
import { partialUpdateAttribute } from '../../operations/entities/partial-update-attribute.ts'
import { updateAttributes } from '../../operations/entities/update-attributes.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readOptions } from '../parameters.ts'
import { readBody } from '../read-body.ts'
import { noContent, plainAnswer } from '../write-answer.ts'

export const attributeRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/entities/:entityId/attrs',
    parameters: ['options', 'local'],
    about: {
      id: 'appendAttrs',
      summary: 'Append attributes to an entity',
      clause: '5.6.3',
      body: 'EntityFragment',
      answers: { 204: 'nothing', 207: 'UpdateResult' },
    },
    handle: postAttributes,
  },
  {
    method: 'PATCH',
    path: '/entities/:entityId/attrs',
    parameters: ['local'],
    about: {
      id: 'updateEntity',
      summary: 'Update attributes of an entity, each replaced whole',
      clause: '5.6.2',
      body: 'EntityFragment',
      answers: { 204: 'nothing' },
    },
    handle: patchAttributes,
  },
  {
    method: 'PATCH',
    path: '/entities/:entityId/attrs/:attrId',
    parameters: ['local'],
    about: {
      id: 'updateAttrs',
      summary: 'Update some members of one attribute',
      clause: '5.6.4',
      body: 'AttributeFragment',
      answers: { 204: 'nothing' },
    },
    handle: patchAttribute,
  },
]

async function readAttributesRequest(exchange: Exchange): Promise<AttributesRequest> {
  const { json, context } = await readBody(exchange)
  return { id: exchange.request.params['entityId'] ?? '', context, body: json }
}

async function postAttributes(exchange: Exchange): Promise<Answer> {
  const options = readOptions(exchange.request.query, ['noOverwrite'])
  const request = await readAttributesRequest(exchange)
  if (!options.has('noOverwrite')) {
    await appendAttributes(exchange.call, request)
    return noContent
  }
  const { updated, notUpdated } = await appendMissing(exchange.call, request)
  if (notUpdated.length === 0) return noContent
  const reasons = notUpdated.map((name) => ({
    attributeName: iriOfCoreName(name),
    reason: 'the attribute exists already',
  }))
  return plainAnswer(207, { updated: updated.map(iriOfCoreName), notUpdated: reasons })
}

async function patchAttributes(exchange: Exchange): Promise<Answer> {
  await updateAttributes(exchange.call, await readAttributesRequest(exchange))
  return noContent
}

async function patchAttribute(exchange: Exchange): Promise<Answer> {
  const { json, context } = await readBody(exchange)
  const { entityId = '', attrId = '' } = exchange.request.params
  await partialUpdateAttribute(exchange.call, { id: entityId, attribute: attrId, context, body: json })
  return noContent
}
