/** WebSocket clients that outlive their connections (docs/websocket.md): what came while they were away follows, once resumed. */
import { expect } from 'chai'
import { WebSocket } from 'ws'
import type { JsonObject } from '../src/base/json.ts'
import { API, checkNoContent, create, ENTITIES, gauge, gaugeId, property, send } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnSharedStore, describeOnStores } from './support/broker.ts'
import type { Client } from './support/socket.ts'
import { connect, endOf, ending, levelsIn, subscribeIn } from './support/socket.ts'
import { until } from './support/until.ts'

// Nothing is resumed because a wait is over: only because the client is back.
const patient = { 'retry-base': '60000', 'retry-max': '60000', 'notification-timeout': '1000' }

async function setLevel(broker: TestBroker, level: number, headers = {}): Promise<void> {
  const path = `${ENTITIES}/${gaugeId('Gavres')}/attrs/level`
  checkNoContent(await send(broker, { method: 'patch', path, headers }, { value: level }))
}

async function heard(client: Client, levels: readonly number[]): Promise<void> {
  await until(
    () => levelsIn(client.notifications),
    (all) => all.length >= levels.length,
  )
  expect(levelsIn(client.notifications)).to.deep.equal(levels)
}

async function subscriptionsOf(broker: TestBroker, headers = {}): Promise<readonly JsonObject[]> {
  return (await broker.request.get(`${API}/subscriptions`).set(headers)).body as JsonObject[]
}

/** Lets a client be known, and its connection break. */
async function becomeKnown(broker: TestBroker, name: string): Promise<{ urn: string; secret: string }> {
  const client = await connect(broker.url, { query: `?client=${name}` })
  await client.ask({ method: 'GET', path: `${API}/types` })
  await client.cut()
  return { urn: client.greeting.connection, secret: client.greeting.secret }
}

