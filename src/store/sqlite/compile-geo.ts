/** Geo-queries by boxes (clause 4.10): boxes that meet are candidates, what lies in them `evaluate` decides. */
import type { QueryOf } from '../../core/query/ast.ts'
import { boxAround } from '../../core/query/box-around.ts'
import type { Condition } from './condition.ts'
import { superset } from './condition.ts'

/** A condition on the boxes that stand beside the entity: without a look at the R*Tree, and at the entity's text. */
export function compileGeo(query: QueryOf<'geo'>): Condition {
  const box = boxAround(query)
  // Whatever the relation, without a geometry there is none.
  if (box === undefined) return superset("e.boxes <> ''")
  return superset('boxes_meet(e.boxes, ?, ?, ?, ?)', box.west, box.east, box.south, box.north)
}
