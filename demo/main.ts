/** `npm run demo`: a broker, a sensor gateway and two subscribers in one process. See docs/demo.md. */
/// <reference lib="esnext.disposable" />
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startBroker } from '../src/broker.ts'
import type { Config } from '../src/config.ts'
import { loadConfig } from '../src/config.ts'
import { loadCommune } from './commune.ts'
import { runGateway } from './gateway.ts'
import { historyOf } from './history.ts'
import { startMqttBroker } from './mqtt-broker.ts'
import { say } from './say.ts'
import type { Tally } from './tally.ts'
import { createTally } from './tally.ts'
import { NO2_LIMIT, watchAir, watchTides } from './watchers.ts'

const SEED = 20260320
const TIDE_GAUGE = 'urn:ngsi-ld:WaterObserved:port-kerzen-vieux-port'
/** Milliseconds that the last notifications have to arrive. */
const ARRIVAL = 5000
/** Milliseconds that the end may take. */
const FAREWELL = 10_000
/** Seconds. */
const LONGEST = 86_400

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
// The reader of a pipe may go first: `npm run demo | head`.
process.stdout.on('error', end)
try {
  await demo(readSeconds())
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

/** The first call ends the demo, later ones change nothing: of one Ctrl-C, terminal and npm may each send a signal. */
function end(): void {
  if (ending.signal.aborted) return
  ending.abort()
  setTimeout(() => {
    console.error('demo: something does not stop')
    process.exit(1)
  }, FAREWELL).unref()
}

/** Runs for so many seconds, or until it is ended. Whatever it started is stopped and removed when it returns or rejects. */
async function demo(seconds: number | undefined): Promise<void> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'estran-demo-'))
  started.defer(() => rm(folder, { recursive: true }))
  const mqttBroker = await startMqttBroker()
  started.defer(() => mqttBroker.stop())
  const broker = await startBroker(brokerConfig(folder))
  started.defer(() => broker.stop())
  say('broker', `${broker.url}, its SQLite store in ${folder}`)
  say('loaded', `Port-Kerzen, an invented commune: ${countsOf(await loadCommune(broker.url))}`)

  const failures: Error[] = []
  const fail = (error: Error): void => {
    failures.push(error)
    end()
  }
  const tally = createTally(NO2_LIMIT)
  const watching = { broker: broker.url, started, fail }
  const connection = await watchTides({ ...watching, receive: tally.receiver('websocket') })
  say('websocket', `hears of every waterLevel, as ${connection}`)
  const topic = await watchAir(mqttBroker.url, { ...watching, receive: tally.receiver('mqtt') })
  say('mqtt', `hears of no2 above ${String(NO2_LIMIT)} µg/m³, at ${topic}`)

  say('gateway', `posts four measurements a second, and a second is ten minutes there; seed ${String(SEED)}`)
  if (seconds === undefined) say('', 'Ctrl-C ends it')
  else setTimeout(end, seconds * 1000).unref()
  await runGateway({ broker: broker.url, seed: SEED, signal: ending.signal, onSent: tally.sent })
  if (failures[0] !== undefined) throw failures[0]
  await lastArrivals(tally)
  tally.summarize()
  say('history', await historyOf(broker.url, TIDE_GAUGE, 'waterLevel'))
}

/** The user's own ESTRAN_* variables do not count here. Port 0 is any free port. */
function brokerConfig(folder: string): Config {
  const contextMap = fileURLToPath(new URL('context-map.json', import.meta.url))
  const flags = { port: '0', data: folder, 'context-map': contextMap, 'log-level': 'warn' }
  return loadConfig({ flags, env: {}, cwd: folder })
}

function countsOf(types: ReadonlyMap<string, number>): string {
  return Array.from(types, ([type, count]) => `${String(count)} ${type}`).join(', ')
}

async function lastArrivals(tally: Tally): Promise<void> {
  const deadline = Date.now() + ARRIVAL
  while (!tally.isComplete()) {
    if (Date.now() > deadline) {
      tally.summarize()
      throw new Error('not every notification due has come')
    }
    await pause(10)
  }
}

function readSeconds(): number | undefined {
  const { seconds } = parseArgs({ options: { seconds: { type: 'string' } } }).values
  if (seconds === undefined) return undefined
  const number = Number(seconds)
  if (number > 0 && number <= LONGEST) return number
  throw new Error(`--seconds must be a number from 0 to ${String(LONGEST)}, not "${seconds}"`)
}