describeOnStores('durable WebSocket clients', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start(patient)
    await create(broker, gauge('Gavres', { level: property(0) }))
  })

  it('are told a URN that stays and, once, a secret that coming back needs', async () => {
    const first = await connect(broker.url, { query: '?client=gw-etel' })
    const { connection, secret } = first.greeting
    expect(first.greeting).to.include({ resumed: false })
    expect(connection).to.match(/^urn:ngsi-ld:Client:gw-etel:[0-9a-f]{16}$/)
    expect(secret).to.match(/^[\w-]{43}$/)
    await first.ask({ method: 'GET', path: `${API}/types` })
    await first.cut()
    const again = await connect(broker.url, { query: '?client=gw-etel', secret })
    expect(again.greeting).to.deep.equal({ connection, resumed: true })
    await again.cut()
  })

  it('may say the secret in a subprotocol, as browsers must', async () => {
    const { urn, secret } = await becomeKnown(broker, 'page')
    const url = `${broker.url.replace('http', 'ws')}${API}/ws?client=page`
    const socket = new WebSocket(url, ['ngsi-ld.json', `ngsi-ld.secret.${secret}`])
    const [data] = await new Promise<[Buffer]>((resolve) => {
      socket.on('message', (frame: Buffer) => {
        resolve([frame])
      })
    })
    expect(JSON.parse(data.toString())).to.deep.equal({ metadata: { connection: urn, resumed: true } })
    expect(socket.protocol).to.equal('ngsi-ld.json')
    socket.terminate()
  })

  it('are refused with another secret or none, in words that browsers see too', async () => {
    const { secret } = await becomeKnown(broker, 'gw-refused')
    const query = '?client=gw-refused'
    expect(await ending(broker.url, { query })).to.deep.equal({
      ...{ code: 4401, reason: 'this client is known: its secret is needed' },
    })
    expect(await ending(broker.url, { query, secret: secret.replace(/^./, '!') })).to.deep.equal({
      ...{ code: 4403, reason: 'this is not the secret of the client' },
    })
    await (await connect(broker.url, { query, secret })).cut()
  })

  it('are others in another tenant, whose subscriptions cannot send to them', async () => {
    const { urn } = await becomeKnown(broker, 'gw-tenant')
    const other = await connect(broker.url, { query: '?client=gw-tenant&tenant=groix' })
    expect(other.greeting).to.include({ resumed: false })
    expect(other.greeting.connection).to.not.equal(urn)
    // The tenant of the connection is that of its frames.
    const id = await subscribeIn(other)
    expect((await subscriptionsOf(broker, { 'NGSILD-Tenant': 'groix' })).map((one) => one['id'])).to.deep.equal([id])
    const notification = { endpoint: { uri: urn } }
    const body = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification }
    const path = `${API}/subscriptions`
    const refused = await send(broker, { method: 'post', path, headers: { 'NGSILD-Tenant': 'groix' } }, body)
    expect(refused.status).to.equal(400)
    expect(refused.body)
      .to.have.property('detail')
      .that.matches(/^notification\.endpoint\.uri: .*of this tenant/)
    expect((await other.ask({ end: true })).metadata).to.include({ status: 204 })
  })

  it('are not known before their first frame: a secret that never arrived locks nobody out', async () => {
    const first = await connect(broker.url, { query: '?client=gw-lost' })
    await first.cut()
    const again = await connect(broker.url, { query: '?client=gw-lost' })
    expect(again.greeting).to.include({ resumed: false, connection: first.greeting.connection })
    expect(again.greeting.secret).to.be.a('string').that.does.not.equal(first.greeting.secret)
    await again.cut()
  })

  it('are replaced by their next connection', async () => {
    const query = '?client=gw-twice'
    const one = await connect(broker.url, { query })
    await one.ask({ method: 'GET', path: `${API}/types` })
    const end = endOf(one.socket)
    const two = await connect(broker.url, { query, secret: one.greeting.secret })
    expect(await end).to.deep.equal({ code: 4409, reason: 'the client has connected again' })
    expect((await two.ask({ method: 'GET', path: `${API}/types` })).metadata).to.include({ status: 200 })
    await two.cut()
  })

  it('with names or parameters that are none get a plain 400', async () => {
    for (const query of ['?client=', '?client=a%20b', `?client=${'a'.repeat(129)}`, '?klient=a', '?tenant=a%2Fb']) {
      const error = await ending(broker.url, { query }).catch((reason: unknown) => String(reason))
      expect(error, query).to.include('400')
    }
    const headers = { 'NGSILD-Tenant': 'groix' }
    const both = await ending(broker.url, { query: '?tenant=etel', headers }).catch((reason: unknown) => String(reason))
    expect(both).to.include('400')
  })

  describe('get what they are owed', () => {
    let client: Client
    let subscription: string
    const query = '?client=gw-gavres'
    let secret: string
    const statusOf = async (id: string): Promise<JsonObject> => {
      const answer = await broker.request.get(`${API}/subscriptions/${id}`)
      return (answer.body as { notification: JsonObject }).notification
    }
    const comeBack = async (acknowledges: boolean): Promise<void> => {
      client = await connect(broker.url, { query, secret, acknowledges })
    }

    before(async () => {
      client = await connect(broker.url, { query })
      secret = client.greeting.secret
      subscription = await subscribeIn(client)
    })
    afterEach(() => client.cut())
    after(async () => {
      await comeBack(true)
      await client.ask({ end: true })
    })

    it('in the end when they acknowledge it, and again after they resume when not', async () => {
      await setLevel(broker, 1)
      await heard(client, [1])
      const [unacknowledged] = client.notifications
      await client.cut()
      await comeBack(false)
      await heard(client, [1])
      expect(client.notifications[0]?.['id']).to.equal(unacknowledged?.['id'])
      client.acknowledge(...client.notifications)
      await setLevel(broker, 2)
      await heard(client, [1, 2])
      client.acknowledge(...client.notifications.slice(1))
      // What is answered behind the acknowledgement was read behind it.
      await client.ask({ method: 'GET', path: `${API}/types` })
      await client.cut()
      await comeBack(true)
      await setLevel(broker, 3)
      await heard(client, [3])
      await client.ask({ method: 'GET', path: `${API}/types` })
    })

    it('in order, all that came while they were away', async () => {
      for (let level = 10; level < 60; level++) await setLevel(broker, level)
      const before = await statusOf(subscription)
      await comeBack(true)
      await heard(
        client,
        Array.from({ length: 50 }, (_, index) => 10 + index),
      )
      expect((await statusOf(subscription))['timesFailed']).to.equal(before['timesFailed'])
    })

    it('not twice over one connection, however late the acknowledgement', async () => {
      await comeBack(false)
      await setLevel(broker, 70)
      await heard(client, [70])
      await until(
        () => statusOf(subscription),
        ({ status }) => status === 'failed',
      )
      await setLevel(broker, 71)
      client.acknowledge(...client.notifications)
      await heard(client, [70, 71])
      client.acknowledge(...client.notifications)
      await client.ask({ method: 'GET', path: `${API}/types` })
    })
  })

  it('end themselves and their subscriptions with a frame', async () => {
    const query = '?client=gw-end'
    const client = await connect(broker.url, { query })
    const id = await subscribeIn(client)
    const end = endOf(client.socket)
    expect((await client.ask({ end: true })).metadata).to.include({ status: 204 })
    expect(await end).to.deep.equal({ code: 1000, reason: 'ended' })
    await broker.request.get(`${API}/subscriptions/${id}`).expect(404)
    const again = await connect(broker.url, { query, secret: client.greeting.secret })
    expect(again.greeting).to.include({ resumed: false })
    expect(again.greeting).to.have.property('secret')
    await again.cut()
  })

  it('without a name end their subscriptions likewise, but have nothing to acknowledge', async () => {
    const client = await connect(broker.url)
    const id = await subscribeIn(client)
    const refused = await client.ask({ ack: 'urn:ngsi-ld:Notification:1' })
    expect(refused.metadata).to.include({ status: 400 })
    expect(refused.body)
      .to.have.property('detail')
      .that.matches(/^metadata\.ack: /)
    expect((await client.ask({ end: true })).metadata).to.include({ status: 204 })
    await broker.request.get(`${API}/subscriptions/${id}`).expect(404)
  })

  it('are told what is wrong with an acknowledgement', async () => {
    const client = await connect(broker.url, { query: '?client=gw-ack' })
    for (const ack of [1, [2], null, {}]) {
      expect((await client.ask({ ack })).body)
        .to.have.property('detail')
        .that.matches(/^metadata\.ack: /)
    }
    await client.cut()
  })
})

