/** Periodic subscriptions (5.2.12, 5.8.6): all that matches, once in each period, also over a restart. */
import { expect } from 'chai'
import type { JsonObject } from '../src/base/json.ts'
import { API, checkNoContent, create, gauge, gaugeId, property, read, send } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnStores } from './support/broker.ts'
import type { Received, Receiver } from './support/receiver.ts'
import { startReceiver } from './support/receiver.ts'
import { until } from './support/until.ts'

interface Told {
  readonly id: string
  readonly notifiedAt: string
  readonly data: readonly JsonObject[]
}

const SUBSCRIPTIONS = `${API}/subscriptions`
/** Seconds. */
const INTERVAL = 0.4

function toldIn(received: readonly Received[]): readonly Told[] {
  return received.map(({ body }) => body as unknown as Told)
}

describeOnStores('periodic subscriptions', (start) => {
  let broker: TestBroker
  let receiver: Receiver
  const refusing = new Set<string>()
  before(async () => {
    broker = await start({ 'retry-base': '10', 'retry-max': '50' })
    receiver = await startReceiver((_count, path) => (refusing.has(path) ? 503 : 204))
    await create(broker, gauge('Etel', { level: property(5) }))
    await create(broker, gauge('Brest', { level: property(1) }))
  })
  after(() => {
    receiver.close()
  })

  const told = (name: string): readonly Told[] => toldIn(receiver.at(`/${name}`))
  const wait = async (name: string, count: number): Promise<readonly Told[]> =>
    toldIn(await receiver.wait(`/${name}`, count))

  async function subscribe(name: string, members: JsonObject): Promise<string> {
    const id = `urn:ngsi-ld:Subscription:${name}`
    const subscription = {
      ...{ id, type: 'Subscription', entities: [{ type: 'TideGauge' }], timeInterval: INTERVAL },
      notification: { endpoint: { uri: `${receiver.url}/${name}` }, format: 'simplified' },
      ...members,
    }
    const answer = await send(broker, { method: 'post', path: SUBSCRIPTIONS }, subscription)
    expect(answer.status, answer.text).to.equal(201)
    return `${SUBSCRIPTIONS}/${id}`
  }

  async function unsubscribe(path: string): Promise<void> {
    checkNoContent(await broker.request.delete(path))
  }

  /** Each notification must have come to be in a period of its own, and not in the first one. */
  async function checkPeriods(path: string, all: readonly Told[]): Promise<void> {
    const found = (await read(broker, `${path}?options=sysAttrs`)) as { createdAt: string; timeInterval: number }
    const millis = found.timeInterval * 1000
    const created = Date.parse(found.createdAt)
    const periods = all.map(({ notifiedAt }) => Math.floor((Date.parse(notifiedAt) - created) / millis))
    expect(periods).to.deep.equal([...new Set(periods)].toSorted((a, b) => a - b))
    expect(periods[0]).to.be.at.least(1)
  }

  it('tell all that matches, again and again, though nothing changes (5.8.6)', async () => {
    const path = await subscribe('high', { q: 'level>4' })
    const all = await wait('high', 3)
    for (const { data } of all) expect(data).to.deep.equal([{ id: gaugeId('Etel'), type: 'TideGauge', level: 5 }])
    await checkPeriods(path, all)
    const { notification } = (await read(broker, path)) as { notification: JsonObject }
    expect(notification).to.include({ status: 'ok', timesFailed: 0 })
    expect(notification['timesSent']).to.be.at.least(3)
    await unsubscribe(path)
  })

  it('send nothing when none matches, and nothing because something changes (5.8.6)', async () => {
    const silent = await subscribe('flood', { q: 'level>100' })
    const path = await subscribe('clock', { entities: [{ type: 'TideGauge', id: gaugeId('Brest') }] })
    await create(broker, gauge('Molene', { level: property(3) }))
    const all = await wait('clock', 3)
    expect(new Set(all.flatMap(({ data }) => data.map(({ id }) => id)))).to.deep.equal(new Set([gaugeId('Brest')]))
    await checkPeriods(path, all)
    expect(told('flood')).to.deep.equal([])
    expect(await read(broker, silent)).to.not.have.nested.property('notification.timesSent')
    await unsubscribe(silent)
    await unsubscribe(path)
  })

  it('try a failed one again within its period, under the same id', async () => {
    refusing.add('/retried')
    const path = await subscribe('retried', { timeInterval: 2 })
    const tries = await wait('retried', 3)
    refusing.clear()
    await until(
      async () => (await read(broker, path)) as { notification: JsonObject },
      ({ notification }) => notification['status'] === 'ok',
    )
    expect(new Set(tries.map(({ id, notifiedAt }) => `${id} ${notifiedAt}`)).size).to.equal(1)
    await unsubscribe(path)
  })

  it('rest while the subscription is paused, and follow a new timeInterval (5.8.2)', async () => {
    const path = await subscribe('paused', { isActive: false, timeInterval: 3600 })
    const witness = await subscribe('witness', {})
    await wait('witness', 2)
    expect(told('paused')).to.deep.equal([])
    checkNoContent(await send(broker, { method: 'patch', path }, { isActive: true, timeInterval: INTERVAL }))
    await wait('paused', 2)
    await unsubscribe(witness)
    await unsubscribe(path)
  })

  it('tell more entities than go in one notification in several, each entity once', async () => {
    const many = Array.from({ length: 1100 }, (_, index) => ({ id: `urn:ngsi-ld:Buoy:${String(index)}`, type: 'Buoy' }))
    for (let at = 0; at < many.length; at += 550) {
      const batch = { method: 'post', path: `${API}/entityOperations/create` } as const
      const answer = await send(broker, batch, many.slice(at, at + 550))
      expect(answer.status, answer.text).to.equal(201)
    }
    const path = await subscribe('buoys', { entities: [{ type: 'Buoy' }], timeInterval: 3 })
    const all = (await wait('buoys', 3)).slice(0, 3)
    expect(all.map(({ data }) => data.length)).to.deep.equal([500, 500, 100])
    expect(new Set(all.flatMap(({ data }) => data.map(({ id }) => id))).size).to.equal(1100)
    expect(new Set(all.map(({ id }) => id)).size).to.equal(3)
    await unsubscribe(path)
  })

  it('fire once in a period over a restart', async () => {
    const path = await subscribe('restarted', { timeInterval: 1.5 })
    await wait('restarted', 1)
    await broker.stop()
    broker = await start()
    await checkPeriods(path, await wait('restarted', 3))
    await unsubscribe(path)
  })
})
