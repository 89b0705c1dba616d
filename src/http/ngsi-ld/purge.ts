/** `DELETE /entities` (ETSI GS CIM 009 V1.9.1, clauses 5.6.21, 6.4.3.3). */
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { readAttributeName } from '../../core/model/names.ts'
import type { PurgeMode } from '../../core/model/write/purge.ts'
import { purgeEntities } from '../../operations/entities/purge-entities.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readList } from '../parameters.ts'
import { linkContext } from '../read-body.ts'
import { noContent } from '../write-answer.ts'
import { batchAnswer } from './batch-answer.ts'
import { entityFilter, readAttrs } from './entity-filter.ts'
import { readSelection, refuseEntityMap, selectionParameters } from './query-parameters.ts'

export const purgeRoute: Route = {
  method: 'DELETE',
  path: '/entities',
  // geometryProperty is for GeoJSON, which no purge answers with; the specification lists it all the same.
  parameters: [...selectionParameters, 'geometryProperty', 'keep', 'drop'],
  about: {
    id: 'purgeEntity',
    summary: 'Delete entities, or attributes of entities, by query',
    clause: '5.6.21',
    answers: { 204: 'nothing', 207: 'BatchOperationResult' },
  },
  handle: purge,
}

async function purge(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  refuseEntityMap(request, undefined)
  const context = await linkContext(exchange)
  const mode = readMode(context, request.query)
  const attributes = readAttrs(context, request.query) ?? droppedAttributes(mode)
  const filter = entityFilter(context, readSelection(request.query), { attributes, linkLevels: 0 })
  return batchAnswer(await purgeEntities(call, { filter, mode }), noContent)
}

/** `keep` and `drop` name attributes and `scope`; an entity's id and type stay whatever they say. */
function readMode(context: CompiledContext, query: URLSearchParams): PurgeMode {
  const [keep, drop] = [readMembers(context, query, 'keep'), readMembers(context, query, 'drop')]
  if (keep !== undefined && drop !== undefined) throw badRequestData('keep: it contradicts drop, give one of them')
  if (drop !== undefined) return { kind: 'drop', members: drop }
  return keep === undefined ? { kind: 'entity' } : { kind: 'keep', members: keep }
}

function readMembers(
  context: CompiledContext,
  query: URLSearchParams,
  parameter: 'keep' | 'drop',
): ReadonlySet<string> | undefined {
  const names = readList(query, parameter)
  if (names === undefined) return undefined
  const kept = (name: string): boolean => parameter === 'keep' && (name === 'id' || name === 'type')
  return new Set(
    names
      .filter((name) => !kept(name))
      .map((name) => (name === 'scope' ? name : readAttributeName(context, name, parameter))),
  )
}

/** A list of attributes to drop is a filter too: entities that have none of them have nothing to lose (clause 5.6.21.4 b). */
function droppedAttributes(mode: PurgeMode): readonly string[] | undefined {
  if (mode.kind !== 'drop' || mode.members.has('scope')) return undefined
  return [...mode.members]
}
