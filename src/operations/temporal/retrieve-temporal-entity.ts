import type { JsonObject } from '../../base/json.ts'
import { notFound } from '../../core/errors.ts'
import type { LogRecord } from '../../core/model/log-record.ts'
import type { RenderOptions } from '../../core/model/render/options.ts'
import { all } from '../../core/query/ast.ts'
import { renderHistory } from '../../temporal/instances.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'
import { requireEntityId } from '../existing.ts'

const SLICE = 500

/**
 * Retrieve Temporal Evolution of an Entity (clause 5.7.3), all of it, in the client's words. History outlives the entity.
 * Throws BadRequestData when the id is no URI, ResourceNotFound when the entity never was.
 */
export async function retrieveTemporalEntity(call: Call, id: string, options: RenderOptions): Promise<JsonObject> {
  requireEntityId(id)
  return renderHistory(await allRecords(call, id), options)
}

async function allRecords(call: Call, id: string): Promise<readonly LogRecord[]> {
  const { store } = call.broker
  const records: LogRecord[] = []
  for (;;) {
    const afterVersion = records.at(-1)?.version ?? 0
    const slice = await store.log.ofEntity({ space: call.space, entity: id, afterVersion, limit: SLICE })
    records.push(...slice)
    if (slice.length < SLICE) break
  }
  if (records.length === 0) {
    // Tells an unknown tenant from an unknown entity.
    await store.entities.get({ space: call.space, filter: all, visibility: visibilityOf(call), now: call.time }, id)
    throw notFound(`there is no history of an entity ${id}`)
  }
  return records
}
