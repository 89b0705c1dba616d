/** Reads of `/entities`, `/entities/{entityId}` and `/entityOperations/query` (ETSI GS CIM 009 V1.9.1, clauses 6.4, 6.5, 6.23). */
import { withSource } from '../../core/context/compile.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import type { StoredEntity } from '../../core/model/state.ts'
import { retrieveEntity } from '../../operations/entities/retrieve-entity.ts'
import { linkedContextUrl } from '../../operations/host-context.ts'
import { entityTag, contextTag, isNotModified } from '../entity-tag.ts'
import type { Answer, Exchange, Request, Route } from '../exchange.ts'
import type { ParameterName } from '../openapi/parameters.ts'
import { acceptedEntityMedia } from '../headers.ts'
import { readPreferences } from '../prefer.ts'
import { linkContext, readBody } from '../read-body.ts'
import { isContextInBody, notModified } from '../write-answer.ts'
import { retrievalFilter } from './entity-filter.ts'
import { answerQuery, joinedAnswer } from './entity-list.ts'
import { inlineView, joinRequest, readView } from './entity-view.ts'
import { readQueryDocument } from './query-document.ts'
import {
  orderingParameters,
  presentationParameters,
  readQueryParameters,
  selectionParameters,
} from './query-parameters.ts'
import type { EntityView } from './representation.ts'
import { entityAnswer } from './representation.ts'

const paging: readonly ParameterName[] = ['limit', 'offset', 'count', 'cursor']

export const entityReadRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/entities',
    parameters: [...selectionParameters, ...presentationParameters, ...orderingParameters, ...paging, 'splitEntities'],
    about: {
      id: 'queryEntity',
      summary: 'Query entities',
      clause: '5.7.2',
      answers: { 200: 'EntityList', 203: 'EntityList' },
    },
    handle: getEntities,
  },
  {
    method: 'GET',
    path: '/entities/:entityId',
    parameters: ['type', 'attrs', 'local', ...presentationParameters],
    about: {
      id: 'retrieveEntity',
      summary: 'Read one entity',
      clause: '5.7.1',
      answers: { 200: 'Entity', 203: 'Entity', 304: 'nothing' },
    },
    handle: getEntity,
  },
  {
    method: 'POST',
    path: '/entityOperations/query',
    parameters: ['format', 'options', 'geometryProperty', 'local', ...paging],
    about: {
      id: 'queryBatch',
      summary: 'Query entities by a document',
      clause: '5.7.2',
      body: 'Query',
      answers: { 200: 'EntityList', 203: 'EntityList' },
    },
    handle: postQuery,
  },
]

async function getEntities(exchange: Exchange): Promise<Answer> {
  const parameters = readQueryParameters(exchange.request)
  return answerQuery(exchange, await linkContext(exchange), parameters)
}

/** The document and the URL say together what GET says in its URL alone (clause 6.23). */
async function postQuery(exchange: Exchange): Promise<Answer> {
  const { json, context } = await readBody(exchange)
  const shown = answerContext(exchange, context)
  const answer = await answerQuery(exchange, shown, readQueryDocument(json, exchange.request))
  // Not before it is certain that there is an answer: what is refused leaves nothing.
  if (shown !== context) await linkedContextUrl(exchange.call, context.source)
  return answer
}

/** An answer that links to its context needs one URL for it, the broker's own where the body gave none (clauses 6.3.6, C.8). */
function answerContext({ request, call }: Exchange, context: CompiledContext): CompiledContext {
  const { source } = context
  if (typeof source === 'string' || isContextInBody(acceptedEntityMedia(request), readPreferences(request))) {
    return context
  }
  return withSource(context, call.broker.contexts.linkOf(source))
}

async function getEntity(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const parameters = readQueryParameters(request)
  const context = await linkContext(exchange)
  const view = readView(request, context, parameters)
  const { join } = parameters
  const filter = retrievalFilter(context, request.query)
  const id = request.params['entityId'] ?? ''
  if (join === undefined) return entityOrNotModified(request, (await retrieveEntity(call, { id, filter })).entity, view)
  const { entity, linked } = await retrieveEntity(call, { id, filter, join: joinRequest(join, view) })
  return join.kind === 'flat'
    ? joinedAnswer([entity], { view, join, linked })
    : entityAnswer(entity, inlineView(view, join, linked))
}

/** Only what is told of one entity alone has a tag: there its version says that nothing has changed. */
function entityOrNotModified(request: Request, entity: StoredEntity, view: EntityView): Answer {
  const tag = tagOf(request, entity, view)
  if (isNotModified(request, tag)) return notModified(tag)
  const answer = entityAnswer(entity, view)
  return { ...answer, headers: { ...answer.headers, etag: tag } }
}

/** What has expired is gone without a new version: what is still to expire tells the states of one version apart. */
function tagOf({ query }: Request, { version, expires }: StoredEntity, view: EntityView): string {
  const { media, options, preferences } = view
  const parts = [media, contextTag(options.context), JSON.stringify(preferences), query.toString(), expires ?? '']
  return entityTag(version, parts.join('\n'))
}
