/**
 * A filter parted into what an entity decides by itself and what needs the entities that it is linked to (clause 4.9,
 * `rel{path}`): these have to be read from the store, which the matcher, working inside a commit, cannot do.
 */
import type { Query } from '../../core/query/ast.ts'
import { all, and, depthOfLinks } from '../../core/query/ast.ts'

export interface PartedFilter {
  readonly own: Query
  /** To be fulfilled as well; absent when nothing is asked of linked entities. */
  readonly linked?: Query
}

/** Both parts together are the filter. */
export function splitLinked(filter: Query): PartedFilter {
  if (depthOfLinks(filter) === 0) return { own: filter }
  if (filter.kind !== 'and') return { own: all, linked: filter }
  const isLinked = (part: Query): boolean => depthOfLinks(part) > 0
  return {
    own: and(...filter.of.filter((part) => !isLinked(part))),
    linked: and(...filter.of.filter(isLinked)),
  }
}
