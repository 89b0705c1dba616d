/**
 * Nothing acknowledged is lost, nothing due is left unsent and nothing is miscounted, when the broker is killed with SIGKILL at
 * random instants.
 * Real processes, both stores; `ESTRAN_TEST_SEED` repeats a run.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { BrokerProcess } from './support/broker-process.ts'
import { freePort, killProcess, spawnBroker } from './support/broker-process.ts'
import { skipWithout } from './support/needed.ts'
import { createRandom } from './support/random.ts'
import { until } from './support/until.ts'

const ROUNDS = 20
const WRITERS = 16
const GAUGES = 40
const STAND_IN = join(import.meta.dirname, '../../shared/mongo-standin/start.sh')

const seed = Number(process.env['ESTRAN_TEST_SEED'] ?? Date.now() % 1_000_000)

const gaugeId = (gauge: number): string => `urn:ngsi-ld:TideGauge:${String(gauge)}`

/** Receives notifications and remembers which levels it was told of, and how often. */
async function startReceiver(): Promise<{ server: Server; url: string; told: Map<number, number> }> {
  const told = new Map<number, number>()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { data } = JSON.parse(body) as { data: { level: { value: number } }[] }
      for (const { level } of data) told.set(level.value, (told.get(level.value) ?? 0) + 1)
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, told }
}

/** Writes as fast as the broker answers until it is gone; each level is a number of its own. */
function startWriting(url: string, state: { next: number; acknowledged: Map<number, number> }): Promise<void> {
  const write = async (): Promise<void> => {
    for (;;) {
      const level = state.next++
      const gauge = level % GAUGES
      try {
        const answer = await send(url, gauge, level)
        if (answer.ok) state.acknowledged.set(level, gauge)
        else throw new Error(`status ${String(answer.status)}: ${await answer.text()}`)
      } catch (error) {
        if (error instanceof TypeError) return
        throw error
      }
    }
  }
  return Promise.all(Array.from({ length: WRITERS }, write)).then(() => undefined)
}

/** Another kind or another attribute each time, so that each write changes what discovery counts. */
function marker(level: number): object {
  const instance = level % 2 === 0 ? { type: 'Property', value: 1 } : { type: 'Relationship', object: gaugeId(0) }
  return { [`marker${String(level % 7)}`]: instance }
}

function send(url: string, gauge: number, level: number): Promise<Response> {
  const entity = { id: gaugeId(gauge), type: 'TideGauge', level: { type: 'Property', value: level }, ...marker(level) }
  return fetch(`${url}/ngsi-ld/v1/entityOperations/upsert`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([entity]),
  })
}

