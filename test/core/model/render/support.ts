/** Entities of the shore, and how they are shown. */
import type { JsonObject } from '../../../../src/base/json.ts'
import { coreContext } from '../../../../src/core/context/compile.ts'
import { readEntity } from '../../../../src/core/model/read-entity.ts'
import { renderEntity } from '../../../../src/core/model/render/entity.ts'
import type { RenderOptions } from '../../../../src/core/model/render/options.ts'
import type { EntityState } from '../../../../src/core/model/state.ts'
import { createEntity } from '../../../../src/core/model/write/create.ts'

export const BREST = 'urn:ngsi-ld:TideGauge:Brest'
export const point = { type: 'Point', coordinates: [-4.4952, 48.3829] }
export const GPS = 'urn:ngsi-ld:Dataset:gps'
const TIME = '2026-11-22T09:30:00.000000Z'

/** What a client's entity becomes when it is created. */
export function stateOf(members: JsonObject, context = coreContext): EntityState {
  return createEntity(undefined, readEntity(context, { id: BREST, type: 'TideGauge', ...members }), TIME)
}

export const normalized: RenderOptions = { context: coreContext, format: 'normalized', sysAttrs: false }
export const concise: RenderOptions = { ...normalized, format: 'concise' }
export const simplified: RenderOptions = { ...normalized, format: 'simplified' }

/** The entity that a client sent, as it is shown. */
export function show(members: JsonObject, options: RenderOptions): JsonObject {
  const { entity, times } = stateOf(members)
  return renderEntity(entity, times, options)
}

/** What is shown beside id and type. */
export function showMembers(members: JsonObject, options: RenderOptions): JsonObject {
  const { id: _id, type: _type, ...rest } = show(members, options)
  return rest
}
