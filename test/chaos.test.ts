/** Endpoints that misbehave over HTTP: nothing is lost, nothing comes out of order, and the healthy are served meanwhile (5.8.6). */
import { expect } from 'chai'
import type { JsonObject } from '../src/base/json.ts'
import { API, create, ENTITIES, gauge, gaugeId, property, read, send } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnStores } from './support/broker.ts'
import type { Mood, MoodyReceiver, Taken } from './support/moody-receiver.ts'
import { startMoodyReceiver } from './support/moody-receiver.ts'
import { until } from './support/until.ts'

const DEADLINE = 20_000
const flags = { 'retry-base': '20', 'retry-max': '100', 'notification-timeout': '300' }
const GAUGES = ['Brest', 'Conquet', 'Crouesty', 'Lorient', 'Concarneau']
const LEVELS = [1, 2, 3, 4, 5, 6]

/** Every level of every gauge, each gauge in order; doubles under the same id do not count. */
function checkComplete(taken: readonly Taken[]): void {
  const distinct = [...new Map(taken.map((one) => [one.id, one])).values()]
  for (const name of GAUGES) {
    const levels = distinct.filter(({ entity }) => entity === gaugeId(name)).map(({ level }) => level)
    expect(levels, name).to.deep.equal(LEVELS)
  }
}

