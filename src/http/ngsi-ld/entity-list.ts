/** Query Entities, whatever carried the query: from its parameters to a page or a stream (ETSI GS CIM 009 V1.9.1, clause 5.7.2). */
import { optional } from '../../base/optional.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import type { Join } from '../../core/model/join.ts'
import type { Linked } from '../../core/model/render/linked.ts'
import { appendedBy } from '../../core/model/render/linked.ts'
import type { StoredEntity } from '../../core/model/state.ts'
import type { Ordering } from '../../core/query/ast.ts'
import { parseOrderBy } from '../../core/query/parse-order-by.ts'
import type { EntityQuery } from '../../operations/entities/query-entities.ts'
import { queryEntities } from '../../operations/entities/query-entities.ts'
import { streamEntities } from '../../operations/entities/stream-entities.ts'
import type { Answer, Exchange } from '../exchange.ts'
import type { AnsweredPage } from '../paging.ts'
import { cursorOf, cursorText, pageHeaders } from '../paging.ts'
import type { Paging } from '../parameters.ts'
import { readPaging } from '../parameters.ts'
import { attributeNames, entityFilter, isLocal } from './entity-filter.ts'
import { inlineView, joinRequest, readView } from './entity-view.ts'
import type { QueryParameters } from './query-parameters.ts'
import type { EntityView, StreamView } from './representation.ts'
import { entityListAnswer, entityStreamAnswer } from './representation.ts'

/** Answers a query. Names in the parameters are expanded with the context. */
export async function answerQuery(
  exchange: Exchange,
  context: CompiledContext,
  asked: QueryParameters,
): Promise<Answer> {
  const { request, call, limits } = exchange
  // A request that has been here before is as good as local, whatever it says (clause 6.3.18).
  const parameters = call.local ? { ...asked, local: true } : asked
  const view = readView(request, context, parameters)
  const { maxLimit, maxStreamed } = limits
  const greatest = isStreamed(view) ? Math.max(maxLimit, maxStreamed) : maxLimit
  const page = readPaging(request.query, { ...limits, maxLimit: greatest })
  const order = readOrder(context, parameters)
  if (order !== undefined && request.query.has('cursor'))
    throw badRequestData('cursor: only lists in the order of ids have one; give offset')
  const query = {
    filter: entityFilter(context, parameters, {
      attributes: attributeNames(context, parameters.attrs, 'attrs'),
      linkLevels: parameters.join?.levels ?? 0,
    }),
    ...page,
    ...cursorOf(request.query, context),
    ...optional('order', order),
  }
  if (page.limit <= maxLimit || !isStreamed(view)) return answerPage(exchange, { query, page, view }, parameters.join)
  if (order !== undefined || parameters.join !== undefined)
    throw badRequestData(`limit: over ${String(maxLimit)} only without join and orderBy`)
  return answerStream(exchange, { query, page, view })
}

function isStreamed(view: EntityView): view is StreamView {
  return view.media === 'text/csv' || view.media === 'application/x-ndjson'
}

/** Clause 5.7.2.4: an order only makes sense where all entities are at hand. */
function readOrder(context: CompiledContext, parameters: QueryParameters): Ordering | undefined {
  const { ordering } = parameters
  if (ordering === undefined) return undefined
  if (!isLocal(parameters)) throw badRequestData('orderBy: it needs local=true (clause 5.7.2.4)')
  const { orderBy, collation, coordinates: orderFrom, geometry: orderGeometry } = ordering
  return parseOrderBy(context, orderBy, { collation, orderFrom, orderGeometry })
}

/** What is asked for: of the store, of the client's place in the list, and of the looks. */
interface Asked<V extends EntityView> {
  readonly query: EntityQuery
  readonly page: Paging
  readonly view: V
}

async function answerPage(
  exchange: Exchange,
  { query, page, view }: Asked<EntityView>,
  join: Join | undefined,
): Promise<Answer> {
  const { entities, next, ...found } = await queryEntities(exchange.call, {
    ...query,
    ...(join !== undefined && { join: joinRequest(join, view) }),
  })
  const answer =
    join === undefined ? entityListAnswer(entities, view) : joinedAnswer(entities, { view, join, ...found })
  return withPageHeaders(exchange, answer, {
    ...page,
    // With a cursor the offset says no more than where the page stands.
    offset: query.after === undefined ? found.offset : page.offset,
    media: view.media,
    more: next !== undefined,
    ...(next !== undefined && query.order === undefined && { next: cursorText(next, view.options.context) }),
    ...optional('total', found.count),
  })
}

/** Its next link has no cursor: where the stream ends is not known before it does. */
async function answerStream(exchange: Exchange, { query, page, view }: Asked<StreamView>): Promise<Answer> {
  const { entities, offset, count } = await streamEntities(exchange.call, query)
  const start = query.after === undefined ? offset : page.offset
  return withPageHeaders(exchange, await entityStreamAnswer(entities, view), {
    ...page,
    offset: start,
    media: view.media,
    more: start + page.limit < count,
    total: count,
  })
}

function withPageHeaders({ request }: Exchange, answer: Answer, page: AnsweredPage): Answer {
  return { ...answer, headers: { ...answer.headers, ...pageHeaders(request, page, answer.headers['link']) } }
}

/** Entities with those that they link to, in the places of the links or after them (clause 4.5.23). */
export function joinedAnswer(entities: readonly StoredEntity[], { view, join, linked }: JoinedView): Answer {
  if (join.kind === 'inline') return entityListAnswer(entities, inlineView(view, join, linked))
  return entityListAnswer([...entities, ...appendedBy(linked, entities)], view)
}

interface JoinedView {
  readonly view: EntityView
  readonly join: Join
  readonly linked: Linked
}
