import { Aedes } from 'aedes'
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import mqtt from 'mqtt'
import type { KeyValuePair } from '../../../src/core/model/subscription.ts'
import type { Transport } from '../../../src/subscriptions/transport.ts'
import { mqttAddress } from '../../../src/subscriptions/transports/mqtt-address.ts'
import { createMqttTransport } from '../../../src/subscriptions/transports/mqtt.ts'
import { skipWithout } from '../../support/needed.ts'
import { until } from '../support.ts'
import { connect, endpointOf, listen, messageTo, unusedPort, owner } from './support.ts'

const MOSQUITTO = '/usr/sbin/mosquitto'

/** notifierInfo of clause 7.2. */
function info(version: string, qos: string): KeyValuePair[] {
  return [
    { key: 'MQTT-Version', value: version },
    { key: 'MQTT-QoS', value: qos },
  ]
}

/** A small broker for MQTT 3.1.1 in this process. */
interface Embedded {
  readonly port: number
  readonly broker: Aedes
  readonly received: { topic: string; qos: number; payload: string }[]
  readonly connections: () => number
  close(): Promise<void>
}

async function embedded(port = 0): Promise<Embedded> {
  const broker = await Aedes.createBroker()
  const received: Embedded['received'] = []
  let connections = 0
  broker.on('client', () => connections++)
  broker.on('publish', ({ topic, qos, payload }, client) => {
    if (client !== null) received.push({ topic, qos, payload: payload.toString() })
  })
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    broker.handle(socket)
  })
  return {
    port: await listen(server, port),
    broker,
    received,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        broker.close(resolve)
      })
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('the MQTT transport (clause 7)', () => {
  let transport: Transport
  beforeEach(() => {
    transport = createMqttTransport({ connect, now: Date.now })
  })
  afterEach(() => transport.close())

  describe('addresses', () => {
    it('have defaults: MQTT 5.0, QoS 0, port 1883, or 8883 with TLS', () => {
      expect(mqttAddress(endpointOf('mqtt://capitainerie.example/marees'))).to.deep.equal({
        broker: { host: 'capitainerie.example', port: 1883, tls: false, version: 5 },
        topic: 'marees',
        qos: 0,
      })
      expect(mqttAddress(endpointOf('mqtts://capitainerie.example/marees'))).to.have.nested.property(
        'broker.port',
        8883,
      )
    })

    it('may hold everything', () => {
      const uri = 'mqtt://ma%40ree:p%3Aw@[::1]:1884/morbihan/%C3%A9tel'
      expect(mqttAddress(endpointOf(uri, { notifierInfo: info('mqtt3.1.1', '2') }))).to.deep.equal({
        broker: { host: '::1', port: 1884, tls: false, user: 'ma@ree', password: 'p:w', version: 4 },
        topic: 'morbihan/étel',
        qos: 2,
      })
    })

    const refused: readonly [string, KeyValuePair[], string][] = [
      ['mqtt://a.example', [], 'uri: the topic is missing'],
      ['mqtt://a.example/', [], 'uri: the topic is missing'],
      ['mqtt:///marees', [], 'uri'],
      ['mqtt:marees', [], 'uri'],
      ['mqtt://a.example/marees/+', [], 'uri: the topic must not'],
      ['mqtt://a.example/marees/#', [], 'uri: the topic must not'],
      ['mqtt://a.example/marees/%23', [], 'uri: the topic must not'],
      ['mqtt://a.example/marees?x', [], 'uri: the topic must not'],
      ['mqtt://a.example/marees//etel', [], 'uri: a level'],
      ['mqtt://a.example/marees%00', [], 'uri: the topic holds a control'],
      ['mqtt://a.example/%E9tel', [], 'uri: a % that'],
      ['mqtt://a.example/$SYS/broker', [], 'uri: topics that begin with $'],
      [`mqtt://a.example/${'a'.repeat(65_536)}`, [], 'uri: the topic is too long'],
      ['mqtt://a.example/marees', info('mqtt3.1', '0'), 'notifierInfo: MQTT-Version'],
      ['mqtt://a.example/marees', info('mqtt5.0', '3'), 'notifierInfo: MQTT-QoS'],
    ]
    for (const [uri, notifierInfo, reason] of refused) {
      it(`refuse ${uri.slice(0, 40)} ${JSON.stringify(notifierInfo)}`, () => {
        const refusal = transport.refuses(endpointOf(uri, { notifierInfo }), owner)
        expect(refusal?.startsWith(`notification.endpoint.${reason}`), refusal).to.equal(true)
      })
    }
  })

  describe('with an embedded broker (MQTT 3.1.1)', () => {
    let broker: Embedded
    const endpoint = (qos: string, topic = 'morbihan/marees'): ReturnType<typeof endpointOf> =>
      endpointOf(`mqtt://127.0.0.1:${String(broker.port)}/${topic}`, { notifierInfo: info('mqtt3.1.1', qos) })

    beforeEach(async () => {
      broker = await embedded()
    })
    afterEach(() => broker.close())

    for (const qos of [0, 1, 2]) {
      it(`publishes metadata and body with QoS ${String(qos)}`, async () => {
        const message = messageTo(endpoint(String(qos)))
        expect(await transport.send(message)).to.deep.equal({ kind: 'delivered' })
        await until(() => broker.received.length === 1, 'it arrived')
        expect(broker.received[0]).to.include({ topic: 'morbihan/marees', qos })
        expect(JSON.parse(broker.received[0]?.payload ?? '')).to.deep.equal({
          metadata: { 'Content-Type': 'application/json', ...message.headers },
          body: message.notification,
        })
      })
    }

    it('shares one connection for all topics of a broker, also when they begin at once', async () => {
      await Promise.all(['a', 'b', 'c'].map((topic) => transport.send(messageTo(endpoint('1', topic)))))
      expect(broker.received.map(({ topic }) => topic).sort()).to.deep.equal(['a', 'b', 'c'])
      expect(broker.connections()).to.equal(1)
    })

    it('closes a connection that nobody uses, and opens another when it is needed', async () => {
      const brief = createMqttTransport({ connect, now: Date.now, idleTimeout: 20 })
      await brief.send(messageTo(endpoint('1')))
      await until(() => broker.broker.connectedClients === 0, 'the idle connection is closed')
      expect(await brief.send(messageTo(endpoint('1')))).to.deep.equal({ kind: 'delivered' })
      await brief.close()
    })

    it('connects again after the broker was restarted (Orion-LD 1427)', async () => {
      const target = endpoint('1')
      await transport.send(messageTo(target))
      const { port } = broker
      await broker.close()
      await until(async () => (await transport.send(messageTo(target, 1, 300))).kind === 'retry', 'the loss is noticed')
      broker = await embedded(port)
      await until(
        async () => (await transport.send(messageTo(target, 2, 300))).kind === 'delivered',
        'it publishes again',
      )
    })

    it('tells a publication that the broker never acknowledged', async () => {
      broker.broker.authorizePublish = () => undefined
      expect(await transport.send(messageTo(endpoint('1'), 1, 100))).to.include({ kind: 'retry' })
      expect(await transport.send(messageTo(endpoint('2'), 1, 100))).to.include({ kind: 'retry' })
    })

    it('tells a login that was refused, without the password', async () => {
      broker.broker.authenticate = (_client, _user, _password, done) => {
        done(null, false)
      }
      const uri = `mqtt://maree:sesame@127.0.0.1:${String(broker.port)}/marees`
      const outcome = await transport.send(messageTo(endpointOf(uri, { notifierInfo: info('mqtt3.1.1', '1') })))
      expect(outcome.kind).to.equal('retry')
      expect(JSON.stringify(outcome)).to.not.include('sesame')
    })
  })

  it('tells within the timeout that nobody listens, or answers', async () => {
    const nobody = endpointOf(`mqtt://127.0.0.1:${String(await unusedPort())}/marees`)
    expect(await transport.send(messageTo(nobody))).to.include({ kind: 'retry' })
    const mute = createServer()
    const port = await listen(mute)
    const started = Date.now()
    expect(await transport.send(messageTo(endpointOf(`mqtt://127.0.0.1:${String(port)}/marees`), 1, 100))).to.include({
      kind: 'retry',
    })
    expect(Date.now() - started).to.be.below(1000)
    await transport.close()
    mute.close()
  })

  describe('with a real mosquitto (MQTT 3.1.1 and 5.0)', () => {
    const urls = [process.env['ESTRAN_TEST_MQTT_URL'], process.env['ESTRAN_TEST_MQTT_AUTH_URL']]
    for (const [index, name] of ['anonymously', 'with user and password'].entries()) {
      for (const version of ['mqtt3.1.1', 'mqtt5.0']) {
        for (const qos of ['0', '1', '2']) {
          it(`${name}, ${version}, QoS ${qos}`, async function () {
            const url = urls[index]
            if (url === undefined)
              return skipWithout(this, 'ESTRAN_TEST_MQTT_URL, ESTRAN_TEST_MQTT_AUTH_URL, mosquitto')
            const topic = `estran/${String(process.pid)}/${version}/${qos}`
            const listener = await mqtt.connectAsync(url)
            const payloads: string[] = []
            listener.on('message', (_topic, payload) => payloads.push(payload.toString()))
            await listener.subscribeAsync(topic, { qos: 2 })
            const endpoint = endpointOf(`${url.replace(/\/$/, '')}/${topic}`, { notifierInfo: info(version, qos) })
            expect(await transport.send(messageTo(endpoint))).to.deep.equal({ kind: 'delivered' })
            await until(() => payloads.length === 1, 'it arrived')
            expect(JSON.parse(payloads[0] ?? '')).to.have.nested.property('body.type', 'Notification')
            await listener.endAsync()
          })
        }
      }
    }

    it('connects again after mosquitto was killed and restarted', async function () {
      if (!existsSync(MOSQUITTO)) return skipWithout(this, 'ESTRAN_TEST_MQTT_URL, ESTRAN_TEST_MQTT_AUTH_URL, mosquitto')
      const port = await unusedPort()
      const endpoint = endpointOf(`mqtt://127.0.0.1:${String(port)}/marees`, { notifierInfo: info('mqtt5.0', '1') })
      const isDelivered = async (): Promise<boolean> =>
        (await transport.send(messageTo(endpoint, 1, 500))).kind === 'delivered'
      let broker = startMosquitto(port)
      try {
        await until(isDelivered, 'mosquitto is up')
        await stopProcess(broker)
        expect(await isDelivered()).to.equal(false)
        broker = startMosquitto(port)
        await until(isDelivered, 'mosquitto is up again')
      } finally {
        await stopProcess(broker)
      }
    })
  })
})

function startMosquitto(port: number): ChildProcess {
  return spawn(MOSQUITTO, ['-p', String(port)], { stdio: 'ignore' })
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
