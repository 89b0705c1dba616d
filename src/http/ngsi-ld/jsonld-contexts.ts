/** `/jsonldContexts` and `/jsonldContexts/{contextId}` (ETSI GS CIM 009 V1.9.1, clauses 6.29, 6.30). */
import type { ContextKind } from '../../core/context/kinds.ts'
import { contextKinds } from '../../core/context/kinds.ts'
import { badRequestData } from '../../core/errors.ts'
import { addContext } from '../../operations/contexts/add-context.ts'
import { deleteContext, reloadContext } from '../../operations/contexts/delete-context.ts'
import { contextDetails, listContextDetails, listContextUrls } from '../../operations/contexts/list-contexts.ts'
import { serveContext } from '../../operations/contexts/serve-context.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { readFlag } from '../parameters.ts'
import { readJson } from '../read-body.ts'
import { created, noContent } from '../write-answer.ts'

const one = '/jsonldContexts/:contextId'

export const contextRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/jsonldContexts',
    parameters: [],
    about: {
      id: 'addContext',
      summary: 'Have the broker host an @context',
      clause: '5.13.2',
      body: 'Context',
      answers: { 201: 'nothing' },
    },
    handle: postContext,
  },
  {
    method: 'GET',
    path: '/jsonldContexts',
    parameters: ['details', 'kind'],
    about: {
      id: 'listContexts',
      summary: 'List the stored @contexts',
      clause: '5.13.3',
      answers: { 200: 'ContextList' },
    },
    handle: getContexts,
  },
  {
    method: 'GET',
    path: one,
    parameters: ['details'],
    about: {
      id: 'serveContext',
      summary: 'Read one stored @context, or what is known of it',
      clause: '5.13.4',
      answers: { 200: 'Context' },
    },
    handle: getContext,
  },
  {
    method: 'DELETE',
    path: one,
    parameters: ['reload'],
    about: {
      id: 'deleteContext',
      summary: 'Remove one stored @context, or fetch it anew',
      clause: '5.13.5',
      answers: { 204: 'nothing' },
    },
    handle: removeContext,
  },
]

async function postContext(exchange: Exchange): Promise<Answer> {
  // Whatever the media type, the @context is here the content, not the context of the content (clause 6.3.5).
  const { json } = readJson(exchange)
  return created('/ngsi-ld/v1/jsonldContexts', await addContext(exchange.call, json))
}

async function getContexts(exchange: Exchange): Promise<Answer> {
  const { query } = exchange.request
  const kind = readKind(query)
  const list = readFlag(query, 'details') ? listContextDetails : listContextUrls
  return answerOf(exchange, await list(exchange.call, kind))
}

async function getContext(exchange: Exchange): Promise<Answer> {
  const read = readFlag(exchange.request.query, 'details') ? contextDetails : serveContext
  return answerOf(exchange, await read(exchange.call, contextIdOf(exchange)))
}

async function removeContext(exchange: Exchange): Promise<Answer> {
  const remove = readFlag(exchange.request.query, 'reload') ? reloadContext : deleteContext
  await remove(exchange.call, contextIdOf(exchange))
  return noContent
}

function contextIdOf({ request }: Exchange): string {
  return request.params['contextId'] ?? ''
}

function readKind(query: URLSearchParams): ContextKind | undefined {
  const word = query.get('kind')
  if (word === null) return undefined
  const kind = contextKinds.find((candidate) => candidate === word)
  if (kind === undefined) throw badRequestData(`kind: '${word}' is none of ${contextKinds.join(', ')}`)
  return kind
}

/** In either media type the text is the same: nothing in it is written in an @context that would have to be told. */
function answerOf({ request }: Exchange, value: unknown): Answer {
  return { status: 200, headers: { 'content-type': acceptedMedia(request) }, body: JSON.stringify(value) }
}
