import type { DeadLetterFilter } from '../../store/outbox-port.ts'
import type { Call } from '../call.ts'

/** Estran's own: removes dead letters for good; how many. */
export function purgeDeadLetters({ broker }: Call, filter: DeadLetterFilter): Promise<number> {
  return broker.store.deadLetters.remove(filter)
}
