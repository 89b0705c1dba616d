/** From a write to the notification of it, at a steady rate: what a user of each channel waits. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { NUMBERS_PER_RUN, RUNS } from '../bench.ts'
import { create } from '../client.ts'
import { API, entityId, JSON_BODY, populate, POPULATION, TYPE } from '../entities.ts'
import type { Figure } from '../figures.ts'
import { figureOf } from '../figures.ts'
import { startBareServer, startBroker } from '../servers.ts'
import type { ChannelName, Receiver } from './receivers.ts'
import { channelNames, receive } from './receivers.ts'
import type { Sender } from './steady.ts'
import { createSender, steadily } from './steady.ts'
import type { Stopwatch } from './stopwatch.ts'
import { createStopwatch, quantile } from './stopwatch.ts'

export interface LatencyResult {
  readonly channel: ChannelName
  /** Writes a second. */
  readonly rate: number
  /** Milliseconds from sending a write to receiving its notification. */
  readonly p50: Figure
  readonly p99: Figure
  /** Milliseconds from sending a POST to the bare server to its answer, at the same rate and in turn. */
  readonly bareP50: Figure
  readonly bareP99: Figure
  /** Of p50 to the bare p50. */
  readonly ratio: Figure
}

/** Writes a second. */
const RATE = 1000
/** Milliseconds that the last notifications may take. */
const DEADLINE = 10_000
/** What the bare server is sent: about as much as a write. */
const BARE_BODY = '{"value":22.0000000,"observedAt":"2026-11-22T09:00:00Z"}'

/** One channel after the other; those that cannot be had here are missing. Rejects when a notification does not come. */
export async function measureLatency(bench: Bench): Promise<readonly LatencyResult[]> {
  const results: LatencyResult[] = []
  for (const channel of channelNames) {
    const broker = await startBroker(bench)
    const receiver = await receive(bench, channel, broker.url)
    if (receiver !== undefined) results.push(await measureChannel(bench, { channel, url: broker.url, receiver }))
    await broker.stop()
  }
  return results
}

interface Subject {
  readonly channel: ChannelName
  readonly url: string
  readonly receiver: Receiver
}

interface Round {
  readonly p50: number
  readonly p99: number
}

async function measureChannel(bench: Bench, { channel, url, receiver }: Subject): Promise<LatencyResult> {
  const watch = createStopwatch()
  receiver.onMessage = (text) => {
    watch.stop(Number(/"no2":(\d+)/.exec(text)?.[1]))
  }
  await subscribe(url, receiver)
  const [broker, bareServer] = [createSender(url), await startBareServer(bench)]
  const bareSender = createSender(bareServer.url)
  const pushed: Round[] = []
  const bare: Round[] = []
  // The first round warms all of them up.
  for (let run = 0; run <= RUNS; run++) {
    bench.signal.throwIfAborted()
    const bareRound = await postSteadily(bench, bareSender)
    const round = await writeSteadily(bench, { broker, watch, first: run * NUMBERS_PER_RUN })
    if (run > 0) bare.push(bareRound)
    if (run > 0) pushed.push(round)
  }
  for (const sender of [broker, bareSender]) sender.close()
  await bareServer.stop()
  return {
    ...{ channel, rate: RATE },
    ...{ p50: figureOf(pushed.map(({ p50 }) => p50)), p99: figureOf(pushed.map(({ p99 }) => p99)) },
    ...{ bareP50: figureOf(bare.map(({ p50 }) => p50)), bareP99: figureOf(bare.map(({ p99 }) => p99)) },
    ratio: figureOf(pushed.map(({ p50 }, index) => p50 / (bare[index]?.p50 ?? NaN))),
  }
}

async function subscribe(url: string, { endpoint }: Receiver): Promise<void> {
  await populate(url, POPULATION, {})
  await create(`${url}${API}/subscriptions`, JSON_BODY, {
    type: 'Subscription',
    entities: [{ type: TYPE }],
    watchedAttributes: ['no2'],
    notification: { format: 'simplified', endpoint },
  })
}

async function postSteadily(bench: Bench, sender: Sender): Promise<Round> {
  const watch = createStopwatch()
  await steadily(RATE, bench.seconds, (number) => {
    watch.start(number)
    sender.send('POST', '/', BARE_BODY, () => {
      watch.stop(number)
    })
  })
  return endOf(watch)
}

interface Writing {
  readonly broker: Sender
  readonly watch: Stopwatch
  /** No number may come twice: the same value again is no change. */
  readonly first: number
}

async function writeSteadily(bench: Bench, { broker, watch, first }: Writing): Promise<Round> {
  await steadily(RATE, bench.seconds, (index) => {
    const number = first + index
    const path = `${API}/entities/${entityId(number % POPULATION)}/attrs/no2`
    watch.start(number)
    broker.send('PATCH', path, JSON.stringify({ value: number }), (status) => {
      if (status !== 204) throw new Error(`latency: a write was answered with ${String(status)}`)
    })
  })
  return endOf(watch)
}

/** Waits for the last ones. */
async function endOf(watch: Stopwatch): Promise<Round> {
  const deadline = performance.now() + DEADLINE
  while (watch.open > 0) {
    if (performance.now() > deadline) throw new Error(`latency: ${String(watch.open)} did not come`)
    await pause(5)
  }
  const times = watch.take()
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}
