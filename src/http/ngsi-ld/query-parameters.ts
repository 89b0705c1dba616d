/**
 * What a read of entities asks for, as it was written: the members of the data type Query (ETSI GS CIM 009 V1.9.1, clause
 * 5.2.23), whether they came as URL parameters (clauses 6.4.3.2, 6.5.3.1) or as a body (`query-document.ts`).
 */
import type { Json } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { badRequestData, NgsiError } from '../../core/errors.ts'
import type { Join } from '../../core/model/join.ts'
import { readJoin } from '../../core/model/join.ts'
import { checkDatasets, checkUris } from '../../core/model/names.ts'
import type { GeoParameters } from '../../core/query/parse-geo.ts'
import type { Request } from '../exchange.ts'
import type { ParameterName } from '../openapi/parameters.ts'
import { readFlag, readList, readNumber } from '../parameters.ts'

/** Which entities, by id and type. `id` beats `idPattern` (clause 5.2.33). */
export interface Selector {
  /** What stands before the names of its members in messages. */
  readonly path: string
  readonly type?: string
  readonly ids?: readonly string[]
  readonly idPattern?: string
}

/** A geo-query, not looked into yet. */
export interface GeoWords {
  /** What stands before the names of its members in messages. */
  readonly path: string
  readonly parameters: GeoParameters
}

/** An ordering (clause 5.2.43). */
export interface OrderingWords {
  readonly orderBy: string
  readonly collation?: string
  readonly geometry?: string
  readonly coordinates?: Json
}

/** What decides which entities are found. */
export interface Selection {
  /** An entity passes when it passes one of them; none: every entity does. */
  readonly selectors: readonly Selector[]
  readonly q?: string
  readonly geoQ?: GeoWords
  readonly scopeQ?: string
  readonly csf?: string
  readonly attrs?: readonly string[]
  readonly expandValues?: readonly string[]
  readonly jsonKeys?: readonly string[]
  /** Absent: not said. */
  readonly local?: boolean
}

/** What is shown of them, and in which order. */
export interface Presentation {
  readonly pick?: string
  readonly omit?: string
  readonly datasetId?: readonly string[]
  readonly lang?: string
  readonly join?: Join
  readonly ordering?: OrderingWords
  readonly geometryProperty?: string
}

export interface QueryParameters extends Selection, Presentation {}

/** The URL parameters that select entities. */
export const selectionParameters: readonly ParameterName[] = [
  ...(['type', 'id', 'idPattern', 'q', 'scopeQ', 'csf', 'attrs', 'expandValues', 'jsonKeys', 'local'] as const),
  ...(['georel', 'geometry', 'coordinates', 'geoproperty'] as const),
]

/** The URL parameters that say what is shown of one entity. */
export const presentationParameters: readonly ParameterName[] = [
  ...(['pick', 'omit', 'datasetId', 'lang', 'join', 'joinLevel', 'containedBy', 'geometryProperty'] as const),
  ...(['format', 'options', 'entityMap', 'entityMapLifetime'] as const),
]

/** The URL parameters that order a list. */
export const orderingParameters: readonly ParameterName[] = ['orderBy', 'orderFrom', 'orderGeometry', 'collation']

const everything: QueryParameters = { selectors: [] }

/** The parameters of a URL. Throws BadRequestData naming the one at fault, OperationNotSupported for entity maps. */
export function readQueryParameters(request: Request): QueryParameters {
  const { query } = request
  if (query.size === 0) {
    refuseEntityMap(request, false)
    return everything
  }
  refuseEntityMap(request, readFlag(query, 'entityMap'))
  // For brokers that know other sources: here no entity is spread over several.
  readFlag(query, 'splitEntities')
  return { ...readSelection(query), ...readPresentation(query), ...optional('ordering', readOrdering(query)) }
}

/** There are no entity maps (clause 4.3.6.7 leaves them to the implementation): who asks for one is not left to believe in it. */
export function refuseEntityMap({ headers }: Request, isAskedFor: boolean | undefined): void {
  const name = isAskedFor === true ? 'entityMap' : 'NGSILD-EntityMap'
  if (isAskedFor === true || headers['ngsild-entitymap'] !== undefined)
    throw new NgsiError('OperationNotSupported', `${name}: this broker has no entity maps`)
}

/** The part of a URL that selects entities. */
export function readSelection(query: URLSearchParams): Selection {
  const selector = {
    path: '',
    ...optional('type', query.get('type')),
    ...optional('ids', checkUris('id', readList(query, 'id'))),
    ...optional('idPattern', query.get('idPattern')),
  }
  return {
    selectors: Object.keys(selector).length > 1 ? [selector] : [],
    ...optional('q', query.get('q')),
    ...optional('geoQ', readGeoWords(query)),
    ...optional('scopeQ', query.get('scopeQ')),
    ...optional('csf', query.get('csf')),
    ...optional('attrs', readList(query, 'attrs')),
    ...optional('expandValues', readList(query, 'expandValues')),
    ...optional('jsonKeys', readList(query, 'jsonKeys')),
    ...optional('local', query.has('local') ? readFlag(query, 'local') : undefined),
  }
}

function readGeoWords(query: URLSearchParams): GeoWords | undefined {
  const parameters = {
    ...optional('georel', query.get('georel')),
    ...optional('geometry', query.get('geometry')),
    ...optional('coordinates', query.get('coordinates')),
  }
  // A geoproperty alone is no geo-query (clause 6.4.3.2).
  if (Object.keys(parameters).length === 0) return undefined
  return { path: '', parameters: { ...parameters, ...optional('geoproperty', query.get('geoproperty')) } }
}

function readPresentation(query: URLSearchParams): Presentation {
  return {
    ...optional('pick', query.get('pick')),
    ...optional('omit', query.get('omit')),
    ...optional('datasetId', checkDatasets(readList(query, 'datasetId'))),
    ...optional('lang', query.get('lang')),
    ...optional('geometryProperty', query.get('geometryProperty')),
    ...optional('join', readUrlJoin(query)),
  }
}

function readUrlJoin(query: URLSearchParams): Join | undefined {
  return readJoin({
    ...optional('join', query.get('join')),
    ...optional('joinLevel', readNumber(query, 'joinLevel')),
    ...optional('containedBy', readList(query, 'containedBy')),
  })
}

function readOrdering(query: URLSearchParams): OrderingWords | undefined {
  const orderBy = query.get('orderBy')
  const lone = orderingParameters.find((name) => query.has(name))
  if (orderBy === null && lone !== undefined) throw badRequestData(`${lone}: it says nothing without orderBy`)
  if (orderBy === null) return undefined
  return {
    orderBy,
    ...optional('collation', query.get('collation')),
    ...optional('geometry', query.get('orderGeometry')),
    ...optional('coordinates', query.get('orderFrom')),
  }
}
