/** Thousands of WebSocket clients at a time: each hears of its own entity, and what a client costs is known. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { BrokerProcess } from './support/broker-process.ts'
import { spawnBroker } from './support/broker-process.ts'
import type { Client } from './support/socket.ts'
import { connect, levelsIn, subscribeIn } from './support/socket.ts'
import { until } from './support/until.ts'

const CLIENTS = 2000
const AT_ONCE = 20

/** Each is told of the entity with its number. */
interface Numbered {
  readonly client: Client
  readonly number: number
}

/** Does something for each, some at a time. */
async function forEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const work = async (): Promise<void> => {
    for (const item of queue) await act(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function residentBytes({ url }: BrokerProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
}

describe('thousands of WebSocket clients', function () {
  this.timeout(240_000)
  const clients: Numbered[] = []
  let broker: BrokerProcess
  let data: string

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'estran-clients-'))
    broker = await spawnBroker({ data })
  })
  after(async () => {
    for (const { client } of clients) client.socket.terminate()
    await broker.kill()
    rmSync(data, { recursive: true })
  })

  it(`are served at a time: ${String(CLIENTS)} durable ones, each told of its own entity, for little memory each`, async () => {
    const before = await residentBytes(broker)
    const numbers = Array.from({ length: CLIENTS }, (_, index) => index)
    const idOf = (number: number): string => `urn:ngsi-ld:TideGauge:${String(number)}`
    await forEach(numbers, async (number) => {
      const client = await connect(broker.url, { query: `?client=gw-${String(number)}`, acknowledges: true })
      clients.push({ client, number })
      await subscribeIn(client, { entities: [{ type: 'TideGauge', id: idOf(number) }] })
    })
    const held = await residentBytes(broker)
    await forEach(clients, async ({ client, number }) => {
      const body = { id: idOf(number), type: 'TideGauge', level: { type: 'Property', value: number } }
      const answer = await client.ask({ method: 'POST', path: '/ngsi-ld/v1/entities' }, body)
      expect(answer.metadata['status']).to.equal(201)
    })
    const isTold = ({ client }: Numbered): boolean => client.notifications.length > 0
    await until(
      () => clients.filter(isTold).length,
      (told) => told === CLIENTS,
      60_000,
    )
    for (const { client, number } of clients) expect(levelsIn(client.notifications)).to.deep.equal([number])
    const each = (held - before) / CLIENTS
    console.log(`      ${String(Math.round(each / 1024))} KiB for each client with its subscription`)
    expect(each).to.be.below(100 * 1024)
  })
})
