/** From a write to the notification of it, at a steady rate: what a user of each channel waits. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { NUMBERS_PER_RUN, RUNS } from '../bench.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { create, forEach } from '../client.ts'
import { API, entityId, JSON_BODY, populate, POPULATION, TYPE } from '../entities.ts'
import type { Figure } from '../figures.ts'
import { figureOf } from '../figures.ts'
import { startBareServer, startBroker } from '../servers.ts'
import type { ChannelName, Receiver } from './receivers.ts'
import { channelNames, receive, startMute } from './receivers.ts'
import type { Sender } from './steady.ts'
import { createSender, steadily } from './steady.ts'
import type { Stopwatch } from './stopwatch.ts'
import { createStopwatch, quantile } from './stopwatch.ts'

export interface LatencyResult {
  readonly channel: ChannelName
  /** Endpoints beside it that take connections and never answer; each is owed one notification in a thousand. */
  readonly hanging: number
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

/** Endpoints that hang, in the round that shows what they cost a healthy one. */
const HANGING = 50

/**
 * One channel after the other, and HTTP beside endpoints that hang; what cannot be had here is missing. Rejects when a
 * notification does not come.
 */
export async function measureLatency(bench: Bench): Promise<readonly LatencyResult[]> {
  const rounds = [
    ...channelNames.map((channel) => ({ channel, hanging: 0 })),
    { channel: 'HTTP', hanging: HANGING } as const,
  ]
  const results: LatencyResult[] = []
  for (const round of rounds) {
    const broker = await startBroker(bench)
    const receiver = await receive(bench, round.channel, broker.url)
    if (receiver !== undefined) results.push(await measureChannel(bench, { ...round, url: broker.url, receiver }))
    await broker.stop()
  }
  return results
}

interface Subject extends Pick<LatencyResult, 'channel' | 'hanging'> {
  readonly url: string
  readonly receiver: Receiver
}

interface Round {
  readonly p50: number
  readonly p99: number
}

async function measureChannel(bench: Bench, { channel, hanging, url, receiver }: Subject): Promise<LatencyResult> {
  const watch = createStopwatch()
  receiver.onMessage = (text) => {
    watch.stop(Number(/"no2":(\d+)/.exec(text)?.[1]))
  }
  await populate(url, POPULATION, {})
  await subscribe(url, { type: TYPE }, receiver.endpoint)
  if (hanging > 0) await subscribeHanging(bench, url, hanging)
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
    ...{ channel, hanging, rate: RATE },
    ...{ p50: figureOf(pushed.map(({ p50 }) => p50)), p99: figureOf(pushed.map(({ p99 }) => p99)) },
    ...{ bareP50: figureOf(bare.map(({ p50 }) => p50)), bareP99: figureOf(bare.map(({ p99 }) => p99)) },
    ratio: figureOf(pushed.map(({ p50 }, index) => p50 / (bare[index]?.p50 ?? NaN))),
  }
}

async function subscribe(url: string, selector: JsonObject, endpoint: JsonObject): Promise<void> {
  await create(`${url}${API}/subscriptions`, JSON_BODY, {
    type: 'Subscription',
    entities: [selector],
    watchedAttributes: ['no2'],
    notification: { format: 'simplified', endpoint },
  })
}

/** Each has an address of its own, and so a queue. */
async function subscribeHanging(bench: Bench, url: string, count: number): Promise<void> {
  const mute = await startMute(bench)
  const numbers = Array.from({ length: count }, (_, number) => number)
  await forEach(numbers, (number) =>
    subscribe(url, { type: TYPE, id: entityId(number) }, { uri: `${mute}/${String(number)}`, timeout: 2000 }),
  )
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
