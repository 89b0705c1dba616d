/** The ordering of entities: orderBy, collation, orderFrom, orderGeometry (ETSI GS CIM 009 V1.9.1, clause 4.23). */
import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../context/tables.ts'
import type { NgsiError } from '../errors.ts'
import { badRequestData } from '../errors.ts'
import type { Geometry, OrderBy, Ordering } from './ast.ts'
import { collatorOf } from './collator.ts'
import type { Reader } from './lexer.ts'
import { accept, acceptOneOf, acceptPattern, beginTerm, expectEnd, readerOf, syntaxError } from './lexer.ts'
import { readReference } from './parse-geo.ts'
import { parsePath } from './parse-path.ts'

export interface OrderOptions {
  /** An ICU collation as a BCP 47 tag (RFC 6067). */
  readonly collation?: string | undefined
  /** Coordinates of the geometry that distances are measured from, as JSON or its text. */
  readonly orderFrom?: Json | undefined
  /** The type of that geometry; absent: Point. */
  readonly orderGeometry?: Json | undefined
}

/**
 * An ordering. Throws BadRequestData naming orderBy and the position, a collation that is not known, or orderFrom where an
 * order by distance has none.
 */
export function parseOrderBy(context: CompiledContext, text: string, options: OrderOptions = {}): Ordering {
  const reader = readerOf('orderBy', text)
  const by: OrderBy[] = []
  do by.push(parseCriterion(context, reader, options))
  while (accept(reader, ','))
  expectEnd(reader, "',', ';' or the end expected")
  const { collation } = options
  if (collation === undefined) return { by }
  collatorOf(collation)
  return { by, collation }
}

function parseCriterion(context: CompiledContext, reader: Reader, options: OrderOptions): OrderBy {
  beginTerm(reader)
  // `id` and `type` are the entity's own members: no @context can give them another meaning.
  const own = acceptPattern(reader, /(?:id|type)(?=[;,]|$)/y)
  if (own !== undefined) return { kind: own === 'id' ? 'id' : 'type', descending: parseOwnDirection(reader) === 'desc' }
  const path = parsePath({ context }, reader)
  const direction = parseDirection(reader)
  if (direction === 'asc' || direction === 'desc') return { kind: 'path', path, descending: direction === 'desc' }
  if (path.members.length + path.keys.length > 0) throw noDistance(reader)
  return { kind: 'distance', property: path.attribute, from: originOf(options), descending: direction === 'dist-desc' }
}

const directions = ['asc', 'desc', 'dist-asc', 'dist-desc'] as const

function parseDirection(reader: Reader): (typeof directions)[number] {
  if (!accept(reader, ';')) return 'asc'
  const direction = acceptOneOf(reader, directions)
  if (direction === undefined) throw syntaxError(reader, `one of ${directions.join(', ')} expected`)
  return direction
}

function parseOwnDirection(reader: Reader): 'asc' | 'desc' {
  const direction = parseDirection(reader)
  if (direction === 'asc' || direction === 'desc') return direction
  throw noDistance(reader)
}

function noDistance(reader: Reader): NgsiError {
  return syntaxError(reader, 'distances are those of a GeoProperty')
}

function originOf({ orderFrom, orderGeometry = 'Point' }: OrderOptions): Geometry {
  if (orderFrom === undefined) throw badRequestData('orderFrom: an order by distance needs it (clause 4.23)')
  return readReference(orderGeometry, orderFrom, { geometry: 'orderGeometry', coordinates: 'orderFrom' })
}
