/**
 * How well a store's own filter fits a query (HOUSE 4): what a store cannot push down as it is, `finish.ts` does.
 *
 * The words are about what is stored. Where something has expired in an entity, the stored text is no longer what counts:
 * such a row must never be missing among the candidates, and is always finished.
 */

/** `exact`: it lets through what matches. `superset`: what matches and perhaps more. `none`: it does not filter at all. */
export type Precision = 'exact' | 'superset' | 'none'

/** What a store's own filter lets through, before `evaluate` finishes it: for the differential test. */
export interface Candidates {
  readonly precision: Precision
  readonly ids: readonly string[]
}

/** The precision of filters joined by `and`: every one of them may only let too much through. */
export function precisionOfAnd(parts: readonly Precision[]): Precision {
  if (parts.every((part) => part === 'exact')) return 'exact'
  return parts.every((part) => part === 'none') ? 'none' : 'superset'
}

/** The precision of filters joined by `or`: one that does not filter lets everything through. */
export function precisionOfOr(parts: readonly Precision[]): Precision {
  if (parts.includes('none')) return 'none'
  return parts.every((part) => part === 'exact') ? 'exact' : 'superset'
}

/** The precision of a negated filter: the complement of too much is too little, so only exact ones can be negated. */
export function precisionOfNot(part: Precision): Precision {
  return part === 'exact' ? 'exact' : 'none'
}
