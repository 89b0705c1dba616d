/** A WebSocket client of the API (docs/websocket.md), for tests. */
import { expect } from 'chai'
import { WebSocket } from 'ws'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { until } from './until.ts'

export interface Frame {
  readonly metadata: JsonObject
  readonly body?: Json
}

export interface Greeting {
  readonly connection: string
  readonly resumed?: boolean
  readonly secret: string
}

export interface Client {
  readonly socket: WebSocket
  /** Of the first frame. */
  readonly greeting: Greeting
  /** Notifications, in order of arrival. */
  readonly notifications: readonly JsonObject[]
  readonly ask: (metadata: JsonObject, body?: Json) => Promise<Frame>
  readonly acknowledge: (...notifications: readonly JsonObject[]) => void
  /** Cuts the connection. */
  readonly cut: () => Promise<void>
}

/** How a connection ended: what a browser sees of it, too. */
export interface Ending {
  readonly code: number
  readonly reason: string
}

export interface ConnectOptions {
  /** With the question mark. */
  readonly query?: string
  readonly secret?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Acknowledges what comes. */
  readonly acknowledges?: boolean
}

function openSocket(url: string, { query = '', secret, headers = {} }: ConnectOptions): WebSocket {
  const sent = secret === undefined ? headers : { ...headers, 'Estran-Client-Secret': secret }
  return new WebSocket(`${url.replace('http', 'ws')}/ngsi-ld/v1/ws${query}`, ['ngsi-ld.json'], { headers: sent })
}

/** Connects, and waits for the first frame. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  const socket = openSocket(url, options)
  const client = listen(socket, options.acknowledges ?? false)
  await until(client.hasBegun, Boolean)
  return client
}

/** How a connection that the broker does not want ends. */
export function ending(url: string, options: ConnectOptions): Promise<Ending> {
  return endOf(openSocket(url, options))
}

export function endOf(socket: WebSocket): Promise<Ending> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() })
    })
  })
}

function listen(socket: WebSocket, acknowledges: boolean): Client & { readonly hasBegun: () => boolean } {
  const notifications: JsonObject[] = []
  const answers = new Map<number, Frame>()
  let greeting: Greeting | undefined
  let asked = 0
  const say = (frame: Frame): void => {
    socket.send(JSON.stringify(frame))
  }
  const acknowledge = (...received: readonly JsonObject[]): void => {
    say({ metadata: { ack: received.map(({ id = null }) => id) } })
  }
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame
    const { metadata } = frame
    if (metadata['connection'] !== undefined) greeting = metadata as unknown as Greeting
    else if (metadata['status'] !== undefined) answers.set(Number(metadata['id']), frame)
    else {
      const notification = frame.body as JsonObject
      notifications.push(notification)
      if (acknowledges) acknowledge(notification)
    }
  })
  return {
    socket,
    notifications,
    acknowledge,
    hasBegun: () => {
      if (socket.readyState > WebSocket.OPEN) throw new Error('the connection was refused')
      return greeting !== undefined
    },
    get greeting() {
      return greeting ?? { connection: '', secret: '' }
    },
    ask: async (metadata, body) => {
      const id = ++asked
      say(body === undefined ? { metadata: { ...metadata, id } } : { metadata: { ...metadata, id }, body })
      return (await until(() => answers.get(id), Boolean)) ?? { metadata: {} }
    },
    cut: async () => {
      if (socket.readyState === WebSocket.CLOSED) return
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.terminate()
      await closed
    },
  }
}

/** The level of each tide gauge that notifications tell of. */
export function levelsIn(notifications: readonly JsonObject[]): readonly number[] {
  return notifications.flatMap(({ data }) => (data as { level: { value: number } }[]).map(({ level }) => level.value))
}

/** Subscribes, in a frame, to the levels of tide gauges. Answers the subscription's id. */
export async function subscribeIn(client: Client, more: JsonObject = {}): Promise<string> {
  const endpoint = { uri: client.greeting.connection }
  const body = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification: { endpoint }, ...more }
  const answer = await client.ask({ method: 'POST', path: '/ngsi-ld/v1/subscriptions' }, body)
  expect(answer.metadata['status'], JSON.stringify(answer.body)).to.equal(201)
  return (answer.metadata['location'] as string).split('/').at(-1) ?? ''
}
