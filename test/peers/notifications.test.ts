/** What users of other brokers complain of, about notifications over HTTP: each complaint a test that names it. */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import { API, create, ENTITIES, gauge, gaugeId, property, read, send } from '../http/support.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { MoodyReceiver } from '../support/moody-receiver.ts'
import { startMoodyReceiver } from '../support/moody-receiver.ts'
import { until } from '../support/until.ts'

const DEADLINE = 20_000
const flags = { 'retry-base': '10', 'retry-max': '50', 'notification-timeout': '3000' }

describeOnStores('complaints about notifications', (start) => {
  let broker: TestBroker
  let count = 0
  const receivers: MoodyReceiver[] = []
  before(async () => {
    broker = await start(flags)
  })
  afterEach(async () => {
    for (const { id } of (await read(broker, `${API}/subscriptions?limit=1000`)) as { id: string }[]) {
      await broker.request.delete(`${API}/subscriptions/${id}`).expect(204)
    }
    for (const receiver of receivers.splice(0)) receiver.close()
  })

  const startReceiver = async (mood: MoodyReceiver['mood'] = 204): Promise<MoodyReceiver> => {
    const receiver = await startMoodyReceiver(mood)
    receivers.push(receiver)
    return receiver
  }
  const subscribe = async (uri: string, members: JsonObject = {}): Promise<string> => {
    const id = `urn:ngsi-ld:Subscription:${String(count++)}`
    const document = {
      ...{ id, type: 'Subscription', entities: [{ type: 'TideGauge' }], notification: { endpoint: { uri } } },
      ...members,
    }
    const response = await send(broker, { method: 'post', path: `${API}/subscriptions` }, document)
    expect(response.status, response.text).to.equal(201)
    return `${API}/subscriptions/${id}`
  }
  const createGauges = async (number: number): Promise<readonly string[]> => {
    const names = Array.from({ length: number }, () => String(count++))
    await Promise.all(names.map((name) => create(broker, gauge(name, { level: property(0) }))))
    return names
  }
  const setLevel = async (name: string, value: number): Promise<void> => {
    const path = `${ENTITIES}/${gaugeId(name)}/attrs/level`
    expect((await send(broker, { method: 'patch', path }, { value })).status).to.equal(204)
  }
  const arrived = (receiver: MoodyReceiver, number: number): Promise<number> =>
    until(
      () => receiver.taken.length,
      (taken) => taken >= number,
      DEADLINE,
    )

  it('Orion-LD 1650: changes under load are not all notified', async () => {
    const receiver = await startReceiver()
    const names = await createGauges(100)
    await subscribe(receiver.url)
    for (const level of [1, 2, 3, 4, 5]) await Promise.all(names.map((name) => setLevel(name, level)))
    await arrived(receiver, 500)
    for (const name of names) {
      const levels = receiver.taken.filter(({ entity }) => entity === gaugeId(name)).map(({ level }) => level)
      expect(levels, name).to.deep.equal([1, 2, 3, 4, 5])
    }
  })

  it('Orion-LD 1650: a throttled subscription is not told of the last state', async () => {
    const receiver = await startReceiver()
    const [name = ''] = await createGauges(1)
    await subscribe(receiver.url, { throttling: 0.4 })
    for (const level of [1, 2, 3, 4, 5]) await setLevel(name, level)
    await until(
      () => receiver.taken.at(-1)?.level,
      (level) => level === 5,
      DEADLINE,
    )
    expect(receiver.taken.length).to.be.within(1, 3)
  })

  it('Orion-LD 1390: after an endpoint has failed for a while it is notified no more', async () => {
    const receiver = await startReceiver(504)
    const [name = ''] = await createGauges(1)
    const path = await subscribe(receiver.url)
    await setLevel(name, 1)
    await until(
      () => receiver.asked,
      (asked) => asked > 25,
      DEADLINE,
    )
    receiver.mood = 200
    await arrived(receiver, 1)
    await setLevel(name, 2)
    await arrived(receiver, 2)
    expect(receiver.taken.map(({ level }) => level)).to.deep.equal([1, 2])
    expect(await read(broker, path)).to.include({ status: 'active' })
  })

  it('Orion-LD 529: subscriptions are dead after a restart', async () => {
    const receiver = await startReceiver()
    const [name = ''] = await createGauges(1)
    await subscribe(receiver.url)
    await setLevel(name, 1)
    await arrived(receiver, 1)
    await broker.stop()
    broker = await start(flags)
    await setLevel(name, 2)
    await arrived(receiver, 2)
  })

  it('Scorpio 377: an unreachable endpoint delays the others', async () => {
    const [before, dead, behind] = [await startReceiver(), await startReceiver('hang'), await startReceiver()]
    const [name = ''] = await createGauges(1)
    for (const { url } of [before, dead, behind]) await subscribe(url)
    const began = performance.now()
    for (const level of [1, 2, 3]) await setLevel(name, level)
    await arrived(before, 3)
    await arrived(behind, 3)
    // The dead one has not even timed out.
    expect(performance.now() - began).to.be.below(3000)
    expect(dead.asked).to.equal(1)
  })

  it('Scorpio 640: of many subscriptions created at the same time some are never notified', async () => {
    const receiver = await startReceiver()
    const [name = ''] = await createGauges(1)
    await Promise.all(Array.from({ length: 100 }, (_, index) => subscribe(`${receiver.url}?${String(index)}`)))
    await setLevel(name, 1)
    await arrived(receiver, 100)
    expect(new Set(receiver.taken.map(({ id }) => id)).size).to.equal(100)
  })
})
