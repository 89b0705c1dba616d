/** `/entities/{entityId}/attrs` and `.../attrs/{attrId}` (ETSI GS CIM 009 V1.9.1, clauses 6.6, 6.7). */
import { iriOfCoreName } from '../../core/context/core.ts'
import { DEFAULT_DATASET } from '../../core/model/entity.ts'
import { appendAttributes, appendMissing } from '../../operations/entities/append-attributes.ts'
import { deleteAttribute } from '../../operations/entities/delete-attribute.ts'
import { partialUpdateAttribute } from '../../operations/entities/partial-update-attribute.ts'
import { replaceAttribute } from '../../operations/entities/replace-attribute.ts'
import { updateAttributes } from '../../operations/entities/update-attributes.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readFlag, readOptions } from '../parameters.ts'
import { linkContext } from '../read-body.ts'
import { noContent, plainAnswer } from '../write-answer.ts'
import { readAttributeRequest, readEntityRequest, readWrittenEntity, writeParameters } from './written-entity.ts'

export const attributeRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/entities/:entityId/attrs',
    parameters: ['options', ...writeParameters],
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
    parameters: writeParameters,
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
    parameters: writeParameters,
    about: {
      id: 'updateAttrs',
      summary: 'Update some members of one attribute',
      clause: '5.6.4',
      body: 'AttributeFragment',
      answers: { 204: 'nothing' },
    },
    handle: patchAttribute,
  },
  {
    method: 'PUT',
    path: '/entities/:entityId/attrs/:attrId',
    parameters: writeParameters,
    about: {
      id: 'replaceAttrs',
      summary: 'Replace one attribute as a whole',
      clause: '5.6.19',
      body: 'Attribute',
      answers: { 204: 'nothing' },
    },
    handle: putAttribute,
  },
  {
    method: 'DELETE',
    path: '/entities/:entityId/attrs/:attrId',
    parameters: ['datasetId', 'deleteAll', ...writeParameters],
    about: {
      id: 'deleteAttrs',
      summary: 'Delete one attribute, or one instance of it',
      clause: '5.6.5',
      answers: { 204: 'nothing' },
    },
    handle: removeAttribute,
  },
]

async function postAttributes(exchange: Exchange): Promise<Answer> {
  const options = readOptions(exchange.request.query, ['noOverwrite'])
  const request = await readEntityRequest(exchange)
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
  await updateAttributes(exchange.call, await readEntityRequest(exchange))
  return noContent
}

async function patchAttribute(exchange: Exchange): Promise<Answer> {
  await partialUpdateAttribute(exchange.call, await readAttributeRequest(exchange))
  return noContent
}

async function putAttribute(exchange: Exchange): Promise<Answer> {
  await replaceAttribute(exchange.call, await readAttributeRequest(exchange))
  return noContent
}

async function removeAttribute(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const context = await linkContext(exchange)
  const deletion = { target: readWrittenEntity(exchange, context), attribute: request.params['attrId'] ?? '', context }
  const isAll = readFlag(request.query, 'deleteAll')
  const dataset = request.query.get('datasetId') ?? DEFAULT_DATASET
  await deleteAttribute(call, isAll ? deletion : { ...deletion, dataset })
  return noContent
}
