/** Writes on `/entities` and `/entities/{entityId}` (ETSI GS CIM 009 V1.9.1, clauses 6.4, 6.5). */
import { readLanguageTag } from '../../core/model/read-value.ts'
import { readDateTime } from '../../core/model/read-non-reified.ts'
import { createEntity } from '../../operations/entities/create-entity.ts'
import { deleteEntity } from '../../operations/entities/delete-entity.ts'
import type { MergeParameters } from '../../operations/entities/merge-entity.ts'
import { mergeEntity } from '../../operations/entities/merge-entity.ts'
import { replaceEntity } from '../../operations/entities/replace-entity.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readSentFormat } from '../parameters.ts'
import { linkContext, readBody } from '../read-body.ts'
import { created, noContent } from '../write-answer.ts'
import { purgeRoute } from './purge.ts'
import { readEntityRequest, readWrittenEntity, writeParameters } from './written-entity.ts'

export const entityRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/entities',
    parameters: ['local'],
    about: {
      id: 'createEntity',
      summary: 'Create an entity',
      clause: '5.6.1',
      body: 'Entity',
      answers: { 201: 'nothing' },
    },
    handle: postEntity,
  },
  purgeRoute,
  {
    method: 'PATCH',
    path: '/entities/:entityId',
    parameters: ['format', 'options', 'observedAt', 'lang', ...writeParameters],
    about: {
      id: 'mergeEntity',
      summary: 'Merge a fragment into an entity, to any depth',
      clause: '5.6.17',
      body: 'EntityFragment',
      answers: { 204: 'nothing' },
    },
    handle: patchEntity,
  },
  {
    method: 'PUT',
    path: '/entities/:entityId',
    parameters: writeParameters,
    about: {
      id: 'replaceEntity',
      summary: 'Replace an entity as a whole',
      clause: '5.6.18',
      body: 'EntityFragment',
      answers: { 204: 'nothing' },
    },
    handle: putEntity,
  },
  {
    method: 'DELETE',
    path: '/entities/:entityId',
    parameters: writeParameters,
    about: {
      id: 'deleteEntity',
      summary: 'Delete an entity',
      clause: '5.6.6',
      answers: { 204: 'nothing' },
    },
    handle: removeEntity,
  },
]

async function postEntity(exchange: Exchange): Promise<Answer> {
  const { json, context } = await readBody(exchange)
  const id = await createEntity(exchange.call, context, json)
  return created('/ngsi-ld/v1/entities', id)
}

async function patchEntity(exchange: Exchange): Promise<Answer> {
  const parameters = readMergeParameters(exchange.request.query)
  await mergeEntity(exchange.call, await readEntityRequest(exchange), parameters)
  return noContent
}

function readMergeParameters(query: URLSearchParams): MergeParameters {
  const observedAt = query.get('observedAt')
  const lang = query.get('lang')
  return {
    simplified: readSentFormat(query) === 'simplified',
    ...(observedAt !== null && { observedAt: readDateTime(observedAt, 'observedAt') }),
    ...(lang !== null && { lang: readLanguageTag(lang, 'lang') }),
  }
}

async function putEntity(exchange: Exchange): Promise<Answer> {
  await replaceEntity(exchange.call, await readEntityRequest(exchange))
  return noContent
}

async function removeEntity(exchange: Exchange): Promise<Answer> {
  await deleteEntity(exchange.call, readWrittenEntity(exchange, await linkContext(exchange)))
  return noContent
}
