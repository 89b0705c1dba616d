import type { Linked } from '../../core/model/render/linked.ts'
import type { Ordering, Query } from '../../core/query/ast.ts'
import type { Cursor, EntityRequest, Page } from '../../store/port.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'
import type { JoinRequest } from './linked-entities.ts'
import { retrieveLinked } from './linked-entities.ts'

export interface EntityQuery {
  readonly filter: Query
  readonly limit: number
  readonly offset: number
  readonly after?: Cursor
  /** Absent: id order. */
  readonly order?: Ordering
  readonly count: boolean
  readonly join?: JoinRequest
}

interface FoundPage extends Page {
  /** Where the page begins: not as asked for when that was past the end. */
  readonly offset: number
}

export interface QueryAnswer extends FoundPage {
  /** How many entities match in all: when asked for. */
  readonly count?: number
  /** By id; none without a join. */
  readonly linked: Linked
}

/** Query Entities (clause 5.7.2): one page. Throws TooComplexQuery, and TooManyResults where linked entities are too many. */
export async function queryEntities(call: Call, query: EntityQuery): Promise<QueryAnswer> {
  const request = { space: call.space, filter: query.filter, visibility: visibilityOf(call), now: call.time }
  const page = await readPage(call, request, query)
  const count = query.count ? await call.broker.store.entities.count(request) : undefined
  const linked = await retrieveLinked(call, page.entities, query.join)
  return { ...page, ...(count !== undefined && { count }), linked }
}

async function readPage(call: Call, request: EntityRequest, query: EntityQuery): Promise<FoundPage> {
  const { limit, offset, after, order } = query
  if (limit === 0) return { entities: [], offset }
  const { entities } = call.broker.store
  const how = { ...request, limit, ...(after !== undefined && { after }), ...(order !== undefined && { order }) }
  const page = await entities.query({ ...how, offset })
  if (page.entities.length > 0 || offset === 0) return { ...page, offset }
  // Clause 6.3.10: an offset past the end means the last element, if there is one.
  const last = (await entities.count(request)) - 1
  return last < 0 ? { entities: [], offset } : { ...(await entities.query({ ...how, offset: last })), offset: last }
}
