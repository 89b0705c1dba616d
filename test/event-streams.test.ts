/** Server-Sent Events of a subscription (docs/events.md): what it is notified of, resumed from any event, and ended clearly. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { JsonObject } from '../src/base/json.ts'
import { API, checkNoContent, create, ENTITIES, gauge, gaugeId, property, send } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnSharedStore, describeOnStores } from './support/broker.ts'
import { freePort, spawnBroker } from './support/broker-process.ts'
import type { Listener, ServerEvent } from './support/event-stream.ts'
import { listen } from './support/event-stream.ts'
import { connect as connectSocket, levelsIn } from './support/socket.ts'
import { until } from './support/until.ts'

const SUBSCRIPTIONS = `${API}/subscriptions`

interface At {
  readonly url: string
}

async function post(broker: At, path: string, body: JsonObject, headers = {}): Promise<void> {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
  const answer = await fetch(`${broker.url}${path}`, init)
  expect(answer.status, await answer.text()).to.equal(201)
}

/** A subscription that wants streams and nothing else. */
async function subscribe(broker: At, id: string, more: JsonObject = {}, headers = {}): Promise<string> {
  const notification = { endpoint: { uri: 'urn:ngsi-ld:EventStream' } }
  const urn = `urn:ngsi-ld:Subscription:${id}`
  const entities = [{ type: 'TideGauge' }]
  await post(broker, SUBSCRIPTIONS, { id: urn, type: 'Subscription', entities, notification, ...more }, headers)
  return `${broker.url}${SUBSCRIPTIONS}/${urn}/events`
}

async function setLevel(broker: At, level: number, headers = {}): Promise<void> {
  const url = `${broker.url}${ENTITIES}/${gaugeId('Gavres')}/attrs/level`
  const init = { method: 'PATCH', headers: { 'Content-Type': 'application/json', ...headers } }
  const answer = await fetch(url, { ...init, body: JSON.stringify({ value: level }) })
  expect(answer.status).to.equal(204)
}

function notificationsIn(events: readonly ServerEvent[]): readonly JsonObject[] {
  return events.filter(({ event }) => event === 'notification').map(({ data }) => JSON.parse(data) as JsonObject)
}

async function heard(listener: Listener, levels: readonly number[], deadline = 10_000): Promise<void> {
  const all = (): readonly number[] => levelsIn(notificationsIn(listener.events))
  await until(all, (those) => those.length >= levels.length, deadline)
  expect(all()).to.deep.equal(levels)
}

/** What one hears that comes back, doubles of the last seconds left out (docs/events.md). */
async function heardAtLeast(listener: Listener, known: readonly number[], levels: readonly number[]): Promise<void> {
  const fresh = (): readonly number[] =>
    levelsIn(notificationsIn(listener.events)).filter((level) => !known.includes(level))
  await until(fresh, (those) => those.length >= levels.length, 10_000)
  expect(fresh()).to.deep.equal(levels)
}

