import type { Bench } from './bench.ts'
import { RUNS } from './bench.ts'
import type { Figure } from './figures.ts'
import { figureOf } from './figures.ts'
import { startBroker } from './servers.ts'

/** Milliseconds from the start of the process until /health is answered with 200; the data folder is empty. */
export async function measureStartUp(bench: Bench): Promise<Figure> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const broker = await startBroker(bench)
    times.push(broker.startedAfter)
    await broker.stop()
  }
  return figureOf(times)
}
