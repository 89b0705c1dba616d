/** How many notifications a second leave the broker: many changes for one subscription, few changes for many. */
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import { NUMBERS_PER_RUN, RUNS } from '../bench.ts'
import { create, forEach, send } from '../client.ts'
import { API, batchText, JSON_BODY, TYPE, UPSERT } from '../entities.ts'
import type { Figure } from '../figures.ts'
import { figureOf } from '../figures.ts'
import { createRun } from '../run.ts'
import { startBroker } from '../servers.ts'
import type { Sink } from '../sink.ts'
import { startSink } from '../sink.ts'

export interface ThroughputResult {
  readonly subscriptions: number
  /** Notifications of one run. */
  readonly notifications: number
  /** Notifications a second, from the first write to the last notification. */
  readonly rate: Figure
  /** POSTs a second of the bare loop, with the same text to the same sink, as many at once. */
  readonly bare: Figure
  readonly ratio: Figure
}

const SIZES = [1, 100]
const NOTIFICATIONS = 20_000
/** Changes in one batch. */
const BATCH = 500
/** POSTs at once of the bare loop: as many as the broker sends to one endpoint. */
const AT_ONCE = 8
const POSTER = fileURLToPath(new URL('bare-poster.ts', import.meta.url))
/** Milliseconds without a notification after which they are taken for lost. */
const SILENCE = 10_000

export async function measureThroughput(bench: Bench): Promise<readonly ThroughputResult[]> {
  const results: ThroughputResult[] = []
  for (const size of SIZES) results.push(await measureSize(bench, size))
  return results
}

async function measureSize(bench: Bench, subscriptions: number): Promise<ThroughputResult> {
  const sink = await startSink(bench)
  const broker = await startBroker(bench)
  await subscribe(broker.url, subscriptions, sink.url)
  const rates: number[] = []
  const bares: number[] = []
  for (let run = 0; run <= RUNS; run++) {
    bench.signal.throwIfAborted()
    const rate = await pushAll({ sink, url: broker.url, subscriptions, first: run * NUMBERS_PER_RUN })
    const bare = await postAll(bench, sink)
    // The first run warms both up.
    if (run > 0) rates.push(rate)
    if (run > 0) bares.push(bare)
  }
  await broker.stop()
  return {
    ...{ subscriptions, notifications: NOTIFICATIONS, rate: figureOf(rates), bare: figureOf(bares) },
    ratio: figureOf(rates.map((rate, index) => rate / (bares[index] ?? NaN))),
  }
}

/** Each with an endpoint of its own. */
async function subscribe(url: string, count: number, sink: string): Promise<void> {
  const numbers = Array.from({ length: count }, (_, number) => number)
  await forEach(numbers, (number) =>
    create(`${url}${API}/subscriptions`, JSON_BODY, {
      type: 'Subscription',
      entities: [{ type: TYPE }],
      notificationTrigger: ['entityCreated'],
      notification: { endpoint: { uri: `${sink}/${String(number)}` } },
    }),
  )
}

interface Pushing {
  readonly sink: Sink
  readonly url: string
  readonly subscriptions: number
  readonly first: number
}

async function pushAll({ sink, url, subscriptions, first }: Pushing): Promise<number> {
  const goal = sink.received() + NOTIFICATIONS
  const changes = NOTIFICATIONS / subscriptions
  const begin = performance.now()
  for (let sent = 0; sent < changes; sent += BATCH) {
    const body = batchText(first + sent, Math.min(BATCH, changes - sent))
    await send(`${url}${UPSERT.path}`, { method: 'POST', headers: UPSERT.headers, body }, 201)
  }
  await untilReceived(sink, goal)
  return NOTIFICATIONS / ((performance.now() - begin) / 1000)
}

async function untilReceived(sink: Sink, goal: number): Promise<void> {
  let last = sink.received()
  let since = performance.now()
  while (sink.received() < goal) {
    await pause(2)
    if (sink.received() > last) [last, since] = [sink.received(), performance.now()]
    if (performance.now() - since > SILENCE)
      throw new Error(`throughput: ${String(goal - last)} notifications did not come`)
  }
}

/** The text is what the broker sent last. */
async function postAll(bench: Bench, sink: Sink): Promise<number> {
  const run = createRun(bench.serverPrefix, bench.signal)
  const words = [process.execPath, POSTER, sink.url, String(NOTIFICATIONS), String(AT_ONCE), sink.lastBody()]
  return Number(await run(words))
}
