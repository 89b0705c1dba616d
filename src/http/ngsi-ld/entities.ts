/** Writes on `/entities` and `/entities/{entityId}` (ETSI GS CIM 009 V1.9.1, clauses 6.4, 6.5). */
import { createEntity } from '../../operations/entities/create-entity.ts'
import { deleteEntity } from '../../operations/entities/delete-entity.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readBody } from '../read-body.ts'
import { created, noContent } from '../write-answer.ts'

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
  {
    method: 'DELETE',
    path: '/entities/:entityId',
    parameters: ['local'],
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

async function removeEntity({ request, call }: Exchange): Promise<Answer> {
  await deleteEntity(call, request.params['entityId'] ?? '')
  return noContent
}
