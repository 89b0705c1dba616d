/** How linked entities are retrieved (ETSI GS CIM 009 V1.9.1, clause 4.5.23): `join`, `joinLevel` and `containedBy`. */
import { badRequestData } from '../errors.ts'
import { checkUris } from './names.ts'

export interface Join {
  readonly kind: 'inline' | 'flat'
  /** How many links in a row are followed. */
  readonly levels: number
  /** Ids whose entities are not retrieved. */
  readonly containedBy: readonly string[]
}

/** Deeper than people link on purpose, and few enough that an answer ends. */
const MAX_JOIN_LEVEL = 16

/**
 * How to join, undefined when not at all. A level and ids count only where there is a join (clauses 5.2.14, 6.4.3.2).
 * Throws BadRequestData naming the member at fault; `path` is put before its name.
 */
export function readJoin(
  words: { readonly join?: string; readonly joinLevel?: number; readonly containedBy?: readonly string[] },
  path = '',
): Join | undefined {
  const { join = '@none', joinLevel: levels = 1, containedBy = [] } = words
  if (!Number.isSafeInteger(levels) || levels < 1 || levels > MAX_JOIN_LEVEL) {
    throw badRequestData(`${path}joinLevel: a whole number from 1 to ${String(MAX_JOIN_LEVEL)} is expected`)
  }
  checkUris('containedBy', containedBy)
  if (join === '@none') return undefined
  if (join === 'inline' || join === 'flat') return { kind: join, levels, containedBy }
  throw badRequestData(`${path}join: '${join}' is none of inline, flat, @none`)
}
