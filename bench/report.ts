/** The results as a person reads them. */
import type { BatchResult } from './batch.ts'
import type { Figure } from './figures.ts'
import type { MatchingResult } from './matching.ts'
import type { MemoryResult } from './memory.ts'
import type { LatencyResult } from './push/latency.ts'
import type { ThroughputResult } from './push/throughput.ts'
import type { RatioResult } from './ratios.ts'

type Row = readonly string[]

const RATIO_HEAD = [
  '',
  'requests/s',
  'bare',
  'ratio',
  'min-max',
  'target',
  '',
  'CPU us',
  'bare',
  'p50 ms',
  'bare',
  'p99 ms',
] as const
const RATIO_WIDTHS = [34, 12, 9, 8, 13, 9, 7, 8, 6, 9, 7, 8]
const MATCHING_HEAD = [
  '',
  'PATCH/s',
  'min-max',
  'to 10',
  'min-max',
  'target',
  '',
  'CPU us',
  'notified',
  'RSS MB',
] as const
const MATCHING_WIDTHS = [22, 9, 17, 8, 13, 9, 7, 8, 10, 8]

const LATENCY_HEAD = ['', 'p50 ms', 'bare', 'ratio', 'min-max', '', '', 'p99 ms', 'bare'] as const
const LATENCY_WIDTHS = [40, 9, 7, 8, 13, 1, 1, 9, 7]
const THROUGHPUT_HEAD = ['', 'notified/s', 'bare POST/s', 'ratio', 'min-max'] as const
const THROUGHPUT_WIDTHS = [22, 12, 13, 8, 13]

export function printRatioHead(): void {
  print(RATIO_HEAD, RATIO_WIDTHS)
}

export function printRatio(result: RatioResult): void {
  const { title, rate, bare, ratio, target, micros, bareMicros } = result
  const rates = [whole(rate.median), whole(bare.median)]
  const costs = [whole(micros.median), whole(bareMicros.median)]
  const waits = [result.p50, result.bareP50, result.p99].map(({ median }) => median.toFixed(1))
  print([title, ...rates, ...ratioCells(ratio, target), ...costs, ...waits], RATIO_WIDTHS)
}

export function printMatchingHead(): void {
  console.log('\nCost of matching: subscriptions that differ by')
  print(MATCHING_HEAD, MATCHING_WIDTHS)
}

export function printMatching(results: readonly MatchingResult[]): void {
  for (const { subscriptions, by, rate, ratio, target, micros, notifications, megabytes } of results) {
    const title = `${by}, ${subscriptions.toLocaleString('en')}`
    const rates = [whole(rate.median), `${whole(rate.min)}-${whole(rate.max)}`]
    const used = [micros.median, notifications, megabytes].map(whole)
    const row = [title, ...rates, ...ratioCells(ratio, target), ...used]
    print(row, MATCHING_WIDTHS)
  }
}

export function printLatency(results: readonly LatencyResult[]): void {
  console.log('\nFrom a write to its notification, beside a POST to the bare server and its answer')
  print(LATENCY_HEAD, LATENCY_WIDTHS)
  for (const { channel, hanging, rate, p50, p99, bareP50, bareP99, ratio } of results) {
    const middle = [p50.median.toFixed(1), bareP50.median.toFixed(1), ...ratioCells(ratio, undefined)]
    const worst = [p99.median.toFixed(1), bareP99.median.toFixed(1)]
    const beside = hanging === 0 ? '' : `, ${String(hanging)} others hang`
    print([`${channel}, ${String(rate)} writes/s${beside}`, ...middle, ...worst], LATENCY_WIDTHS)
  }
}

export function printThroughput(results: readonly ThroughputResult[]): void {
  console.log('\nNotifications over HTTP, beside a loop of bare POSTs to the same sink')
  print(THROUGHPUT_HEAD, THROUGHPUT_WIDTHS)
  for (const { subscriptions, rate, bare, ratio } of results) {
    const title = `${String(subscriptions)} ${subscriptions === 1 ? 'subscription' : 'subscriptions'}`
    print([title, whole(rate.median), whole(bare.median), ...ratioCells(ratio, undefined)], THROUGHPUT_WIDTHS)
  }
}

export function printBatch({ size, batches, singles, ratio }: BatchResult): void {
  const inBatches = `${whole(batches.median)} entities/s in batches of ${size.toLocaleString('en')}`
  const spread = `${ratio.min.toFixed(2)}-${ratio.max.toFixed(2)}`
  console.log(
    `\nUpsert: ${inBatches}, ${whole(singles.median)} by single POSTs: ${ratio.median.toFixed(2)} times (${spread})`,
  )
}

export function printMemory({ atRest, entities, withEntities }: MemoryResult): void {
  const loaded = `${whole(withEntities)} MB with ${entities.toLocaleString('en')} entities`
  console.log(`\nMemory (resident): ${whole(atRest)} MB at rest, ${loaded}`)
}

export function printStartUp({ median, min, max }: Figure): void {
  console.log(`Start-up: ${whole(median)} ms until /health answers (${whole(min)}-${whole(max)})\n`)
}

function ratioCells({ median, min, max }: Figure, target: number | undefined): Row {
  const spread = `${min.toFixed(2)}-${max.toFixed(2)}`
  if (target === undefined) return [median.toFixed(2), spread, '', '']
  return [median.toFixed(2), spread, `>= ${target.toFixed(2)}`, median >= target ? 'ok' : 'below']
}

function whole(value: number): string {
  return value.toFixed(0)
}

/** The first cell to the left, all others to the right. */
function print(row: Row, widths: readonly number[]): void {
  const cells = row.map((cell, index) =>
    index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
  )
  console.log(cells.join('').trimEnd())
}
