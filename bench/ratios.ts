/** An operation as a ratio to bare node:http: runs of the two in turn, because machines drift. */
import type { Bench } from './bench.ts'
import { CONNECTIONS, NUMBERS_PER_RUN, RUNS, WARM_UP } from './bench.ts'
import { sendOne } from './client.ts'
import type { Figure } from './figures.ts'
import { figureOf } from './figures.ts'
import type { LoadResult } from './load-tool.ts'
import type { Operation } from './operations.ts'
import type { RequestTemplate } from './request.ts'
import { processorSeconds } from './process-usage.ts'
import type { ServerProcess } from './servers.ts'
import { startBareServer } from './servers.ts'

export interface RatioResult {
  readonly title: string
  /** Requests per second. */
  readonly rate: Figure
  readonly bare: Figure
  /** Of each run to the mean of the bare runs before and after it. */
  readonly ratio: Figure
  readonly target?: number
  /** Microseconds of processor time per request; what other processes do hardly touches it. NaN where it is not known. */
  readonly micros: Figure
  readonly bareMicros: Figure
  /** Milliseconds. */
  readonly p50: Figure
  readonly bareP50: Figure
  readonly p99: Figure
}

/** Measures one operation on a broker. Both servers get the very same requests. */
export async function measureRatio(bench: Bench, operation: Operation, broker: ServerProcess): Promise<RatioResult> {
  const bareServer = await startBareServer(bench)
  const request = await operation.prepare(broker.url)
  await sendOne(broker.url, request, 0, operation.status)
  const warmUp = Math.min(bench.seconds, WARM_UP)
  await load(bench, request, { server: bareServer, run: 0, seconds: warmUp })
  const first = await load(bench, request, { server: broker, run: 1, seconds: warmUp })
  const bare: Loaded[] = [await load(bench, request, { server: bareServer, run: 0 })]
  const runs: Loaded[] = []
  for (let run = 0; run < RUNS; run++) {
    runs.push(await load(bench, request, { server: broker, run: run + 2 }))
    bare.push(await load(bench, request, { server: bareServer, run: 0 }))
  }
  const answered = runs.reduce((sum, { requests }) => sum + requests, first.requests)
  const wrong = await operation.check?.(broker.url, answered)
  if (wrong !== undefined) throw new Error(`${operation.title}: ${wrong}`)
  await bareServer.stop()
  return resultOf(operation, runs, bare)
}

function resultOf({ title, target }: Operation, runs: readonly Loaded[], bare: readonly Loaded[]): RatioResult {
  const around = (index: number): number => ((bare[index]?.rate ?? NaN) + (bare[index + 1]?.rate ?? NaN)) / 2
  return {
    title,
    rate: figureOf(runs.map(({ rate }) => rate)),
    bare: figureOf(bare.map(({ rate }) => rate)),
    ratio: figureOf(runs.map(({ rate }, index) => rate / around(index))),
    ...(target !== undefined && { target }),
    micros: figureOf(runs.map(({ micros }) => micros)),
    bareMicros: figureOf(bare.map(({ micros }) => micros)),
    p50: figureOf(runs.map(({ p50 }) => p50)),
    bareP50: figureOf(bare.map(({ p50 }) => p50)),
    p99: figureOf(runs.map(({ p99 }) => p99)),
  }
}

interface LoadRun {
  readonly server: ServerProcess
  readonly run: number
  readonly seconds?: number
}

interface Loaded extends LoadResult {
  /** Microseconds of processor time per request. */
  readonly micros: number
}

async function load(bench: Bench, request: RequestTemplate, on: LoadRun): Promise<Loaded> {
  const { server, run, seconds = bench.seconds } = on
  const first = run * NUMBERS_PER_RUN + 1
  const before = await processorSeconds(server.pid)
  const result = await bench.tool.run({ url: server.url, request, first, connections: CONNECTIONS, seconds })
  const used = (await processorSeconds(server.pid)) - before
  return { ...result, micros: (used * 1e6) / result.requests }
}
