/** Notifications over MQTT: what HTTP has in headers is metadata beside the body (ETSI GS CIM 009 V1.9.1, clause 7.2). */
import { once } from 'node:events'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import { expect } from 'chai'
import type { JsonObject } from '../src/base/json.ts'
import { API, contextLink, create, gauge, property, send, SHORE, shoreContexts } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnStores } from './support/broker.ts'
import { until } from './support/until.ts'

interface MqttMessage {
  readonly metadata: JsonObject
  readonly body: JsonObject
}

describeOnStores('MQTT messages (7.2)', (start) => {
  const linked = { link: contextLink(SHORE) }
  const received = new Map<string, MqttMessage>()
  let broker: TestBroker
  let server: net.Server
  let aedes: Aedes
  before(async () => {
    aedes = await Aedes.createBroker()
    aedes.on('publish', ({ topic, payload }, client) => {
      if (client !== null) received.set(topic, JSON.parse(payload.toString()) as MqttMessage)
    })
    server = net.createServer(aedes.handle)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    broker = await start({}, shoreContexts)
  })
  after(async () => {
    await broker.stop()
    server.close()
    await new Promise<void>((resolve) => {
      aedes.close(resolve)
    })
  })

  /** The message of the creation of a gauge. */
  const told = async (topic: string, endpoint: JsonObject): Promise<MqttMessage> => {
    const { port } = server.address() as AddressInfo
    const uri = `mqtt://127.0.0.1:${String(port)}/etel/${topic}`
    const notifierInfo = [{ key: 'MQTT-Version', value: 'mqtt3.1.1' }]
    const document = {
      type: 'Subscription',
      entities: [{ type: 'Gauge', id: gauge(topic)['id'] ?? '' }],
      notification: { format: 'simplified', endpoint: { uri, notifierInfo, ...endpoint } },
    }
    const headers = { ...linked, 'ngsild-tenant': 'morbihan' }
    await create(broker, { ...gauge(`${topic}-first`), type: 'Gauge' }, headers)
    const { status, text } = await send(broker, { method: 'post', path: `${API}/subscriptions`, headers }, document)
    expect(status, text).to.equal(201)
    await create(broker, { ...gauge(topic, { level: property(4) }), type: 'Gauge' }, headers)
    const message = await until(
      () => received.get(`etel/${topic}`),
      (one) => one !== undefined,
    )
    return message ?? expect.fail('nothing came')
  }
  const entity = (topic: string): JsonObject => ({ ...gauge(topic, { level: 4 }), type: 'Gauge' })

  it('have type, Link, tenant and receiverInfo as metadata, and the Notification as body', async () => {
    const { metadata, body } = await told('json', { receiverInfo: [{ key: 'X-Quay', value: 'north' }] })
    expect(metadata).to.deep.equal({
      'Content-Type': 'application/json',
      'X-Quay': 'north',
      'NGSILD-Tenant': 'morbihan',
      Link: contextLink(SHORE),
    })
    expect(body).to.have.all.keys('id', 'type', 'subscriptionId', 'notifiedAt', 'data')
    expect(body['data']).to.deep.equal([entity('json')])
  })

  it('have the @context in the body, as application/ld+json', async () => {
    const { metadata, body } = await told('ld', { accept: 'application/ld+json' })
    expect(metadata).to.deep.equal({ 'Content-Type': 'application/ld+json', 'NGSILD-Tenant': 'morbihan' })
    expect(body['@context']).to.equal(SHORE)
    expect(body['data']).to.deep.equal([entity('ld')])
  })
})
