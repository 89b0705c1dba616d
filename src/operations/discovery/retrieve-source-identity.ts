import type { JsonObject } from '../../base/json.ts'
import { dateTimeOf, durationOf } from '../../base/time.ts'
import type { Call } from '../call.ts'
import { sourceAliasOf } from '../call.ts'
import { requireSpace } from '../require-space.ts'

/** Retrieve Context Source Identity Information (clause 5.15.1): of the tenant that is asked (clause 5.2.40). Throws NonexistentTenant. */
export async function retrieveSourceIdentity(call: Call): Promise<JsonObject> {
  await requireSpace(call)
  const alias = sourceAliasOf(call)
  return {
    id: `urn:ngsi-ld:ContextSource:${alias}`,
    type: 'ContextSourceIdentity',
    contextSourceAlias: alias,
    contextSourceUptime: durationOf(Math.floor((call.micros - call.broker.source.since) / 1_000_000)),
    contextSourceTimeAt: dateTimeOf(call.time),
  }
}
