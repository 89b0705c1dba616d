/** A real MQTT broker that is killed and comes back while changes go on: nothing is lost, and others are served meanwhile. */
import { expect } from 'chai'
import type { MqttClient } from 'mqtt'
import { connectAsync } from 'mqtt'
import type { JsonObject } from '../../src/base/json.ts'
import { API, checkNoContent, create, ENTITIES, gauge, gaugeId, property, send } from '../http/support.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Mosquitto } from '../support/mosquitto.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { skipWithout } from '../support/needed.ts'
import type { Receiver } from '../support/receiver.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const CHANGES = 60

interface Message {
  readonly metadata: JsonObject
  readonly body: { readonly id: string; readonly data: readonly { readonly level: number }[] }
}

describeOnStores('notifications over MQTT while mosquitto is killed and comes back (7.2)', (start) => {
  let broker: TestBroker
  let mosquitto: Mosquitto
  let receiver: Receiver
  const closing: (() => unknown)[] = []
  let subscriber: MqttClient | undefined
  const levels: number[] = []
  const properties: unknown[] = []

  const subscribeMqtt = async (): Promise<void> => {
    subscriber = await connectAsync(`mqtt://127.0.0.1:${String(mosquitto.port)}`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
    })
    subscriber.on('error', () => undefined)
    subscriber.on('message', (_topic, payload, packet) => {
      const { body } = JSON.parse(payload.toString()) as Message
      levels.push(...body.data.map(({ level }) => level))
      properties.push(packet.properties)
    })
    await subscriber.subscribeAsync('etel/levels', { qos: 2 })
  }
  const subscribe = async (endpoint: JsonObject): Promise<void> => {
    const notification = { format: 'simplified', endpoint }
    const document = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification }
    const response = await send(broker, { method: 'post', path: `${API}/subscriptions` }, document)
    expect(response.status, response.text).to.equal(201)
  }
  const write = async (from: number, to: number): Promise<void> => {
    for (let level = from; level <= to; level++) {
      const path = `${ENTITIES}/${gaugeId('Etel')}/attrs/level`
      checkNoContent(await send(broker, { method: 'patch', path }, property(level)))
    }
  }
  const arrived = (count: number): Promise<unknown> =>
    until(
      () => levels.length,
      (length) => length >= count,
      20_000,
    )

  before(async function () {
    mosquitto = (await startMosquitto()) ?? skipWithout(this, 'mosquitto')
    receiver = await startReceiver()
    closing.push(() => subscriber?.endAsync(true), mosquitto.remove, receiver.close)
    broker = await start({ 'retry-base': '50', 'retry-max': '300', 'notification-timeout': '1000' })
    await subscribeMqtt()
    const uri = `mqtt://127.0.0.1:${String(mosquitto.port)}/etel/levels`
    await subscribe({ uri, notifierInfo: [{ key: 'MQTT-QoS', value: '2' }] })
    await subscribe({ uri: `${receiver.url}/levels` })
  })
  after(async () => {
    for (const close of closing) await close()
  })

  it('Orion-LD 1427: arrive all, in order, each once, and a healthy endpoint hears of the changes meanwhile', async () => {
    await create(broker, gauge('Etel', { level: property(1) }))
    await write(2, CHANGES / 3)
    await arrived(CHANGES / 3)
    await mosquitto.kill()
    await write(CHANGES / 3 + 1, (2 * CHANGES) / 3)
    await receiver.wait('/levels', (2 * CHANGES) / 3)
    await mosquitto.restart()
    await subscribeMqtt()
    await write((2 * CHANGES) / 3 + 1, CHANGES)
    await arrived(CHANGES)
    expect(levels).to.deep.equal(Array.from({ length: CHANGES }, (_, index) => index + 1))
  })

  it('carry with MQTT 5.0 their content type and Link as user properties too', () => {
    expect(properties[0]).to.have.property('contentType', 'application/json')
    expect(properties[0]).to.have.nested.property('userProperties.Content-Type', 'application/json')
    expect(properties[0])
      .to.have.nested.property('userProperties.Link')
      .that.contains('rel="http://www.w3.org/ns/json-ld#context"')
  })
})
