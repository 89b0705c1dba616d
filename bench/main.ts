/** `npm run bench`: how fast the broker is, as ratios to bare node:http on the same machine. See docs/speed.md. */
/// <reference lib="esnext.disposable" />
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createAutocannon } from './autocannon.ts'
import type { BatchResult } from './batch.ts'
import { measureBatch } from './batch.ts'
import type { Bench } from './bench.ts'
import { CONNECTIONS, RUNS } from './bench.ts'
import { entityBytes } from './entities.ts'
import type { LoadTool } from './load-tool.ts'
import type { Machine, Pinning } from './machine.ts'
import { createFolder, describeMachine, isOnPath, pinning, syncTime } from './machine.ts'
import type { MatchingResult } from './matching.ts'
import { measureMatching } from './matching.ts'
import type { MemoryResult } from './memory.ts'
import { measureMemory } from './memory.ts'
import type { Figure } from './figures.ts'
import { largeOperations, populateLarge } from './large.ts'
import type { Operation } from './operations.ts'
import { operations } from './operations.ts'
import type { ChapterName, Options } from './options.ts'
import { readOptions } from './options.ts'
import type { RatioResult } from './ratios.ts'
import { measureRatio } from './ratios.ts'
import {
  printBatch,
  printLatency,
  printMatching,
  printMatchingHead,
  printMemory,
  printRatio,
  printRatioHead,
  printStartUp,
  printThroughput,
} from './report.ts'
import type { LatencyResult } from './push/latency.ts'
import { measureLatency } from './push/latency.ts'
import type { ThroughputResult } from './push/throughput.ts'
import { measureThroughput } from './push/throughput.ts'
import { createRun } from './run.ts'
import { startBroker } from './servers.ts'
import { measureStartUp } from './start-up.ts'
import { createWrk } from './wrk.ts'

interface Results {
  startUp?: Figure
  ratios: RatioResult[]
  batch?: BatchResult
  matching?: readonly MatchingResult[]
  latency?: readonly LatencyResult[]
  throughput?: readonly ThroughputResult[]
  memory?: MemoryResult
}

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    ending.abort(new Error(`ended by ${signal}`))
  })
}
try {
  await runBench(readOptions())
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

/** Whatever it started is stopped and removed when it returns or rejects. */
async function runBench(options: Options): Promise<void> {
  await using started = new AsyncDisposableStack()
  const { signal } = ending
  const { profile } = options
  const folder = await createFolder()
  started.defer(() => rm(folder, { recursive: true }))
  if (profile !== undefined) await mkdir(profile, { recursive: true })
  const pins = await pinning()
  const tool = await chooseTool(options, { pins, folder })
  const setting = await describeSetting({ options, pins, tool, folder })
  const bench: Bench = {
    ...{ tool, folder, started, signal, seconds: options.seconds, serverPrefix: pins.server },
    ...(profile !== undefined && { profile: resolve(profile) }),
  }
  const results = await measure(bench, options)
  const commitAfter = (await describeMachine(createRun([], signal))).commit
  if (commitAfter !== setting.machine.commit) {
    console.log(`\nThe code changed meanwhile, to ${commitAfter}: measure again`)
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ ...setting, ...results }, undefined, 2)}\n`)
  }
}

interface Tooling {
  readonly pins: Pinning
  readonly folder: string
}

async function chooseTool({ tool }: Options, { pins, folder }: Tooling): Promise<LoadTool> {
  const run = createRun(pins.load, ending.signal)
  const name = tool ?? ((await isOnPath('wrk')) ? 'wrk' : 'autocannon')
  switch (name) {
    case 'wrk':
      return createWrk({ run, folder })
    case 'autocannon':
      return createAutocannon(run)
  }
}

/** What a reader of the figures must know. */
interface Setting {
  readonly date: string
  readonly machine: Machine
  readonly tool: string
  readonly pinning: string
  readonly seconds: number
  readonly syncMilliseconds: number
}

/** Prints it, too. */
async function describeSetting(
  parts: Tooling & { readonly options: Options; readonly tool: LoadTool },
): Promise<Setting> {
  const { options, pins, tool, folder } = parts
  const { seconds } = options
  const machine = await describeMachine(createRun([], ending.signal))
  const sync = await syncTime(folder)
  const date = new Date().toISOString()
  console.log(`Estran ${machine.commit}, Node ${machine.node}, ${date}`)
  console.log(`${machine.cpu}; ${machine.system}`)
  console.log(
    `SQLite, every write durable before its answer; in ${folder}, a sync of 4 KiB takes ${sync.toFixed(2)} ms`,
  )
  console.log(`${tool.description}, ${String(CONNECTIONS)} connections; pinning: ${pins.description}`)
  console.log(`medians of ${String(RUNS)} runs of ${String(seconds)} s; entities of ${String(entityBytes())} bytes\n`)
  return { date, machine, tool: tool.description, pinning: pins.description, seconds, syncMilliseconds: sync }
}

function chosen<N extends ChapterName>(
  all: Readonly<Record<N, Operation>>,
  only: ReadonlySet<ChapterName>,
): readonly Operation[] {
  return (Object.entries(all) as [N, Operation][]).flatMap(([name, operation]) => (only.has(name) ? [operation] : []))
}

/** Reads change nothing: they share a broker, which is long in filling. */
async function measureLarge(
  bench: Bench,
  reads: readonly Operation[],
  take: (ratio: RatioResult) => void,
): Promise<void> {
  if (reads.length === 0) return
  const broker = await startBroker(bench)
  await populateLarge(broker.url)
  for (const operation of reads) take(await measureRatio(bench, operation, broker))
  await broker.stop()
}

async function measure(bench: Bench, { only }: Options): Promise<Results> {
  const results: Results = { ratios: [] }
  if (only.has('start')) printStartUp((results.startUp = await measureStartUp(bench)))
  const take = (ratio: RatioResult): void => {
    if (results.ratios.push(ratio) === 1) printRatioHead()
    printRatio(ratio)
  }
  for (const operation of chosen(operations, only)) {
    const broker = await startBroker(bench)
    take(await measureRatio(bench, operation, broker))
    await broker.stop()
  }
  await measureLarge(bench, chosen(largeOperations, only), take)
  if (only.has('batch')) printBatch((results.batch = await measureBatch(bench)))
  if (only.has('matching')) {
    printMatchingHead()
    results.matching = await measureMatching(bench, printMatching)
  }
  if (only.has('latency')) printLatency((results.latency = await measureLatency(bench)))
  if (only.has('throughput')) printThroughput((results.throughput = await measureThroughput(bench)))
  if (only.has('memory')) printMemory((results.memory = await measureMemory(bench)))
  return results
}
