/** Takes deliveries off the outbox, many in one step; a database that does not answer is asked again. */
import type { Outbox, Settlement } from '../../store/port.ts'
import type { Log } from '../../ops/log.ts'

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

/** Milliseconds until a failed step is tried again. */
const RETRY = 1000

export function createSettler(outbox: Outbox, log: Log): Settler {
  let items: Item[] = []
  let step: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const settleAll = async (): Promise<void> => {
    const batch = items
    items = []
    try {
      await outbox.settle(batch.map((item) => item.settlement))
    } catch (error) {
      log.warn({ err: error, count: batch.length }, 'deliveries could not be taken off the outbox; trying again')
      items = [...batch, ...items]
      timer ??= setTimeout(run, RETRY).unref()
      return
    }
    for (const item of batch) item.done()
  }
  const run = (): void => {
    timer = undefined
    if (step !== undefined || items.length === 0) return
    step = settleAll().finally(() => {
      step = undefined
      if (timer === undefined) run()
    })
  }
  return {
    settle: (settlement, done) => {
      items.push({ settlement, done })
      // What the same turn of the event loop brings goes in one step.
      if (items.length === 1 && step === undefined && timer === undefined) setImmediate(run)
    },
    flush: async () => {
      while (step !== undefined) await step
      clearTimeout(timer)
      timer = undefined
      if (items.length > 0) await settleAll()
      clearTimeout(timer)
    },
  }
}
