/**
 * Three broker processes on one MongoDB (HOUSE 5): who writes, who delivers and who is asked need not be the same, and one that
 * is killed, or sleeps, costs no notification and tells no period twice.
 */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import type { Json, JsonObject } from '../src/base/json.ts'
import { isObject } from '../src/base/json.ts'
import type { BrokerProcess } from './support/broker-process.ts'
import { spawnBroker } from './support/broker-process.ts'
import type { Receiver } from './support/receiver.ts'
import { startReceiver } from './support/receiver.ts'
import { skipWithout } from './support/needed.ts'
import { connect } from './support/socket.ts'
import { until } from './support/until.ts'

const MONGODB_URL = process.env['ESTRAN_TEST_MONGODB_URL'] ?? ''
const API = '/ngsi-ld/v1'
const GAUGES = 6
/** Subscriptions of each broker, so that each delivers for some. */
const EACH = 2
/** Seconds. */
const INTERVAL = 1
const PATIENCE = 60_000
/** Milliseconds for which a takeover is waited for. */
const TAKEOVER = 30_000

const gaugeId = (gauge: number): string => `urn:ngsi-ld:TideGauge:${String(gauge)}`

interface Told {
  readonly id: string
  readonly notifiedAt: string
  readonly data: readonly { readonly id: string; readonly level: number }[]
}

