/** Receivers of notifications over each channel, in this process, so that one clock measures the whole way. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { WebSocket } from 'ws'
import type { JsonObject } from '../../src/base/json.ts'
import type { Bench } from '../bench.ts'
import { API } from '../entities.ts'
import { isOnPath } from '../machine.ts'

/** Where a subscription sends to, and what is told of each notification that comes. */
export interface Receiver {
  /** The `endpoint` of a subscription. */
  readonly endpoint: JsonObject
  /** Called with the text of each notification, or of the message that holds it. */
  onMessage: (text: string) => void
}

export const channelNames = ['HTTP', 'MQTT', 'WebSocket'] as const

export type ChannelName = (typeof channelNames)[number]

/** A receiver for what the broker at that address sends; undefined, and said so, where the channel cannot be had here. */
export async function receive(bench: Bench, channel: ChannelName, broker: string): Promise<Receiver | undefined> {
  switch (channel) {
    case 'HTTP':
      return receiveHttp(bench)
    case 'MQTT':
      if (await isOnPath('mosquitto')) return receiveMqtt(bench)
      console.log('\nMQTT: SKIPPED, there is no mosquitto here')
      return undefined
    case 'WebSocket':
      return receiveWebSocket(bench, broker)
  }
}

async function receiveHttp(bench: Bench): Promise<Receiver> {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      response.writeHead(204).end()
      receiver.onMessage(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench.started.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    endpoint: { uri: `http://127.0.0.1:${String(port)}/notify` },
    onMessage: () => undefined,
  }
  return receiver
}

/** The address of a server that takes every connection and says nothing. */
export async function startMute(bench: Bench): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(
      socket
        .on('error', () => undefined)
        .on('close', () => sockets.delete(socket))
        .resume(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench.started.defer(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

const TOPIC = 'bench/air'
const QOS = 1

/** Over a mosquitto of its own, QoS 1 on both sides. */
async function receiveMqtt(bench: Bench): Promise<Receiver> {
  const port = await startMosquitto(bench)
  const client = await connectAsync(`mqtt://127.0.0.1:${String(port)}`)
  bench.started.defer(() => client.endAsync(true))
  const receiver: Receiver = {
    endpoint: {
      uri: `mqtt://127.0.0.1:${String(port)}/${TOPIC}`,
      notifierInfo: [{ key: 'MQTT-QoS', value: String(QOS) }],
    },
    onMessage: () => undefined,
  }
  client.on('message', (_topic, payload) => {
    receiver.onMessage(payload.toString())
  })
  await client.subscribeAsync(TOPIC, { qos: QOS })
  return receiver
}

async function startMosquitto(bench: Bench): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  const file = join(bench.folder, 'mosquitto.conf')
  await writeFile(file, `listener ${String(port)} 127.0.0.1\nallow_anonymous true\npersistence false\n`)
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore' })
  bench.started.defer(() => {
    child.kill('SIGKILL')
  })
  // Long enough to bind its port; the client tries again should it not be.
  await pause(300)
  return port
}

async function receiveWebSocket(bench: Bench, broker: string): Promise<Receiver> {
  const socket = new WebSocket(`${broker.replace('http', 'ws')}${API}/ws`, 'ngsi-ld.json')
  bench.started.defer(() => {
    socket.terminate()
  })
  const [first] = (await once(socket, 'message')) as [Buffer]
  const { metadata } = JSON.parse(first.toString()) as { metadata: { connection: string } }
  const receiver: Receiver = { endpoint: { uri: metadata.connection }, onMessage: () => undefined }
  socket.on('message', (data: Buffer) => {
    receiver.onMessage(data.toString())
  })
  return receiver
}
