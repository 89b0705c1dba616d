/** The body of POST /entityOperations/query: the data type Query (ETSI GS CIM 009 V1.9.1, clauses 5.2.23, 5.2.33, 5.2.13, 5.2.43). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import { nearest } from '../../base/nearest.ts'
import { optional } from '../../base/optional.ts'
import { badRequestData } from '../../core/errors.ts'
import { readJoin } from '../../core/model/join.ts'
import { checkDatasets, checkUris } from '../../core/model/names.ts'
import {
  booleanMember,
  members,
  nameList,
  objectList,
  positiveMember,
  stringList,
  textMember,
} from '../../core/model/read-members.ts'
import type { Request } from '../exchange.ts'
import { readFlag } from '../parameters.ts'
import type { GeoWords, OrderingWords, QueryParameters, Selector } from './query-parameters.ts'
import { refuseEntityMap } from './query-parameters.ts'

const known: readonly string[] = [
  ...['type', '@context', 'entities', 'q', 'geoQ', 'scopeQ', 'csf', 'attrs', 'pick', 'omit', 'datasetId', 'lang'],
  ...['expandValues', 'jsonKeys', 'join', 'joinLevel', 'containedBy', 'ordering', 'splitEntities'],
  ...['entityMap', 'entityMapLifetime'],
]
/** Clause 5.2.23: for queries of the temporal evolution alone. */
const temporal = ['temporalQ', 'aggrParams']

/**
 * What a Query asks for, with the parameters that stay in the URL beside it. Throws BadRequestData naming the member at fault,
 * OperationNotSupported for entity maps.
 */
export function readQueryDocument(json: Json, request: Request): QueryParameters {
  const document = members(json, 'the query')
  checkMembers(document)
  refuseEntityMap(request, booleanMember(document, 'entityMap'))
  booleanMember(document, 'splitEntities')
  return {
    selectors: objectList(document, 'entities')?.map(readSelector) ?? [],
    ...readFilters(document),
    ...readShown(document),
    ...optional('ordering', readOrdering(document)),
    ...optional('local', request.query.has('local') ? readFlag(request.query, 'local') : undefined),
    ...optional('geometryProperty', request.query.get('geometryProperty')),
  }
}

function checkMembers(document: JsonObject): void {
  if (document['type'] !== 'Query') throw badRequestData('type: must be "Query"')
  for (const name of Object.keys(document)) {
    if (known.includes(name)) continue
    if (temporal.includes(name)) throw badRequestData(`${name}: it is for temporal queries (clause 5.2.23)`)
    throw badRequestData(`${name}: not a member of a query${guess(name, known)}`)
  }
}

function guess(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

function readFilters(document: JsonObject): Partial<QueryParameters> {
  return {
    ...optional('q', textMember(document, 'q')),
    ...optional('geoQ', readGeoQuery(document)),
    ...optional('scopeQ', textMember(document, 'scopeQ')),
    ...optional('csf', textMember(document, 'csf')),
    ...optional('attrs', stringList(document, 'attrs')),
    ...optional('expandValues', nameList(document, 'expandValues')),
    ...optional('jsonKeys', nameList(document, 'jsonKeys')),
  }
}

function readShown(document: JsonObject): Partial<QueryParameters> {
  const join = readJoin({
    ...optional('join', textMember(document, 'join')),
    ...optional('joinLevel', positiveMember(document, 'joinLevel')),
    ...optional('containedBy', stringList(document, 'containedBy')),
  })
  return {
    ...optional('pick', stringList(document, 'pick')?.join(',')),
    ...optional('omit', stringList(document, 'omit')?.join(',')),
    ...optional('datasetId', checkDatasets(stringList(document, 'datasetId'))),
    ...optional('lang', textMember(document, 'lang')),
    ...optional('join', join),
  }
}

/** Clause 5.2.33: `type` is there in each; `id` is one or several. */
function readSelector(selector: JsonObject, index: number): Selector {
  const path = `entities[${String(index)}].`
  refuseOthers(selector, ['id', 'idPattern', 'type'], path)
  const type = textMember(selector, 'type', path)
  if (type === undefined) throw badRequestData(`${path}type: missing (clause 5.2.33)`)
  const ids = typeof selector['id'] === 'string' ? asArray(selector['id']) : stringList(selector, 'id', path)
  return {
    path,
    type,
    ...optional('ids', checkUris(`${path}id`, ids)),
    ...optional('idPattern', textMember(selector, 'idPattern', path)),
  }
}

function readGeoQuery(document: JsonObject): GeoWords | undefined {
  if (document['geoQ'] === undefined) return undefined
  const path = 'geoQ.'
  const parameters = members(document['geoQ'], 'geoQ')
  refuseOthers(parameters, ['georel', 'geometry', 'coordinates', 'geoproperty'], path)
  return { path, parameters }
}

function readOrdering(document: JsonObject): OrderingWords | undefined {
  if (document['ordering'] === undefined) return undefined
  const path = 'ordering.'
  const ordering = members(document['ordering'], 'ordering')
  refuseOthers(ordering, ['orderBy', 'collation', 'geometry', 'coordinates'], path)
  const orderBy = stringList(ordering, 'orderBy', path)
  if (orderBy === undefined) throw badRequestData(`${path}orderBy: missing (clause 5.2.43)`)
  return {
    orderBy: orderBy.join(','),
    ...optional('collation', textMember(ordering, 'collation', path)),
    ...optional('geometry', textMember(ordering, 'geometry', path)),
    ...optional('coordinates', ordering['coordinates']),
  }
}

function refuseOthers(document: JsonObject, names: readonly string[], path: string): void {
  const other = Object.keys(document).find((name) => !names.includes(name))
  if (other !== undefined) throw badRequestData(`${path}${other}: not a member${guess(other, names)}`)
}
