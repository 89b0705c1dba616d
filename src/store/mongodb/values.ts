/**
 * The values by which comparisons of q find entities: beside the text, one small document per attribute and value, in an array
 * with one index for all attributes. What is not said in full is marked, and always a candidate; `evaluate` decides.
 *
 * Only an attribute's own value is there, not what is inside it or in its sub-attributes: some 40 bytes and one index key
 * per attribute is what a write is asked to bear.
 */
import type { Json } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import { attributeNames } from '../../core/model/entity.ts'
import type { Entity } from '../../core/model/entity.ts'
import { targetsOf } from '../../core/query/targets.ts'

/** An attribute and one of its values; null: there is more in it than this can say. */
export interface FindableValue {
  readonly k: string
  readonly v: string | number | boolean | null
}

/** Longer texts and longer lists are marked only. In UTF-16 units, in items. */
const LONGEST_TEXT = 128
const MOST_VALUES = 32

const noTimes = { created: '', modified: '' }

/** The values of an entity's attributes. */
export function valuesOf(entity: Entity): readonly FindableValue[] {
  return attributeNames(entity).flatMap((k) => {
    const targets = targetsOf({ entity, times: noTimes }, { attribute: k, members: [], keys: [] })
    const values = new Set(targets.flatMap(({ value }) => asArray<Json>(value).map(findable)))
    return values.size > MOST_VALUES ? [{ k, v: null }] : Array.from(values, (v) => ({ k, v }))
  })
}

function findable(value: Json): FindableValue['v'] {
  if (typeof value === 'string') return value.length > LONGEST_TEXT ? null : value
  return typeof value === 'object' ? null : value
}