describeOnStores('event streams', (start) => {
  let broker: TestBroker
  const listeners = new Set<Listener>()
  const open = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Listener> => {
    const listener = await listen(url, headers)
    listeners.add(listener)
    return listener
  }

  before(async () => {
    broker = await start({ 'cors-origins': 'https://carte.example' })
    await create(broker, gauge('Gavres', { level: property(0) }))
  })
  afterEach(() => {
    for (const listener of listeners) listener.leave()
    listeners.clear()
  })

  it('show every notification as it would be delivered, the id of the event telling where to go on', async () => {
    const url = await subscribe(broker, 'shown', {
      notification: { endpoint: { uri: 'urn:ngsi-ld:EventStream' }, format: 'concise' },
    })
    const listener = await open(url)
    expect(listener.status).to.equal(200)
    expect(listener.headers.get('content-type')).to.equal('text/event-stream')
    expect(listener.headers.get('cache-control')).to.equal('no-store')
    expect(listener.headers.get('content-encoding')).to.equal(null)
    expect(listener.headers.get('link')).to.include('ngsi-ld-core-context')
    expect(listener.text).to.match(/^retry: 2000\nid: [\w-]+\n\n$/)
    await setLevel(broker, 1)
    await until(() => listener.events.length, Boolean)
    const [event] = listener.events
    expect(event).to.include({ event: 'notification', id: listener.lastEventId })
    const { id, notifiedAt, ...rest } = JSON.parse(event?.data ?? '') as JsonObject
    expect(id).to.match(/^urn:ngsi-ld:Notification:[0-9a-f]{32}$/)
    expect(notifiedAt).to.be.a('string')
    expect(rest).to.deep.equal({
      ...{ type: 'Notification', subscriptionId: 'urn:ngsi-ld:Subscription:shown' },
      data: [gauge('Gavres', { level: 1 })],
    })
    // Nothing is left to be delivered: the log has it.
    const owes = async (): Promise<unknown> =>
      (await broker.request.get(`${SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:shown`)).body
    await until(owes, (subscription) => JSON.stringify(subscription).includes('"timesSent":1'))
  })

  it('begin with what comes, and with Last-Event-ID behind an event; as a header or in the address', async () => {
    const url = await subscribe(broker, 'resumed')
    await setLevel(broker, 10)
    const first = await open(url)
    const begun = first.lastEventId
    await setLevel(broker, 11)
    await setLevel(broker, 12)
    await heard(first, [11, 12])
    const [eleven] = first.events
    first.leave()
    await setLevel(broker, 13)
    await heardAtLeast(await open(url, { 'Last-Event-ID': eleven?.id ?? '' }), [10, 11], [12, 13])
    await heardAtLeast(await open(`${url}?lastEventId=${eleven?.id ?? ''}`), [10, 11], [12, 13])
    // Whoever heard nothing before the break comes back with the id that the stream began with.
    await heardAtLeast(await open(url, { 'Last-Event-ID': begun }), [10], [11, 12, 13])
  })

  it('are as long as need be: hundreds of changes, in order', async () => {
    const url = await subscribe(broker, 'long')
    const listener = await open(url)
    const levels = Array.from({ length: 300 }, (_, index) => 1000 + index)
    for (const level of levels) await setLevel(broker, level)
    await heard(listener, levels)
  })

  it('end with an event that says why, and are not there any more then', async () => {
    const url = await subscribe(broker, 'deleted')
    const listener = await open(url)
    await setLevel(broker, 20)
    await heard(listener, [20])
    checkNoContent(await broker.request.delete(`${SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:deleted`))
    await until(() => listener.hasEnded, Boolean)
    expect(listener.events.at(-1)).to.include({ event: 'end', data: '{"reason":"deleted"}' })
    expect((await fetch(url)).status).to.equal(404)
  })

  it('of a subscription that expires end, and tell who comes back to stay away (204)', async () => {
    const expiresAt = new Date(Date.now() + 1500).toISOString()
    const url = await subscribe(broker, 'expired', { expiresAt })
    const listener = await open(url)
    await setLevel(broker, 30)
    await until(() => listener.hasEnded, Boolean, 8000)
    expect(listener.events.map(({ event }) => event)).to.deep.equal(['notification', 'end'])
    expect(listener.events.at(-1)?.data).to.equal('{"reason":"expired"}')
    const [thirty] = listener.events
    expect((await fetch(url)).status).to.equal(204)
    expect((await fetch(url, { headers: { 'Last-Event-ID': thirty?.id ?? '' } })).status).to.equal(204)
  })

  it('are of the tenant in the header or in the address', async () => {
    const headers = { 'NGSILD-Tenant': 'groix' }
    await create(broker, gauge('Gavres', { level: property(0) }), headers)
    const url = await subscribe(broker, 'tenant', {}, headers)
    expect((await fetch(url)).status).to.equal(404)
    const [one, other] = [await open(url, headers), await open(`${url}?tenant=groix`)]
    await setLevel(broker, 40)
    await setLevel(broker, 41, headers)
    await heard(one, [41])
    await heard(other, [41])
    const clash = await fetch(`${url}?tenant=etel`, { headers })
    expect(clash.status).to.equal(400)
  })

  it('are refused where they cannot be', async () => {
    const url = await subscribe(broker, 'refused')
    expect((await fetch(url.replace('refused', 'none'))).status).to.equal(404)
    expect((await fetch(url, { headers: { accept: 'application/json' } })).status).to.equal(406)
    expect((await fetch(url, { method: 'POST' })).status).to.equal(405)
    expect((await fetch(`${url}?limit=1`)).status).to.equal(400)
    for (const id of ['!', 'x', 'MTIz!', Buffer.from('tide').toString('base64url')]) {
      const refused = await fetch(url, { headers: { 'Last-Event-ID': id } })
      expect(refused.status, id).to.equal(400)
    }
    const head = await fetch(url, { method: 'HEAD' })
    expect(head.status).to.equal(200)
    expect(head.headers.get('content-type')).to.equal('text/event-stream')
  })

  it('are there for pages of other origins where these are allowed, and never in frames', async () => {
    const url = await subscribe(broker, 'pages')
    const listener = await open(url, { Origin: 'https://carte.example' })
    expect(listener.headers.get('access-control-allow-origin')).to.equal('https://carte.example')
    const client = await connectSocket(broker.url)
    const refused = await client.ask({ method: 'GET', path: new URL(url).pathname })
    expect(refused.metadata).to.include({ status: 422 })
    expect((await client.ask({ end: true })).metadata).to.include({ status: 204 })
  })

  it('of a subscription with another endpoint are there, too', async () => {
    const notification = { endpoint: { uri: 'http://127.0.0.1:9/nobody' } }
    const listener = await open(await subscribe(broker, 'elsewhere', { notification }))
    await setLevel(broker, 50)
    await heard(listener, [50])
  })

  it('wait for a listener that stops reading, and serve the others meanwhile', async () => {
    const url = new URL(
      await subscribe(broker, 'stuck', {
        notification: { endpoint: { uri: 'urn:ngsi-ld:EventStream' }, sysAttrs: true },
      }),
    )
    const stuck = connect(Number(url.port), url.hostname)
    stuck.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n\r\n`)
    await new Promise((resolve) => stuck.once('data', resolve))
    stuck.pause()
    const healthy = await open(url.href)
    const note = 'vague'.repeat(20_000)
    for (let step = 0; step < 200; step++) {
      const path = `${ENTITIES}/${gaugeId('Gavres')}/attrs`
      checkNoContent(await send(broker, { method: 'post', path }, { note: property(`${note}${String(step)}`) }))
    }
    await until(
      () => healthy.events.length,
      (count) => count === 200,
      20_000,
    )
    // 20 MB are owed to the one that does not read: they are in the log, and come when it reads.
    stuck.resume()
    let bytes = 0
    stuck.on('data', (part: Buffer) => (bytes += part.length))
    await until(
      () => bytes,
      (all) => all > 200 * 100_000,
      20_000,
    )
    stuck.destroy()
  })
})

describeOnSharedStore('event streams of several brokers', (start) => {
  it('show what any of them wrote within a second', async () => {
    const [one, other] = [await start(), await start()]
    await create(one, gauge('Gavres', { level: property(0) }))
    const url = await subscribe(one, 'both')
    const elsewhere = url.replace(one.url, other.url)
    const listener = await listen(elsewhere)
    const levels = (): ReadonlySet<number> => new Set(levelsIn(notificationsIn(listener.events)))
    // The other one hears of the subscription, and matches from then on.
    let level = 0
    await until(
      async () => {
        await setLevel(other, ++level)
        return levels().size
      },
      (size) => size > 0,
    )
    const known = level
    for (; level < known + 20; level++) await setLevel(level % 2 === 0 ? one : other, level + 1)
    const started = performance.now()
    await until(levels, (all) =>
      Array.from({ length: 20 }, (_, index) => known + 1 + index).every((one) => all.has(one)),
    )
    expect(performance.now() - started).to.be.below(2000)
    checkNoContent(await one.request.delete(`${SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:both`))
    await until(() => listener.hasEnded, Boolean)
    expect(listener.events.at(-1)).to.include({ event: 'end' })
  })
})

describe('an event stream', function () {
  this.timeout(60_000)

  it('goes on exactly where it was when the broker was killed', async () => {
    const data = mkdtempSync(join(tmpdir(), 'estran-events-'))
    const flags = { data, port: String(await freePort()) }
    let broker = await spawnBroker(flags)
    try {
      await post(broker, ENTITIES, gauge('Gavres', { level: property(0) }))
      const url = await subscribe(broker, 'killed')
      const before = await listen(url)
      for (let level = 1; level <= 10; level++) await setLevel(broker, level)
      await until(
        () => before.events.length,
        (count) => count >= 5,
      )
      await broker.kill()
      await until(() => before.hasEnded, Boolean)
      const known = levelsIn(notificationsIn(before.events))
      broker = await spawnBroker(flags)
      const after = await listen(url, { 'Last-Event-ID': before.lastEventId })
      await setLevel(broker, 11)
      const rest = Array.from({ length: 11 - known.length }, (_, index) => known.length + 1 + index)
      await heard(after, rest)
      after.leave()
    } finally {
      await broker.kill()
      rmSync(data, { recursive: true })
    }
  })
})
