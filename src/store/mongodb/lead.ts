/**
 * What leads to the candidates of a query. MongoDB does not tell how many documents it examines and rejects. So it is asked
 * in two ways only: by a range of one index which says all that the query says, so that nothing is rejected; or among ids
 * that a range has led to, which are known and counted.
 */
import type { Filter } from 'mongodb'
import { precisionOfAnd } from '../candidates.ts'
import type { Precision } from '../candidates.ts'
import { and } from '../../core/query/ast.ts'
import type { EntityRequest } from '../port.ts'
import type { Compiled } from './compile-query.ts'
import { compileQuery } from './compile-query.ts'
import type { LiveDocument } from './entity-document.ts'
import type { Range } from './ranges.ts'
import { everything, expiredBy, narrowed } from './ranges.ts'

/** More ranges than these are too many to be asked for one filter. */
const MOST_RANGES = 16

export interface Selection {
  readonly precision: Precision
  /** All that the database decides. */
  readonly filter: Filter<LiveDocument>
  /** What is walked in order. It knows nothing of what has expired in an entity, unless nothing that expires is asked for. */
  readonly lead: Range
  /** True when the lead says all that the filter says, or has no more than the ids that the query names. */
  readonly bare: boolean
  /** Ranges each of which holds all candidates: they may be fewer than the lead's. */
  readonly others: readonly (readonly Range[])[]
  /** What to do instead where something has expired: its attributes are no longer what the lead says. */
  readonly faded?: Selection
}

/** How a request is answered. */
export function selectionOf(request: EntityRequest): Selection {
  const conjuncts = compile(request)
  const said = conjuncts.filter(({ precision }) => precision !== 'none')
  const within = said.flatMap((part) => rangeOf(part, ['live']) ?? [])
  const parts = said.filter((part) => rangeOf(part, ['live']) === undefined)
  const common = {
    precision: precisionOfAnd(conjuncts.map(({ precision }) => precision)),
    filter: candidateFilter(request, said),
    others: [],
  }
  const named = parts.flatMap((part) => rangeOf(part, ['_id_']) ?? [])[0]
  if (named !== undefined) return { ...common, lead: named, bare: true }
  const filters = within.map(({ filter }) => filter)
  const walked = walkedBy(parts, request)
  const walking = { ...common, ...walked, lead: narrowed(walked.lead, filters), bare: parts.length === 0 }
  const alone = parts.length === 1 ? parts.flatMap((part) => rangeOf(part) ?? [])[0] : undefined
  if (alone === undefined) return walking
  const bare = { ...common, lead: narrowed(alone, filters), bare: true }
  return parts.some(({ fades }) => fades) ? { ...bare, faded: walking } : bare
}

/** A lead of which nothing expires, and what may lead to fewer. */
function walkedBy(parts: readonly Compiled[], request: EntityRequest): Pick<Selection, 'lead' | 'others'> {
  const lasting = parts.filter(({ fades }) => !fades)
  const first = (index: Range['index']): Compiled | undefined => lasting.find((part) => rangeOf(part, [index]))
  const leading = first('types') ?? first('scopes')
  const others = parts.flatMap((part) => {
    if (part === leading || part.ranges === undefined || part.ranges.length > MOST_RANGES) return []
    return [part.fades ? [...part.ranges, expiredBy(request.now)] : part.ranges]
  })
  return { lead: (leading && rangeOf(leading)) ?? everything, others }
}

/** The range that says all that a part says, and in order: of any index, or of one of these. */
function rangeOf({ filter, ranges = [] }: Compiled, indexes?: readonly Range['index'][]): Range | undefined {
  const [range] = ranges
  if (range?.filter !== filter || !range.inOrder) return undefined
  return indexes === undefined || indexes.includes(range.index) ? range : undefined
}

/** The parts of the query that are joined by `and`, each compiled for itself. */
function compile({ filter, visibility, space }: EntityRequest): readonly Compiled[] {
  const query = and(filter, visibility)
  const conjuncts = query.kind === 'and' ? query.of : [query]
  return conjuncts.map((conjunct) => compileQuery(conjunct, space))
}

/**
 * What may match. An entity in which something has expired passes every part that asks for attributes: what is stored of
 * it is no longer what counts.
 */
function candidateFilter({ space, now }: EntityRequest, said: readonly Compiled[]): Filter<LiveDocument> {
  const parts = said.map(({ filter, fades }) => (fades ? { $or: [filter, { expires: { $lte: now } }] } : filter))
  return { space, deleted: false, ...(parts.length > 0 && { $and: parts }) }
}