async function send(broker: BrokerProcess, method: string, path: string, body: JsonObject): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${broker.url}${API}${path}`, { method, headers, body: JSON.stringify(body) })
}

async function succeed(broker: BrokerProcess, method: string, path: string, body: JsonObject): Promise<void> {
  const answer = await send(broker, method, path, body)
  expect(answer.status, await answer.text()).to.be.within(200, 299)
}

async function setLevel(broker: BrokerProcess, gauge: number, level: number): Promise<void> {
  await succeed(broker, 'PATCH', `/entities/${gaugeId(gauge)}/attrs/level`, { value: level })
}

function levelsIn(told: readonly Told[]): readonly number[] {
  return told.flatMap(({ data }) => data.map(({ level }) => level))
}

interface Writing {
  readonly gauge: number
  readonly from: number
}

/** Writes rising levels until one of them is told; returns when that one was written, in milliseconds. */
async function writeUntilTold(
  broker: BrokerProcess,
  { gauge, from }: Writing,
  told: () => readonly number[],
): Promise<number> {
  const writtenAt = new Map<number, number>()
  const first = await until(
    async () => {
      const level = from + writtenAt.size
      writtenAt.set(level, performance.now())
      await setLevel(broker, gauge, level)
      return told().find((one) => writtenAt.has(one))
    },
    (found) => found !== undefined,
  )
  return writtenAt.get(first ?? 0) ?? Infinity
}

describe('three brokers on one MongoDB', function () {
  this.timeout(PATIENCE)
  if (MONGODB_URL === '') {
    it('run where ESTRAN_TEST_MONGODB_URL names a server', function () {
      skipWithout(this, 'ESTRAN_TEST_MONGODB_URL')
    })
    return
  }

  const mongodbUrl = MONGODB_URL.replace(
    /^(\w[\w+]*:\/\/[^/?]+)(?:\/[^?]*)?/,
    `$1/estran_test_${randomUUID().slice(0, 8)}`,
  )
  let brokers: readonly [BrokerProcess, BrokerProcess, BrokerProcess]
  let receiver: Receiver
  /** Paths of the subscriptions to changes. */
  const paths: string[] = []

  before(async () => {
    receiver = await startReceiver()
    const start = (): Promise<BrokerProcess> =>
      spawnBroker({ store: 'mongodb', 'mongodb-url': mongodbUrl, outbound: 'open', 'retry-max': '500' })
    // The first one makes the indexes; the others need not do it at the same time.
    const first = await start()
    brokers = [first, ...(await Promise.all([start(), start()]))]
    for (let gauge = 0; gauge < GAUGES; gauge++) {
      const level = { type: 'Property', value: 0 }
      await succeed(first, 'POST', '/entities', { id: gaugeId(gauge), type: 'TideGauge', level })
    }
  })
  after(async () => {
    await Promise.all(brokers.map((broker) => broker.kill()))
    receiver.close()
    const client = await new MongoClient(mongodbUrl).connect()
    await client.db().dropDatabase()
    await client.close()
  })

  async function subscribe(broker: BrokerProcess, name: string, members: JsonObject, uri?: string): Promise<void> {
    await succeed(broker, 'POST', '/subscriptions', {
      ...{ id: `urn:ngsi-ld:Subscription:${name}`, type: 'Subscription', entities: [{ type: 'TideGauge' }] },
      notification: { endpoint: { uri: uri ?? `${receiver.url}/${name}` }, format: 'simplified' },
      ...members,
    })
  }

  const told = (path: string): readonly Told[] => receiver.at(path).map(({ body }) => body as unknown as Told)

  async function read(broker: BrokerProcess, path: string): Promise<JsonObject> {
    const answer = await fetch(`${broker.url}${API}/subscriptions/urn:ngsi-ld:Subscription:${path.slice(1)}`)
    return (await answer.json()) as JsonObject
  }

  async function timesSent(broker: BrokerProcess, path: string): Promise<Json | undefined> {
    const { notification } = await read(broker, path)
    return isObject(notification) ? notification['timesSent'] : undefined
  }

  /** Two more come, and each of all that came is of a period of its own. */
  async function checkPeriods(broker: BrokerProcess, name: string): Promise<void> {
    await receiver.wait(`/${name}`, told(`/${name}`).length + 2)
    const { createdAt } = await read(broker, `/${name}?options=sysAttrs`)
    const created = typeof createdAt === 'string' ? Date.parse(createdAt) : NaN
    const periods = told(`/${name}`).map(({ notifiedAt }) =>
      Math.floor((Date.parse(notifiedAt) - created) / 1000 / INTERVAL),
    )
    expect(periods, name).to.deep.equal([...new Set(periods)].toSorted((a, b) => a - b))
  }

  /** Each level of a gauge through the next broker in turn; a broker that is gone is passed over, and its level with it. */
  async function writeLevels(through: readonly BrokerProcess[], levels: readonly number[]): Promise<number[][]> {
    const writeOne = async (gauge: number): Promise<number[]> => {
      const acknowledged: number[] = []
      for (const [index, level] of levels.entries()) {
        const broker = through[(index + gauge) % through.length]
        if (broker === undefined) continue
        const answer = await send(broker, 'PATCH', `/entities/${gaugeId(gauge)}/attrs/level`, { value: level }).catch(
          () => undefined,
        )
        if (answer?.status === 204) acknowledged.push(level)
      }
      return acknowledged
    }
    return Promise.all(Array.from({ length: GAUGES }, (_, gauge) => writeOne(gauge)))
  }

  /** All that was acknowledged is told, and what comes after doubles are dropped is in order for each gauge. */
  async function checkTold(path: string, acknowledged: readonly (readonly number[])[]): Promise<void> {
    const levelsOf = (gauge: number): readonly number[] => {
      // The first of each id: what a receiver goes by.
      const once = [...Map.groupBy(told(path), ({ id }) => id).values()].flatMap(([one]) => one ?? [])
      return once.flatMap(({ data }) => data.filter(({ id }) => id === gaugeId(gauge)).map(({ level }) => level))
    }
    const missing = (): number[] =>
      acknowledged.flatMap((levels, gauge) => levels.filter((level) => !levelsOf(gauge).includes(level)))
    await until(missing, ({ length }) => length === 0, 40_000).catch(() => undefined)
    expect(missing(), `${path}: acknowledged, not told`).to.deep.equal([])
    for (const gauge of acknowledged.keys()) {
      const levels = levelsOf(gauge)
      expect(levels, `${path}, gauge ${String(gauge)}: in order`).to.deep.equal(levels.toSorted((a, b) => a - b))
    }
  }

  it('a subscription made at one counts at the others within a second', async () => {
    const [first, ...others] = brokers
    await subscribe(first, 'news', {})
    const since = performance.now()
    const heard = (): readonly number[] => levelsIn(told('/news'))
    const writtenAt = await Promise.all(
      others.map((broker, index) => writeUntilTold(broker, { gauge: index, from: 1000 * (index + 1) }, heard)),
    )
    for (const at of writtenAt) expect(at - since).to.be.lessThan(1000)
  })

  it('what is written through all of them is told once, in order, and all show the same counters', async () => {
    for (const [index, broker] of brokers.entries()) {
      for (let number = 0; number < EACH; number++) {
        const name = `changes-${String(index)}-${String(number)}`
        const type = `Buoy${String(index)}${String(number)}`
        paths.push(`/${name}`)
        // A type of its own first: whoever writes that delivers from then on.
        await subscribe(broker, name, { entities: [{ type: 'TideGauge' }, { type }] })
        await succeed(broker, 'POST', '/entities', {
          ...{ id: `urn:ngsi-ld:Buoy:${name}`, type },
          level: { type: 'Property', value: 0 },
        })
        await receiver.wait(`/${name}`)
      }
    }
    // Each knows of the last subscription when something that is written through it is told.
    for (const [index, broker] of brokers.entries()) {
      await writeUntilTold(broker, { gauge: 1, from: 10_000 * (index + 1) }, () => levelsIn(told(paths.at(-1) ?? '')))
    }
    const levels = levelsFrom(100_000, 45)
    const acknowledged = await writeLevels(brokers, levels)
    expect(acknowledged).to.deep.equal(acknowledged.map(() => levels))
    for (const path of paths) await checkTold(path, acknowledged)
    for (const path of paths) expect(new Set(told(path).map(({ id }) => id)).size, path).to.equal(told(path).length)
    await until(
      () => Promise.all(brokers.map((broker) => Promise.all(paths.map((path) => timesSent(broker, path))))),
      (all) => all.every((counts) => counts.every((count, index) => count === told(paths[index] ?? '').length)),
      10_000,
    )
  })

  it('a WebSocket client at one gets what is written through the others', async () => {
    const [first, second, third] = brokers
    const client = await connect(second.url)
    await subscribe(first, 'socket', {}, client.greeting.connection)
    const heard = (): readonly number[] => levelsIn(client.notifications as unknown as readonly Told[])
    await writeUntilTold(first, { gauge: 2, from: 200_000 }, heard)
    await writeUntilTold(third, { gauge: 2, from: 210_000 }, heard)
    await client.cut()
  })

  it('one is killed, one sleeps for a while: nothing is lost, no order broken, no period told twice', async () => {
    const [first, second, third] = brokers
    const periodic = ['period-0', 'period-1']
    await subscribe(first, 'period-0', { timeInterval: INTERVAL })
    await subscribe(second, 'period-1', { timeInterval: INTERVAL })
    await Promise.all(periodic.map((name) => receiver.wait(`/${name}`, 2)))
    // Nothing is written through the one that will sleep: it would do with that as it is when it wakes.
    const writing = writeLevels([first, third], levelsFrom(300_000, 30))
    await until(
      () => levelsIn(told(paths[0] ?? '')),
      (all) => all.some((level) => level >= 300_005),
    )
    process.kill(second.pid, 'SIGSTOP')
    const acknowledged: number[][][] = []
    try {
      await first.kill()
      // The one that is left writes on, and takes over what the others held.
      acknowledged.push(await writing, await writeLevels([third], levelsFrom(400_000, 30)))
      for (const name of periodic) {
        const count = told(`/${name}`).length
        await until(
          () => told(`/${name}`).length,
          (later) => later >= count + 2,
          TAKEOVER,
        )
      }
    } finally {
      process.kill(second.pid, 'SIGCONT')
    }
    acknowledged.push(await writeLevels([second, third], levelsFrom(500_000, 20)))
    const all = Array.from({ length: GAUGES }, (_, gauge) => acknowledged.flatMap((levels) => levels[gauge] ?? []))
    for (const path of paths) await checkTold(path, all)
    for (const name of periodic) await checkPeriods(third, name)
    await until(
      () => Promise.all([second, third].map((broker) => Promise.all(paths.map((path) => timesSent(broker, path))))),
      ([one = [], other = []]) => one.every((count, index) => count !== undefined && count === other[index]),
      10_000,
    )
  })
})

function levelsFrom(from: number, length: number): readonly number[] {
  return Array.from({ length }, (_, index) => from + index)
}
