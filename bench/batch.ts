/** Entities in batches beside entities one by one: how many a second, in turn. */
import type { Bench } from './bench.ts'
import { CONNECTIONS, NUMBERS_PER_RUN, RUNS, WARM_UP } from './bench.ts'
import { send } from './client.ts'
import { batchText, countEntities, createTemplate, UPSERT } from './entities.ts'
import type { Figure } from './figures.ts'
import { figureOf } from './figures.ts'
import { startBroker } from './servers.ts'

export interface BatchResult {
  /** Entities in one batch. */
  readonly size: number
  /** Entities a second, one batch after the other. */
  readonly batches: Figure
  /** Entities a second, each in a request of its own over many connections. */
  readonly singles: Figure
  /** Of each run of batches to the run of single requests before it. */
  readonly ratio: Figure
}

const SIZE = 2000

/** Creations of both kinds on one broker. Rejects when an entity that was acknowledged is not there. */
export async function measureBatch(bench: Bench): Promise<BatchResult> {
  const broker = await startBroker(bench)
  const { url } = broker
  const warmUp = await single(bench, url, { run: 0, seconds: Math.min(bench.seconds, WARM_UP) })
  let acknowledged = warmUp.requests
  const singles: number[] = []
  const batches: number[] = []
  for (let run = 1; run <= RUNS; run++) {
    const { requests, rate } = await single(bench, url, { run, seconds: bench.seconds })
    const { entities, seconds } = await inBatches(bench, url, (RUNS + run) * NUMBERS_PER_RUN)
    acknowledged += requests + entities
    singles.push(rate)
    batches.push(entities / seconds)
  }
  const count = await countEntities(url)
  if (count < acknowledged) {
    throw new Error(`batch: ${String(acknowledged)} entities were acknowledged, ${String(count)} are there`)
  }
  await broker.stop()
  return {
    size: SIZE,
    batches: figureOf(batches),
    singles: figureOf(singles),
    ratio: figureOf(batches.map((rate, index) => rate / (singles[index] ?? NaN))),
  }
}

function single(bench: Bench, url: string, { run, seconds }: { run: number; seconds: number }) {
  const first = run * NUMBERS_PER_RUN + 1
  return bench.tool.run({ url, request: createTemplate, first, connections: CONNECTIONS, seconds })
}

interface Sent {
  readonly entities: number
  /** That the broker had them for. */
  readonly seconds: number
}

/** Upserts of new entities for the time of a run; making their texts is not counted. */
async function inBatches(bench: Bench, url: string, first: number): Promise<Sent> {
  let entities = 0
  let seconds = 0
  while (seconds < bench.seconds) {
    bench.signal.throwIfAborted()
    const body = batchText(first + entities, SIZE)
    const begin = performance.now()
    await send(`${url}${UPSERT.path}`, { method: 'POST', headers: UPSERT.headers, body }, 201)
    seconds += (performance.now() - begin) / 1000
    entities += SIZE
  }
  return { entities, seconds }
}
