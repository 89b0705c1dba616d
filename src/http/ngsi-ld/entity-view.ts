/** From what a request asks for to what its answer looks like (ETSI GS CIM 009 V1.9.1, clauses 4.15, 4.21, 4.5.23, 6.3.7, 6.3.15). */
import { optional } from '../../base/optional.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import type { Join } from '../../core/model/join.ts'
import { parseLang } from '../../core/model/language.ts'
import type { MemberTree } from '../../core/model/member-tree.ts'
import { readAttributeName } from '../../core/model/names.ts'
import type { Linked } from '../../core/model/render/linked.ts'
import { entityOfLinked, inlineOptions } from '../../core/model/render/linked.ts'
import type { RenderOptions } from '../../core/model/render/options.ts'
import { parseProjection } from '../../core/query/parse-members.ts'
import type { JoinRequest } from '../../operations/entities/linked-entities.ts'
import { MAX_LINKED, tooManyLinked } from '../../operations/entities/linked-entities.ts'
import type { Request } from '../exchange.ts'
import { acceptedEntityMedia } from '../headers.ts'
import { readRepresentation } from '../parameters.ts'
import { readPreferences } from '../prefer.ts'
import { attributeNames } from './entity-filter.ts'
import type { QueryParameters } from './query-parameters.ts'
import type { EntityView } from './representation.ts'

/** How the answer shows entities. Throws BadRequestData, InvalidRequest or NotAcceptable, naming what is wrong. */
export function readView(request: Request, context: CompiledContext, parameters: QueryParameters): EntityView {
  const media = acceptedEntityMedia(request)
  const { geometryProperty } = parameters
  if (geometryProperty !== undefined && media !== 'application/geo+json') {
    throw badRequestData('geometryProperty: it is for answers in application/geo+json (clause 5.7.2.4)')
  }
  return {
    media,
    options: viewOptions(request, context, parameters),
    preferences: readPreferences(request),
    geometryProperty:
      geometryProperty === undefined ? 'location' : readAttributeName(context, geometryProperty, 'geometryProperty'),
  }
}

// No more members than are asked for: without any, the stored text is the answer.
function viewOptions(request: Request, context: CompiledContext, parameters: QueryParameters): RenderOptions {
  const { attrs, datasetId, lang, join } = parameters
  const names = attributeNames(context, attrs, 'attrs')
  const levels = join?.levels ?? 0
  return {
    context,
    ...readRepresentation(request.query),
    ...optional('attributes', names && new Set(names)),
    ...optional('pick', readMembers(context, { name: 'pick', text: parameters.pick }, levels)),
    ...optional('omit', readMembers(context, { name: 'omit', text: parameters.omit }, levels)),
    ...optional('datasets', datasetId && new Set(datasetId)),
    ...optional('languages', lang === undefined ? undefined : parseLang(lang, 'lang')),
  }
}

function readMembers(
  context: CompiledContext,
  { name, text }: { readonly name: 'pick' | 'omit'; readonly text: string | undefined },
  levels: number,
): MemberTree | undefined {
  return text === undefined ? undefined : parseProjection(context, { name, text }, levels)
}

/** What is to be retrieved beside the entities themselves. */
export function joinRequest({ levels, containedBy }: Join, { options }: EntityView): JoinRequest {
  return { levels, containedBy: new Set(containedBy), shown: options }
}

/** The view with the linked entities in the places that lead to them (clause 4.5.23.2). */
export function inlineView(view: EntityView, join: Join, linked: Linked): EntityView {
  return { ...view, options: inlineOptions(view.options, join, entityOfLinked(linked, places)) }
}

const places = {
  most: MAX_LINKED,
  beyond: (): never => {
    throw tooManyLinked()
  },
}
