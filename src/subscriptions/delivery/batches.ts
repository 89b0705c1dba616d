/** Hands on together what comes in one by one: what fails is tried again, and what comes meanwhile goes with it. */
export interface Batches<T> {
  add(item: T): void
  /** Resolves when all that was added so far is done, or one more attempt at it has failed. */
  readonly flush: () => Promise<void>
}

/** Milliseconds until a batch that failed is tried again. */
const RETRY = 1000

/** `work` does one batch at a time, so many milliseconds apart at least; `failed` is told when it rejects. */
export function createBatches<T>(
  work: (batch: readonly T[]) => Promise<void>,
  failed: (error: unknown, count: number) => void,
  pause = 0,
): Batches<T> {
  let items: T[] = []
  let step: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const workOff = async (): Promise<void> => {
    const batch = items
    items = []
    try {
      await work(batch)
    } catch (error) {
      failed(error, batch.length)
      items = [...batch, ...items]
      timer ??= setTimeout(run, RETRY).unref()
    }
  }
  const run = (): void => {
    timer = undefined
    if (step !== undefined || items.length === 0) return
    step = workOff().finally(() => {
      step = undefined
      if (timer !== undefined) return
      if (pause === 0) run()
      else timer = setTimeout(run, pause).unref()
    })
  }
  return {
    add: (item) => {
      items.push(item)
      // What the same turn of the event loop brings goes in one step.
      if (items.length === 1 && step === undefined && timer === undefined) setImmediate(run)
    },
    flush: async () => {
      while (step !== undefined) await step
      clearTimeout(timer)
      timer = undefined
      if (items.length > 0) await workOff()
      clearTimeout(timer)
    },
  }
}