async function subscribe(url: string, receiver: string): Promise<void> {
  const subscription = {
    type: 'Subscription',
    entities: [{ type: 'TideGauge' }],
    watchedAttributes: ['level'],
    notification: { endpoint: { uri: receiver } },
  }
  const answer = await fetch(`${url}/ngsi-ld/v1/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subscription),
  })
  expect(answer.status, await answer.text()).to.equal(201)
}

/** The levels that the history of all gauges holds. */
async function readHistory(url: string): Promise<Set<number>> {
  const levels = new Set<number>()
  for (let gauge = 0; gauge < GAUGES; gauge++) {
    const answer = await fetch(`${url}/ngsi-ld/v1/temporal/entities/${gaugeId(gauge)}`)
    if (answer.status === 404) continue
    const { level } = (await answer.json()) as { level: { value: number }[] }
    for (const { value } of level) levels.add(value)
  }
  return levels
}

async function readCurrent(url: string): Promise<Map<number, number>> {
  const answer = await fetch(`${url}/ngsi-ld/v1/entities?type=TideGauge&limit=${String(GAUGES)}&format=simplified`)
  const entities = (await answer.json()) as { id: string; level: number }[]
  return new Map(entities.map(({ id, level }) => [Number(id.split(':').at(-1)), level]))
}

/** Discovery must count what is there (clauses 5.7.7, 5.7.10). */
async function checkDiscovery(url: string): Promise<void> {
  const read = async (path: string): Promise<unknown> => (await fetch(`${url}/ngsi-ld/v1/${path}`)).json()
  const entities = (await read(`entities?type=TideGauge&limit=${String(GAUGES)}`)) as Record<string, { type: string }>[]
  expect(await read('types/TideGauge')).to.have.property('entityCount', entities.length)
  const instances = entities.flatMap(({ id: _id, type: _type, ...attributes }) => Object.entries(attributes))
  for (const [name, of] of Map.groupBy(instances, ([attribute]) => attribute)) {
    const kinds = [...new Set(of.map(([, { type }]) => type))].toSorted()
    expect(await read(`attributes/${name}`)).to.deep.include({ attributeCount: of.length, attributeTypes: kinds })
  }
  const { attributeList } = (await read('attributes')) as { attributeList: string[] }
  expect(attributeList).to.deep.equal([...new Set(instances.map(([name]) => name))].toSorted())
}

/** Waits for the notifications; what is missing is then reported by the assertions, in full. */
async function untilAllTold(
  acknowledged: ReadonlyMap<number, number>,
  told: ReadonlyMap<number, number>,
): Promise<void> {
  const missing = (): number => [...acknowledged.keys()].filter((level) => !told.has(level)).length
  await until(missing, (left) => left === 0, 60_000).catch(() => undefined)
}

interface Crash {
  readonly flags: Readonly<Record<string, string>>
  /** Kills, and brings back, what stands behind the broker. */
  readonly alsoKill: () => Promise<void>
}

async function runRounds({ flags, alsoKill }: Crash, note: (text: string) => void): Promise<void> {
  const random = createRandom(seed)
  const { server, url: receiver, told } = await startReceiver()
  const state = { next: 1, acknowledged: new Map<number, number>() }
  let broker: BrokerProcess = await spawnBroker(flags)
  try {
    await subscribe(broker.url, receiver)
    for (let round = 1; round <= ROUNDS; round++) {
      const writing = startWriting(broker.url, state)
      const instant = 100 + Math.floor(random() * 800)
      await new Promise((resolve) => setTimeout(resolve, instant))
      await broker.kill()
      await writing
      if (random() < 0.25) await alsoKill()
      broker = await spawnBroker(flags)
    }
    await checkDiscovery(broker.url)
    const { acknowledged } = state
    await untilAllTold(acknowledged, told)
    const history = await readHistory(broker.url)
    const current = await readCurrent(broker.url)
    const lost = [...acknowledged.keys()].filter((level) => !history.has(level))
    const stale = [...acknowledged].filter(
      ([level, gauge]) => (current.get(gauge) ?? 0) < level && !history.has(current.get(gauge) ?? 0),
    )
    const unsent = [...history].filter((level) => !told.has(level))
    const doubles = [...told.values()].filter((times) => times > 1).length
    note(
      `seed ${String(seed)}: ${String(ROUNDS)} kills, ${String(acknowledged.size)} writes acknowledged, ${String(lost.length)} lost; ` +
        `${String(history.size)} notifications due, ${String(unsent.length)} not delivered, ${String(doubles)} delivered more than once`,
    )
    expect(acknowledged.size, 'writes acknowledged').to.be.greaterThan(ROUNDS)
    expect(lost, 'acknowledged, but not in history').to.deep.equal([])
    expect(stale, 'acknowledged, but the current state is from nowhere').to.deep.equal([])
    expect(unsent, 'committed, but never notified').to.deep.equal([])
  } finally {
    await broker.kill()
    server.close()
  }
}

/** The durable stand-in for MongoDB on a file; killing it is part of the test. */
async function startStandIn(
  folder: string,
): Promise<{ url: string; killAndRestart: () => Promise<void>; kill: () => Promise<void> }> {
  const port = await freePort()
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(STAND_IN, [String(port), join(folder, 'crash.mv'), 'durable'], { stdio: 'ignore' })
    await until(() => accepts(port), Boolean, 60_000)
    return child
  }
  let child = await start()
  return {
    url: `mongodb://127.0.0.1:${String(port)}/estran_crash`,
    killAndRestart: async () => {
      await killProcess(child)
      child = await start()
    },
    kill: () => killProcess(child),
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => {
      resolve(false)
    })
  })
}

describe('kill -9 at random instants', function () {
  this.timeout(300_000)
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'estran-crash-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('loses no acknowledged write and no due notification, on SQLite', async () => {
    await runRounds({ flags: { data: folder }, alsoKill: () => Promise.resolve() }, (text) => {
      console.log(`      ${text}`)
    })
  })

  it('loses no acknowledged write and no due notification, on MongoDB (durable stand-in, killed too)', async function () {
    if (!existsSync(STAND_IN)) skipWithout(this, STAND_IN)
    const standIn = await startStandIn(folder)
    try {
      const flags = { store: 'mongodb', 'mongodb-url': standIn.url }
      await runRounds({ flags, alsoKill: standIn.killAndRestart }, (text) => {
        console.log(`      ${text}`)
      })
    } finally {
      await standIn.kill()
    }
  })
})
