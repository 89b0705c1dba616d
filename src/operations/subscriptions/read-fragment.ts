import type { Json, JsonObject } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { NGSI_NULL } from '../../core/context/ngsi-null.ts'
import { expandSubscription } from '../../core/model/subscription-names.ts'
import { parseQ } from '../../core/query/parse-q.ts'

/**
 * A subscription's document, whole or a fragment, in core names. Nobody else's registrations are asked yet, so that csf is read
 * here alone: what is wrong is wrong all the same. Throws BadRequestData naming the member.
 */
export function readFragment(context: CompiledContext, body: Json): JsonObject {
  const fragment = expandSubscription(context, body)
  const { csf } = fragment
  if (typeof csf === 'string' && csf !== '' && csf !== NGSI_NULL) parseQ(context, csf, { name: 'csf' })
  return fragment
}
