/** Takes deliveries off the outbox, many in one step; a database that does not answer is asked again. */
import type { Outbox, Settlement } from '../../store/outbox-port.ts'
import type { Log } from '../../ops/log.ts'
import { createBatches } from './batches.ts'

export interface Settler {
  /** `done` is called when it is durable. */
  settle(settlement: Settlement, done: () => void): void
  /** Resolves when all that was handed over so far is durable, or one more attempt at it has failed. */
  flush(): Promise<void>
}

interface Item {
  readonly settlement: Settlement
  readonly done: () => void
}

export function createSettler(outbox: Outbox, log: Log): Settler {
  const settleAll = async (batch: readonly Item[]): Promise<void> => {
    await outbox.settle(batch.map((item) => item.settlement))
    for (const item of batch) item.done()
  }
  const batches = createBatches(settleAll, (err, count) => {
    log.warn({ err, count }, 'deliveries could not be taken off the outbox; trying again')
  })
  return {
    settle: (settlement, done) => {
      batches.add({ settlement, done })
    },
    flush: batches.flush,
  }
}
