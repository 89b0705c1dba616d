/** Notifications over TLS, to receivers whose authority the operator trusts (`outboundCa`), and to no others. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { connectAsync } from 'mqtt'
import type { JsonObject } from '../../src/base/json.ts'
import { API, create, gauge, property, read, send } from '../http/support.ts'
import type { Authority } from '../support/authority.ts'
import { createAuthority } from '../support/authority.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnSqlite } from '../support/broker.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { skipWithout } from '../support/needed.ts'
import { until } from '../support/until.ts'

const SUBSCRIPTION = 'urn:ngsi-ld:Subscription:tls'

async function subscribe(broker: TestBroker, uri: string): Promise<void> {
  const notification = { endpoint: { uri, notifierInfo: [{ key: 'MQTT-QoS', value: '1' }] } }
  const document = { id: SUBSCRIPTION, type: 'Subscription', entities: [{ type: 'TideGauge' }], notification }
  const response = await send(broker, { method: 'post', path: `${API}/subscriptions` }, document)
  expect(response.status, response.text).to.equal(201)
}

/** How the last tries went, as GET tells it. */
async function statusOf(broker: TestBroker): Promise<unknown> {
  const { notification } = (await read(broker, `${API}/subscriptions/${SUBSCRIPTION}`)) as { notification: JsonObject }
  return notification['status']
}

for (const [channel, isMqtt] of [
  ['https', false],
  ['mqtts', true],
] as const) {
  describeOnSqlite(`notifications over ${channel} (5.2.15, 7.2)`, (start) => {
    let authority: Authority | undefined
    const received: string[] = []
    const closing: (() => Promise<unknown>)[] = []
    let uri = ''

    const listenHttps = async ({ identity }: Authority): Promise<void> => {
      const server: Server = createServer(identity, (request, response) => {
        void text(request).then((body) => {
          received.push(body)
          response.writeHead(204).end()
        })
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      closing.push(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
      uri = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/marees`
    }
    const listenMqtts = async ({ certificate, key }: Authority, context: Mocha.Context): Promise<void> => {
      const mosquitto = await startMosquitto(`certfile ${certificate}`, `keyfile ${key}`)
      if (mosquitto === undefined) skipWithout(context, 'mosquitto')
      closing.push(() => mosquitto.remove())
      uri = `mqtts://127.0.0.1:${String(mosquitto.port)}/marees`
      const subscriber = await connectAsync(uri.slice(0, -'/marees'.length), { rejectUnauthorized: false })
      closing.unshift(() => subscriber.endAsync(true))
      subscriber.on('message', (_topic, payload) => received.push(payload.toString()))
      await subscriber.subscribeAsync('marees', { qos: 1 })
    }

    before(async function () {
      authority = createAuthority() ?? skipWithout(this, 'openssl')
      await (isMqtt ? listenMqtts(authority, this) : listenHttps(authority))
    })
    after(async () => {
      for (const close of closing) await close()
      authority?.remove()
    })

    it('go nowhere while the authority is not trusted, and then to a receiver of a trusted one', async () => {
      const retries = { 'retry-base': '50', 'retry-max': '200' }
      const distrustful = await start(retries)
      await subscribe(distrustful, uri)
      await create(distrustful, gauge('Etel', { level: property(2) }))
      await until(
        () => statusOf(distrustful),
        (status) => status === 'failed',
      )
      expect(received).to.deep.equal([])
      await distrustful.stop()
      const trusting = await start({ ...retries, 'outbound-ca': authority?.ca ?? '' })
      await until(
        () => received.length,
        (count) => count > 0,
        10_000,
      )
      expect(received.join()).to.contain('urn:ngsi-ld:TideGauge:Etel')
      await until(
        () => statusOf(trusting),
        (status) => status === 'ok',
      )
    })
  })
}

describeOnSqlite('the authorities of the operator (outboundCa)', (start) => {
  it('must be in a file that can be read and holds certificates', async () => {
    for (const [path, says] of [
      ['/nowhere/ca.pem', 'cannot be read'],
      [import.meta.filename, 'holds no certificate'],
    ] as const) {
      const failure = await start({ 'outbound-ca': path }).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(failure).to.be.an('error').with.property('message').that.contains(path).and.contains(says)
    }
  })
})
