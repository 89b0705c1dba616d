import type { Query } from '../../core/query/ast.ts'
import type { Cursor, Page } from '../../store/port.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'

export interface EntityQuery {
  readonly filter: Query
  readonly limit: number
  readonly offset: number
  readonly after?: Cursor
  readonly count: boolean
}

export interface QueryAnswer extends Page {
  /** How many entities match in all: when asked for. */
  readonly count?: number
}

/** Query Entities (clause 5.7.2): one page in id order. */
export async function queryEntities(call: Call, query: EntityQuery): Promise<QueryAnswer> {
  const { count, ...page } = query
  const request = { space: call.space, visibility: visibilityOf(call), now: call.time }
  const { entities } = call.broker.store
  const answer = query.limit === 0 ? { entities: [] } : await entities.query({ ...request, ...page })
  return count ? { ...answer, count: await entities.count({ ...request, filter: query.filter }) } : answer
}
