/** The cost of matching: the rate of PATCH with few and with many subscriptions. */
import type { Bench } from './bench.ts'
import { CONNECTIONS, NUMBERS_PER_RUN, RUNS, WARM_UP } from './bench.ts'
import { patchTemplate, POPULATION, populate } from './entities.ts'
import type { Figure } from './figures.ts'
import { figureOf } from './figures.ts'
import { processorSeconds, residentMegabytes } from './process-usage.ts'
import type { ServerProcess } from './servers.ts'
import { startBroker } from './servers.ts'
import { startSink } from './sink.ts'
import type { Difference, Others } from './subscriptions.ts'
import { differences, subscribe } from './subscriptions.ts'

export interface MatchingResult {
  readonly subscriptions: number
  /** What they differ by. */
  readonly by: Difference
  /** PATCH requests per second. */
  readonly rate: Figure
  /** To the rate of the same round with the fewest subscriptions. */
  readonly ratio: Figure
  /** Microseconds of processor time per PATCH; what other processes do hardly touches it. NaN where it is not known. */
  readonly micros: Figure
  readonly target?: number
  readonly notifications: number
  /** Of the broker, after the load. */
  readonly megabytes: number
}

const SIZES = [10, 1000, 100_000]
const TARGET = 0.8

interface LoadRun {
  readonly rate: number
  readonly micros: number
}

interface Subject {
  readonly subscriptions: number
  readonly by: Difference
  readonly broker: ServerProcess
  readonly runs: LoadRun[]
  readonly received: () => number
}

/** For each of the differences, as they are done. */
export async function measureMatching(
  bench: Bench,
  take: (results: readonly MatchingResult[]) => void,
): Promise<readonly MatchingResult[]> {
  const all: MatchingResult[] = []
  for (const by of differences) {
    const results = await measureBy(bench, by)
    take(results)
    all.push(...results)
  }
  return all
}

/** One broker for each number of subscriptions, loaded in turn. */
async function measureBy(bench: Bench, by: Difference): Promise<readonly MatchingResult[]> {
  const subjects: Subject[] = []
  for (const count of SIZES) subjects.push(await prepare(bench, { count, by }))
  for (const subject of subjects) await load(bench, subject, 0)
  for (const { runs } of subjects) runs.length = 0
  for (let run = 1; run <= RUNS; run++) for (const subject of subjects) await load(bench, subject, run)
  const least = subjects[0]?.runs ?? []
  const results = await Promise.all(subjects.map((subject) => resultOf(subject, least)))
  await Promise.all(subjects.map(({ broker }) => broker.stop()))
  return results
}

async function prepare(bench: Bench, others: Others): Promise<Subject> {
  const sink = await startSink(bench)
  const broker = await startBroker(bench)
  await populate(broker.url, POPULATION, {})
  await subscribe(broker.url, others, sink.url)
  return { subscriptions: others.count, by: others.by, broker, runs: [], received: sink.received }
}

async function load(bench: Bench, { broker, runs }: Subject, run: number): Promise<void> {
  const seconds = run === 0 ? Math.min(bench.seconds, WARM_UP) : bench.seconds
  const first = run * NUMBERS_PER_RUN + 1
  const before = await processorSeconds(broker.pid)
  const { rate, requests } = await bench.tool.run({
    ...{ url: broker.url, request: patchTemplate, first, connections: CONNECTIONS, seconds },
  })
  runs.push({ rate, micros: (((await processorSeconds(broker.pid)) - before) * 1e6) / requests })
}

async function resultOf(subject: Subject, least: readonly LoadRun[]): Promise<MatchingResult> {
  const { subscriptions, by, broker, runs, received } = subject
  const notifications = received()
  if (notifications === 0) throw new Error('matching: a subscription was due notifications, and none came')
  return {
    subscriptions,
    by,
    rate: figureOf(runs.map(({ rate }) => rate)),
    ratio: figureOf(runs.map(({ rate }, index) => rate / (least[index]?.rate ?? NaN))),
    micros: figureOf(runs.map(({ micros }) => micros)),
    ...(subscriptions === SIZES.at(-1) && { target: TARGET }),
    notifications,
    megabytes: await residentMegabytes(broker.pid),
  }
}
