import type { Query } from '../../core/query/ast.ts'
import type { Cursor, StoredEntity } from '../../store/port.ts'
import type { Call } from '../call.ts'
import type { QueryAnswer } from './query-entities.ts'
import { queryEntities } from './query-entities.ts'

export interface StreamQuery {
  readonly filter: Query
  readonly limit: number
  readonly offset: number
  readonly after?: Cursor
}

export interface EntityStream {
  /** Read from the store as it is consumed, and again each time it is gone through. */
  readonly entities: AsyncIterable<StoredEntity>
  readonly offset: number
  /** How many entities match in all. */
  readonly count: number
}

/** Entities that are in memory at once. */
const PIECE = 500

/**
 * Query Entities (clause 5.7.2) for answers that are too long to be held: in id order, each piece beginning after the last one,
 * so that what comes and goes meanwhile shifts nothing. What the query itself is at fault for is thrown before the first piece.
 */
export async function streamEntities(call: Call, query: StreamQuery): Promise<EntityStream> {
  const { limit } = query
  const first = await queryEntities(call, { ...query, limit: Math.min(limit, PIECE), count: true })
  const entities = { [Symbol.asyncIterator]: () => piecewise(call, query, first) }
  return { entities, offset: first.offset, count: first.count ?? 0 }
}

async function* piecewise(
  call: Call,
  { filter, limit }: StreamQuery,
  first: QueryAnswer,
): AsyncGenerator<StoredEntity> {
  let piece: QueryAnswer = first
  let left = limit
  for (;;) {
    yield* piece.entities
    left -= piece.entities.length
    if (piece.next === undefined || left <= 0) return
    const rest = { filter, limit: Math.min(left, PIECE), offset: 0, after: piece.next, count: false }
    piece = await queryEntities(call, rest)
  }
}
