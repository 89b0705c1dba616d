/**
 * `npm run soak`: many changes, several subscriptions, and a broker that is killed with SIGKILL at random instants. In the end
 * every change that was acknowledged must have been told to every subscription, each under one id, in order for each entity.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort, spawnBroker } from '../support/broker-process.ts'
import { createRandom } from '../support/random.ts'
import type { Receiver, Told } from './receiver.ts'
import { startReceiver } from './receiver.ts'
import type { Written } from './writers.ts'
import { writeAll } from './writers.ts'

/** Milliseconds without a new notification after which what is missing counts as lost. */
const SILENCE = 60_000

interface Soak {
  readonly changes: number
  readonly subscriptions: number
  readonly kills: number
  readonly seed: number
  /** Absent: SQLite. */
  readonly mongodbUrl?: string
}

function readOptions(): Soak {
  const text = { type: 'string' } as const
  const options = { changes: text, subscriptions: text, kills: text, seed: text, 'mongodb-url': text }
  const { values } = parseArgs({ options })
  const number = (value: string | undefined, otherwise: number): number => Number(value ?? otherwise)
  return {
    changes: number(values.changes, 100_000),
    subscriptions: number(values.subscriptions, 3),
    kills: number(values.kills, 10),
    seed: number(values.seed, Date.now() % 1_000_000),
    ...(values['mongodb-url'] !== undefined && { mongodbUrl: values['mongodb-url'] }),
  }
}

async function run(soak: Soak): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'estran-soak-'))
  const receiver = await startReceiver(soak.subscriptions)
  const store = soak.mongodbUrl === undefined ? {} : { store: 'mongodb', 'mongodb-url': soak.mongodbUrl }
  const flags = { ...store, data: folder, port: String(await freePort()), 'log-level': 'fatal' }
  let broker = await spawnBroker(flags)
  try {
    for (let index = 0; index < soak.subscriptions; index++) await subscribe(broker.url, receiver.urlOf(index))
    const written: Written = { next: 1, acknowledged: new Set() }
    const begin = performance.now()
    const { url } = broker
    const writing = writeAll(() => url, soak.changes, written)
    const killing = killAgain(soak, written, async () => {
      await broker.kill()
      broker = await spawnBroker(flags)
    })
    await Promise.all([writing, killing])
    const wrote = performance.now()
    await untilSilent(receiver, written)
    const seconds = [wrote - begin, performance.now() - begin].map((span) => `${(span / 1000).toFixed(0)} s`).join(', ')
    return report(soak, { receiver, written, seconds })
  } finally {
    await broker.kill()
    receiver.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function subscribe(url: string, uri: string): Promise<void> {
  const subscription = {
    type: 'Subscription',
    entities: [{ type: 'TideGauge' }],
    watchedAttributes: ['level'],
    notification: { format: 'simplified', endpoint: { uri } },
  }
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(subscription) }
  const answer = await fetch(`${url}/ngsi-ld/v1/subscriptions`, init)
  if (answer.status !== 201) throw new Error(`a subscription was answered with ${String(answer.status)}`)
}

/** Kills when so many changes are acknowledged as the dice say, and a moment more. */
async function killAgain(soak: Soak, written: Written, kill: () => Promise<void>): Promise<void> {
  const random = createRandom(soak.seed)
  const instants = Array.from({ length: soak.kills }, () => random() * soak.changes).toSorted((a, b) => a - b)
  for (const instant of instants) {
    while (written.acknowledged.size < instant) await pause(1)
    await pause(random() * 50)
    await kill()
  }
}

function missing(told: Told, { acknowledged }: Written): number {
  return acknowledged.size - [...acknowledged].filter((level) => told.idsOf.has(level)).length
}

/** Until all were told, or nothing more comes. */
async function untilSilent({ told }: Receiver, written: Written): Promise<void> {
  const received = (): number => told.reduce((sum, { times }) => sum + times.size, 0)
  let [last, since] = [received(), performance.now()]
  while (told.some((of) => missing(of, written) > 0) && performance.now() - since < SILENCE) {
    await pause(200)
    if (received() > last) [last, since] = [received(), performance.now()]
  }
}

interface Outcome {
  readonly receiver: Receiver
  readonly written: Written
  readonly seconds: string
}

function report(soak: Soak, { receiver, written, seconds }: Outcome): boolean {
  const { seed, kills, mongodbUrl } = soak
  const store = mongodbUrl === undefined ? 'SQLite' : 'MongoDB'
  console.log(`${store}, seed ${String(seed)}: ${String(written.acknowledged.size)} changes, ${String(kills)} kills`)
  console.log(`until all was written, and told: ${seconds}`)
  const faults = receiver.told.map((told, index) => {
    const lost = missing(told, written)
    const doubles = [...told.times.values()].reduce((sum, times) => sum + times - 1, 0)
    const ambiguous = [...told.idsOf.values()].filter((ids) => ids.size > 1).length
    const words = [
      `${String(told.times.size)} notifications`,
      `${String(lost)} lost`,
      `${String(doubles)} doubles`,
      `${String(ambiguous)} under more than one id`,
      `${String(told.overtaken)} overtaken`,
    ]
    console.log(`subscription ${String(index + 1)}: ${words.join(', ')}`)
    return lost + ambiguous + told.overtaken
  })
  return faults.every((fault) => fault === 0)
}

if (!(await run(readOptions()))) process.exitCode = 1
