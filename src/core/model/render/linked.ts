import { NgsiError } from '../../errors.ts'
import type { LinkedEntities } from './options.ts'

/**
 * Entities that one answer may show in place of links. Those around a linked entity are not shown in it again, and still a
 * few entities that all link to each other have more ways through them than anyone can wait for.
 */
const MAX_INLINED = 10_000

/** The links of one answer (clause 4.5.23.2): what `entityOf` finds, up to `MAX_INLINED` of them. @public */
export function createLinked({ entityOf, ...limits }: LinkedEntities): LinkedEntities {
  let shown = 0
  return {
    ...limits,
    entityOf: (id) => {
      const state = entityOf(id)
      if (state !== undefined) shown += 1
      if (shown > MAX_INLINED) {
        throw new NgsiError(
          'TooManyResults',
          `join: more than ${String(MAX_INLINED)} linked entities; lower limit or joinLevel, or pick less`,
        )
      }
      return state
    },
  }
}
