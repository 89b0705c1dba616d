import type { JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { dateTimeOf } from '../../base/time.ts'
import { tenantOf } from '../../core/model/space.ts'
import type { DeadLetter, DeadLetterFilter } from '../../store/outbox-port.ts'
import type { Call } from '../call.ts'

export type { DeadLetterFilter } from '../../store/outbox-port.ts'

export interface DeadLetterPage {
  readonly letters: readonly JsonObject[]
  /** Where the next page begins; absent after the last one. */
  readonly next?: string
}

/** Estran's own: the notifications that were given up, in all tenants, oldest first, after a cursor. */
export async function listDeadLetters(
  { broker }: Call,
  request: DeadLetterFilter & { readonly limit: number; readonly after?: string },
): Promise<DeadLetterPage> {
  const found = await broker.store.deadLetters.list({ ...request, limit: request.limit + 1 })
  const shown = found.slice(0, request.limit)
  const next = found.length > request.limit ? shown.at(-1)?.cursor : undefined
  return { letters: shown.map(render), ...optional('next', next) }
}

/** How many there are. */
export function countDeadLetters({ broker }: Call, filter: DeadLetterFilter): Promise<number> {
  return broker.store.deadLetters.count(filter)
}

function render({ delivery, reason, attempts, at }: DeadLetter): JsonObject {
  const { record, subscription, notification } = delivery
  return {
    notification,
    ...optional('tenant', tenantOf(record.space)),
    subscription,
    entity: record.entity,
    changedAt: dateTimeOf(record.time),
    reason,
    attempts,
    givenUpAt: dateTimeOf(at),
  }
}