describeOnStores('a durable WebSocket client that stops reading', (start) => {
  it('keeps nobody waiting, and gets everything in the end', async function () {
    this.timeout(60_000)
    const broker = await start({ 'retry-base': '50', 'retry-max': '500', 'ws-max-buffer': '65536' })
    const long = 'vague'.repeat(20_000)
    await create(broker, gauge('Gavres', { level: property(0) }))
    const [stuck, healthy] = [
      await connect(broker.url, { query: '?client=gw-stuck', acknowledges: true }),
      await connect(broker.url, { query: '?client=gw-healthy', acknowledges: true }),
    ]
    await subscribeIn(stuck)
    await subscribeIn(healthy)
    stuck.socket.pause()
    const levels = Array.from({ length: 100 }, (_, index) => index + 1)
    for (const level of levels) {
      const path = `${ENTITIES}/${gaugeId('Gavres')}/attrs`
      const attributes = { level: property(level, { note: property(long) }) }
      checkNoContent(await send(broker, { method: 'post', path }, attributes))
    }
    await heard(healthy, levels)
    expect(stuck.notifications.length).to.be.below(5)
    stuck.socket.resume()
    await until(
      () => new Set(levelsIn(stuck.notifications)),
      (all) => all.size === levels.length,
      30_000,
    )
    // In order, the first of each: doubles have the same id.
    expect([...new Set(levelsIn(stuck.notifications))]).to.deep.equal(levels)
  })
})

describeOnStores('durable WebSocket clients over a restart of the broker', (start) => {
  it('come back to their subscriptions, and are forgotten after a while of absence', async () => {
    const before = await start(patient)
    await create(before, gauge('Gavres', { level: property(0) }))
    const query = '?client=gw-gavres'
    const client = await connect(before.url, { query, acknowledges: true })
    const secret = client.greeting.secret
    await subscribeIn(client)
    await setLevel(before, 1)
    await heard(client, [1])
    const end = endOf(client.socket)
    await before.stop()
    expect(await end).to.include({ code: 1001 })

    const between = await start(patient)
    await setLevel(between, 2)
    const back = await connect(between.url, { query, secret, acknowledges: true })
    await heard(back, [2])
    await between.stop()

    const after = await start({ ...patient, 'ws-client-age': '1' })
    await until(
      () => subscriptionsOf(after),
      (all) => all.length === 0,
    )
    const anew = await connect(after.url, { query, secret })
    expect(anew.greeting).to.include({ resumed: false })
    // Who is here is not forgotten.
    await subscribeIn(anew)
    const since = performance.now()
    await until(
      () => performance.now() - since,
      (milliseconds) => milliseconds > 2500,
    )
    expect(await subscriptionsOf(after)).to.have.length(1)
    await anew.cut()
  })
})

describeOnSharedStore('durable WebSocket clients of several brokers', (start) => {
  it('are replaced by a connection to another one', async () => {
    const [one, other] = [await start(patient), await start(patient)]
    const query = '?client=gw-moves'
    const first = await connect(one.url, { query })
    await first.ask({ method: 'GET', path: `${API}/types` })
    const end = endOf(first.socket)
    const second = await connect(other.url, { query, secret: first.greeting.secret })
    expect(second.greeting).to.include({ resumed: true, connection: first.greeting.connection })
    expect(await end).to.deep.equal({ code: 4409, reason: 'the client has connected again' })
    await second.cut()
  })
})
