/** From URL parameters to the query tree (ETSI GS CIM 009 V1.9.1, clauses 5.7.1, 5.7.2). */
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { isUriText, readAttributeName } from '../../core/model/names.ts'
import type { Query } from '../../core/query/ast.ts'
import { all, and, or } from '../../core/query/ast.ts'
import { parseTypeSelection } from '../../core/query/parse-type.ts'
import { compilePattern } from '../../core/query/pattern.ts'
import { readFlag, readList } from '../parameters.ts'

/** Core names of `attrs`; undefined when the parameter is absent. Throws BadRequestData for what is no attribute name. */
export function readAttrs(context: CompiledContext, query: URLSearchParams): readonly string[] | undefined {
  return readList(query, 'attrs')?.map((name) => readAttributeName(context, name, 'attrs'))
}

/** The filter `type`, `all` when absent. */
export function typeFilter(context: CompiledContext, query: URLSearchParams): Query {
  const type = query.get('type')
  return type === null ? all : parseTypeSelection(context, type)
}

/** An entity passes when it has at least one of the attributes (clause 5.7.2: `attrs` filters, too). */
export function attributesFilter(names: readonly string[] | undefined): Query {
  return names === undefined ? all : or(...names.map((name): Query => ({ kind: 'attribute', name })))
}

/** The filter of Query Entities. Throws BadRequestData when it is too wide (clause 5.7.2.4) or a parameter is wrong. */
export function entityFilter(
  context: CompiledContext,
  query: URLSearchParams,
  attrs: readonly string[] | undefined,
): Query {
  const isLocal = readFlag(query, 'local')
  if (query.get('type') === '*' && query.get('local') === 'false') {
    throw badRequestData('type: * asks this broker alone and contradicts local=false (clause 4.17)')
  }
  if (query.get('type') === null && attrs === undefined && !isLocal) {
    throw badRequestData('type: the query is too wide, give type, attrs or local=true (clause 5.7.2.4)')
  }
  return and(idsFilter(query), typeFilter(context, query), attributesFilter(attrs))
}

/** `id` beats `idPattern` (clause 5.2.33). */
function idsFilter(query: URLSearchParams): Query {
  const ids = readList(query, 'id')
  const pattern = query.get('idPattern')
  if (ids === undefined) return pattern === null ? all : idPatternFilter(pattern)
  for (const id of ids) if (!isUriText(id)) throw badRequestData(`id: '${id}' is not a URI`)
  return { kind: 'ids', ids }
}

function idPatternFilter(pattern: string): Query {
  compilePattern(pattern, 'idPattern')
  return { kind: 'idPattern', pattern }
}