describeOnStores('endpoints that misbehave', (start) => {
  let broker: TestBroker
  const receivers: MoodyReceiver[] = []
  before(async () => {
    broker = await start(flags)
    for (const name of GAUGES) await create(broker, gauge(name, { level: property(0) }))
  })
  afterEach(async () => {
    for (const { id } of (await read(broker, `${API}/subscriptions?limit=100`)) as { id: string }[]) {
      await broker.request.delete(`${API}/subscriptions/${id}`).expect(204)
    }
    for (const receiver of receivers.splice(0)) receiver.close()
    await writeLevels([0])
  })

  const startReceiver = async (mood: Mood): Promise<MoodyReceiver> => {
    const receiver = await startMoodyReceiver(mood)
    receivers.push(receiver)
    return receiver
  }
  const subscribe = async (id: string, { url }: MoodyReceiver): Promise<string> => {
    const body = {
      ...{ id: `urn:ngsi-ld:Subscription:${id}`, type: 'Subscription', entities: [{ type: 'TideGauge' }] },
      notification: { endpoint: { uri: url, accept: 'application/json' } },
    }
    const response = await send(broker, { method: 'post', path: `${API}/subscriptions` }, body)
    expect(response.status, response.text).to.equal(201)
    return String(response.headers['location'])
  }
  const writeLevels = async (levels: readonly number[]): Promise<void> => {
    for (const level of levels) {
      const writes = GAUGES.map((name) =>
        send(broker, { method: 'patch', path: `${ENTITIES}/${gaugeId(name)}/attrs/level` }, { value: level }),
      )
      for (const { status } of await Promise.all(writes)) expect(status).to.equal(204)
    }
  }
  const deliveryOf = async (path: string): Promise<JsonObject> => {
    const { notification } = (await read(broker, path)) as { notification: { delivery?: JsonObject } }
    return notification.delivery ?? {}
  }

  const moods: readonly (readonly [title: string, mood: Mood])[] = [
    ['hangs', 'hang'],
    ['resets the connection', 'reset'],
    ['answers 500', 500],
    ['answers one byte a second', 'drip'],
    ['dribbles its headers', 'drip headers'],
  ]
  for (const [title, mood] of moods) {
    it(`one that ${title}, then 200, misses nothing; its breaker is open, and the healthy has all meanwhile`, async () => {
      const [ill, healthy] = [await startReceiver(mood), await startReceiver(204)]
      const path = await subscribe('ill', ill)
      await subscribe('healthy', healthy)
      await writeLevels(LEVELS)
      await until(
        () => healthy.taken.length,
        (count) => count >= GAUGES.length * LEVELS.length,
        DEADLINE,
      )
      checkComplete(healthy.taken)
      expect(ill.taken).to.deep.equal([])
      const delivery = await until(
        () => deliveryOf(path),
        (now) => now['circuit'] === 'open' && now['lastFailureReason'] !== undefined,
        DEADLINE,
      )
      expect(delivery).to.include({ waiting: GAUGES.length * LEVELS.length, timesDropped: 0 })
      expect(delivery).to.have.property('lastFailureReason').that.is.a('string')
      ill.mood = 200
      const waiting = await until(
        () => deliveryOf(path),
        (now) => now['waiting'] === 0,
        DEADLINE,
      )
      checkComplete(ill.taken)
      expect(waiting).to.include({ circuit: 'closed', timesGivenUp: 0 })
    })
  }

  it('one that answers 410 ends its subscription, also over a restart, until a PATCH revives it', async () => {
    const gone = await startReceiver(410)
    const path = await subscribe('gone', gone)
    await writeLevels([1])
    const ended = await until(
      () => read(broker, path) as Promise<JsonObject & { notification: { delivery?: JsonObject } }>,
      ({ isActive }) => isActive === false,
      DEADLINE,
    )
    expect(ended).to.include({ status: 'paused' })
    expect(ended.notification.delivery).to.have.nested.property('ended.reason', 'HTTP status 410')
    await broker.stop()
    broker = await start(flags)
    expect(await deliveryOf(path)).to.have.property('ended')
    const { asked } = gone
    gone.mood = 204
    await writeLevels([2])
    const revived = await send(broker, { method: 'patch', path }, { isActive: true })
    expect(revived.status).to.equal(204)
    await until(
      () => gone.taken.length,
      (count) => count === GAUGES.length,
      DEADLINE,
    )
    // What it was owed follows; what changed while it was ended notifies nobody.
    expect(gone.taken.map(({ level }) => level)).to.deep.equal(GAUGES.map(() => 1))
    expect(gone.asked).to.equal(asked + GAUGES.length)
    expect(await deliveryOf(path)).to.not.have.property('ended')
  })

  it('and those that do not are told apart in the metrics, by names from small sets', async () => {
    const [ill, healthy] = [await startReceiver(500), await startReceiver(204)]
    await subscribe('ill', ill)
    await subscribe('healthy', healthy)
    await writeLevels([1])
    await until(
      () => healthy.taken.length,
      (count) => count === GAUGES.length,
      DEADLINE,
    )
    const text = await until(
      async () => (await broker.request.get('/metrics').expect(200)).text,
      (metrics) => /estran_notifications_waiting [1-9]/.test(metrics),
      DEADLINE,
    )
    for (const outcome of ['delivered', 'retry']) {
      expect(text).to.match(
        new RegExp(`estran_notification_duration_seconds_count{channel="http",outcome="${outcome}"} [1-9]`),
      )
    }
    expect(text).to.match(/estran_notification_delay_seconds_count\{channel="http"\} [1-9]/)
    expect(text).to.match(/estran_notification_endpoints\{circuit="closed"\} [1-9]/)
    expect(text).to.contain('estran_notifications_dropped_total{reason="age"} 0')
    for (const { url } of [ill, healthy]) expect(text).to.not.contain(new URL(url).host)
  })

  it('is sent again what changed since a time, marked and in order', async () => {
    const receiver = await startReceiver(204)
    const path = await subscribe('again', receiver)
    const since = new Date().toISOString()
    await writeLevels(LEVELS)
    await until(
      () => receiver.taken.length,
      (count) => count === GAUGES.length * LEVELS.length,
      DEADLINE,
    )
    const first = receiver.taken.splice(0)
    const response = await broker.request.post(`${path}/replay`).query({ since })
    expect(response.status, response.text).to.equal(202)
    await until(
      () => receiver.taken.length,
      (count) => count >= GAUGES.length * LEVELS.length,
      DEADLINE,
    )
    checkComplete(receiver.taken)
    expect(receiver.taken.every(({ replay }) => replay)).to.equal(true)
    expect(new Set(receiver.taken.map(({ id }) => id))).to.deep.equal(new Set(first.map(({ id }) => id)))
    const refuse = async (query: object, says: string): Promise<void> => {
      const response = await broker.request.post(`${path}/replay`).query(query)
      expect(response.status, response.text).to.equal(400)
      expect(response.text).to.contain(says)
    }
    await refuse({}, 'since')
    await refuse({ since: 'yesterday' }, 'since')
    await refuse({ since: '2999-01-01T00:00:00Z' }, 'future')
    await broker.request.post(`${API}/subscriptions/urn:none/replay?since=${since}`).expect(404)
  })
})
