/** From what a request asks for to the query tree (ETSI GS CIM 009 V1.9.1, clauses 5.7.1, 5.7.2). */
import { optional } from '../../base/optional.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { readAttributeName } from '../../core/model/names.ts'
import type { Query } from '../../core/query/ast.ts'
import { all, and, depthOfLinks, or } from '../../core/query/ast.ts'
import { attributesIn } from '../../core/query/attributes-in.ts'
import { bounded } from '../../core/query/bounded.ts'
import { parseGeoQ } from '../../core/query/parse-geo.ts'
import { parseQ } from '../../core/query/parse-q.ts'
import { parseScopeQ } from '../../core/query/parse-scope.ts'
import { parseTypeSelection } from '../../core/query/parse-type.ts'
import { compilePattern } from '../../core/query/pattern.ts'
import { readList } from '../parameters.ts'
import type { Selection, Selector } from './query-parameters.ts'

/** Core names of `attrs`; undefined when the parameter is absent. Throws BadRequestData for what is no attribute name. */
export function readAttrs(context: CompiledContext, query: URLSearchParams): readonly string[] | undefined {
  return attributeNames(context, readList(query, 'attrs'), 'attrs')
}

/** Core names of attributes that the parameter or member `name` lists. Throws BadRequestData for what is no attribute name. */
export function attributeNames(
  context: CompiledContext,
  names: readonly string[] | undefined,
  name: string,
): readonly string[] | undefined {
  return names?.map((one) => readAttributeName(context, one, name))
}

/** The filter `type` of a URL, `all` when absent. */
export function typeFilter(context: CompiledContext, query: URLSearchParams): Query {
  const type = query.get('type')
  return type === null ? all : parseTypeSelection(context, type)
}

/** An entity passes when it has at least one of the attributes (clause 5.7.2: `attrs` filters, too). */
function attributesFilter(names: readonly string[] | undefined): Query {
  return names === undefined ? all : or(...names.map((name): Query => ({ kind: 'attribute', name })))
}

/** What of a selection the caller has read already. */
export interface FilterOptions {
  /** Core names of attributes of which an entity must have one; absent: of none. */
  readonly attributes: readonly string[] | undefined
  /** How many links in a row q may follow. */
  readonly linkLevels: number
}

/** The filter of Query Entities. Throws BadRequestData when it is too wide or too deep (clause 5.7.2.4), or when it is wrong. */
export function entityFilter(
  context: CompiledContext,
  selection: Selection,
  { attributes, linkLevels }: FilterOptions,
): Query {
  const q = qFilter(context, selection)
  const geoQ = selection.geoQ === undefined ? all : parseGeoQ(context, selection.geoQ.parameters, selection.geoQ.path)
  const scopeQ = selection.scopeQ === undefined ? all : parseScopeQ(selection.scopeQ)
  // Nobody else's registrations are asked yet; what is wrong is wrong all the same.
  if (selection.csf !== undefined) parseQ(context, selection.csf, { name: 'csf' })
  checkDepth(q, linkLevels)
  checkWidth(selection, [...(attributes ?? []), ...attributesIn(q)])
  const selectors = selectorsFilter(context, selection.selectors)
  return bounded(and(selectors, attributesFilter(attributes), q, geoQ, scopeQ), FILTERS)
}

/** The filter of Retrieve Entity: the parameters `type` and `attrs`. Throws BadRequestData naming the one at fault. */
export function retrievalFilter(context: CompiledContext, query: URLSearchParams): Query {
  return bounded(and(typeFilter(context, query), attributesFilter(readAttrs(context, query))), FILTERS)
}

/** What makes a filter long. */
const FILTERS = 'type, attrs, q, scopeQ'

function qFilter(context: CompiledContext, { q, jsonKeys, expandValues }: Selection): Query {
  const names = {
    ...optional('jsonKeys', nameSet(context, jsonKeys, 'jsonKeys')),
    ...optional('expandValues', nameSet(context, expandValues, 'expandValues')),
  }
  return q === undefined ? all : parseQ(context, q, names)
}

function nameSet(
  context: CompiledContext,
  names: readonly string[] | undefined,
  name: string,
): ReadonlySet<string> | undefined {
  const expanded = attributeNames(context, names, name)
  return expanded && new Set(expanded)
}

function checkDepth(q: Query, linkLevels: number): void {
  const depth = depthOfLinks(q)
  if (depth <= linkLevels) return
  throw badRequestData(
    linkLevels === 0
      ? 'q: it looks into linked entities, which needs join (clause 5.7.2.4)'
      : `q: it follows ${String(depth)} links in a row, joinLevel allows ${String(linkLevels)} (clause 5.7.2.4)`,
  )
}

/** What every entity has: a query for it alone is a query for everything. */
const systemNames: ReadonlySet<string> = new Set([
  'id',
  'type',
  'scope',
  'createdAt',
  'modifiedAt',
  'deletedAt',
  'expiresAt',
])

/** Clause 5.7.2.4: types, attributes, a query for an attribute, a geo-query or local scope; anything else is too wide. */
function checkWidth({ selectors, geoQ, local }: Selection, attributes: readonly string[]): void {
  const everything = selectors.find(({ type }) => type === '*')
  if (everything !== undefined && local === false) {
    throw badRequestData(`${everything.path}type: * asks this broker alone and contradicts local=false (clause 4.17)`)
  }
  const isNarrow =
    selectors.some(({ type }) => type !== undefined) ||
    geoQ !== undefined ||
    attributes.some((name) => !systemNames.has(name))
  if (!isNarrow && local !== true) {
    throw badRequestData('type: the query is too wide, give type, attrs, q, a geo-query or local=true (clause 5.7.2.4)')
  }
}

/** True when only this broker is asked: it says so, or asks for entities of any type (clauses 4.17, 5.5.13). */
export function isLocal({ local, selectors }: Selection): boolean {
  return local === true || selectors.some(({ type }) => type === '*')
}

function selectorsFilter(context: CompiledContext, selectors: readonly Selector[]): Query {
  return selectors.length === 0 ? all : or(...selectors.map((selector) => selectorFilter(context, selector)))
}

function selectorFilter(context: CompiledContext, { path, type, ids, idPattern }: Selector): Query {
  const types = type === undefined ? all : parseTypeSelection(context, type, `${path}type`)
  if (ids !== undefined) return and({ kind: 'ids', ids }, types)
  if (idPattern === undefined) return types
  if (idPattern === '') throw badRequestData(`${path}idPattern: a regular expression expected`)
  compilePattern(idPattern, `${path}idPattern`)
  return and({ kind: 'idPattern', pattern: idPattern }, types)
}
