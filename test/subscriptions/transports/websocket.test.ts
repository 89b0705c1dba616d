import { expect } from 'chai'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import type { JsonObject } from '../../../src/base/json.ts'
import type { WebSocketTransport } from '../../../src/subscriptions/transports/websocket.ts'
import { createWebSocketTransport } from '../../../src/subscriptions/transports/websocket.ts'
import type { ApiAnswer, ApiRequest } from '../../../src/subscriptions/transports/ws-frame.ts'
import { until } from '../support.ts'
import { endpointOf, listen, messageTo, owner } from './support.ts'

interface Client {
  readonly socket: WebSocket
  readonly frames: JsonObject[]
  /** The connection's URN. */
  readonly urn: string
  readonly say: (frame: unknown) => void
}

describe('the WebSocket transport', () => {
  let server: Server
  let transport: WebSocketTransport
  let requests: ApiRequest[]
  let answer: (request: ApiRequest) => Promise<ApiAnswer>
  const sockets = new Set<WebSocket>()

  const start = async (options: object = {}): Promise<void> => {
    transport = createWebSocketTransport({
      maxBuffer: 100_000,
      maxFrame: 50_000,
      idleTimeout: 5000,
      now: Date.now,
      arrived: () => undefined,
      clients: { admit: () => Promise.reject(new Error('nobody has a name here')) },
      unsubscribe: () => Promise.resolve(),
      ...options,
    })
    server = createServer()
    server.on(
      'upgrade',
      transport.handleUpgrade((request) => {
        requests.push(request)
        return answer(request)
      }),
    )
    await listen(server)
  }
  const url = (path = '/ngsi-ld/v1/ws'): string =>
    `ws://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`

  const client = async (options: ClientOptions = {}): Promise<Client> => {
    const socket = new WebSocket(url(), ['ngsi-ld.json'], options)
    sockets.add(socket)
    const frames: JsonObject[] = []
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as JsonObject))
    socket.on('error', () => undefined)
    await until(() => frames.length === 1, 'the first frame')
    const urn = (frames[0]?.['metadata'] as JsonObject)['connection'] as string
    return {
      socket,
      frames,
      urn,
      say: (frame) => {
        socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
      },
    }
  }
  /** The status and body of a refused upgrade. */
  const refusal = (path: string, protocols: string[], options: ClientOptions = {}): Promise<number | undefined> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url(path), protocols, options)
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('open', () => {
        resolve(101)
      })
      socket.on('unexpected-response', (_request, response) => {
        response.resume()
        resolve(response.statusCode)
      })
    })

  beforeEach(() => {
    requests = []
    answer = () => Promise.resolve({ status: 200, headers: { 'Content-Type': 'application/json' }, body: '[]' })
  })
  afterEach(async () => {
    for (const socket of sockets) socket.terminate()
    sockets.clear()
    await transport.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  describe('connecting', () => {
    it('tells the URN of the connection in the first frame, each connection its own', async () => {
      await start()
      const [one, other] = [await client(), await client()]
      expect(one.socket.protocol).to.equal('ngsi-ld.json')
      expect(Object.keys(one.frames[0] ?? {})).to.deep.equal(['metadata'])
      expect(one.urn)
        .to.match(/^urn:ngsi-ld:Connection:[0-9a-f-]{36}$/)
        .and.not.equal(other.urn)
      expect(transport.refuses(endpointOf(one.urn), owner)).to.equal(undefined)
      expect(transport.isHere?.(endpointOf(one.urn))).to.equal(true)
      expect(transport.isHere?.(endpointOf(one.urn.replace(/.$/, '!')))).to.equal(false)
      expect(transport.refuses(endpointOf('urn:ngsi-ld:Building:mairie'), owner)).to.match(
        /^notification\.endpoint\.uri: /,
      )
    })

    it('refuses another path, another subprotocol, none, and pages of another origin', async () => {
      await start()
      expect(await refusal('/ngsi-ld/v1/other', ['ngsi-ld.json'])).to.equal(404)
      expect(await refusal('/ngsi-ld/v1/ws', ['mqtt'])).to.equal(400)
      expect(await refusal('/ngsi-ld/v1/ws', [])).to.equal(400)
      expect(await refusal('/ngsi-ld/v1/ws', ['ngsi-ld.json'], { origin: 'https://pirate.example' })).to.equal(403)
      expect(
        await refusal('/ngsi-ld/v1/ws', ['ngsi-ld.json'], { origin: new URL(url()).origin.replace('ws', 'http') }),
      ).to.equal(101)
      expect(await refusal('/ngsi-ld/v1/ws?client=a', ['mqtt', 'ngsi-ld.json'])).to.equal(101)
    })

    it('refuses more connections than it may have', async () => {
      await start({ maxConnections: 1 })
      const { socket } = await client()
      expect(await refusal('/ngsi-ld/v1/ws', ['ngsi-ld.json'])).to.equal(503)
      socket.close()
      await until(async () => (await refusal('/ngsi-ld/v1/ws', ['ngsi-ld.json'])) === 101, 'there is room again')
    })
  })

  describe('notifications', () => {
    it('come as metadata and body', async () => {
      await start()
      const { urn, frames } = await client()
      const message = messageTo(endpointOf(urn))
      expect(await transport.send(message)).to.deep.equal({ kind: 'delivered' })
      await until(() => frames.length === 2, 'the notification')
      expect(frames[1]).to.deep.equal({
        metadata: { 'Content-Type': 'application/json', ...message.headers },
        body: message.notification,
      })
    })

    it('wait for a client that is not connected', async () => {
      await start()
      const { urn, socket } = await client()
      socket.close()
      await until(async () => (await transport.send(messageTo(endpointOf(urn)))).kind === 'retry', 'it is gone')
    })

    it('wait for a client that stops reading, which is dropped in the end', async () => {
      await start({ drainTimeout: 200, idleTimeout: 300 })
      const { urn, socket } = await client()
      socket.pause()
      const big = 'vague'.repeat(20_000)
      const send = (): ReturnType<typeof transport.send> => {
        const message = messageTo(endpointOf(urn), 1, 50)
        return transport.send({ ...message, notification: { ...message.notification, big } })
      }
      await until(async () => (await send()).kind === 'retry', 'its buffers are full')
      let ended: string | undefined
      await until(async () => {
        const outcome = await send()
        ended = outcome.kind === 'retry' ? outcome.reason : ended
        return ended === 'the client is not connected'
      }, 'it is dropped')
    })
  })

  describe('requests in frames', () => {
    it('are answered by a frame with status, headers and the correlation id', async () => {
      await start()
      answer = () => Promise.resolve({ status: 201, headers: { Location: '/ngsi-ld/v1/entities/urn:a:b' }, body: '' })
      const { frames, say } = await client()
      const metadata = { method: 'POST', path: '/ngsi-ld/v1/entities?local=true', id: 'r-1', 'NGSILD-Tenant': 'etel' }
      say(`{ "metadata" : ${JSON.stringify(metadata)}, "body" : {"id": "urn:a:b", "level": 1e400} }`)
      await until(() => frames.length === 2, 'the answer')
      expect(frames[1]).to.deep.equal({
        metadata: { status: 201, id: 'r-1', Location: '/ngsi-ld/v1/entities/urn:a:b' },
      })
      // The body goes on as it was written, so that the API sees what it has to refuse.
      expect(requests).to.deep.equal([
        {
          method: 'POST',
          target: '/ngsi-ld/v1/entities?local=true',
          headers: { 'ngsild-tenant': 'etel', 'content-type': 'application/json', 'content-length': '33' },
          body: '{"id": "urn:a:b", "level": 1e400}',
        },
      ])
    })

    it('have no body where they need none, and get the JSON of the answer', async () => {
      await start()
      answer = () =>
        Promise.resolve({ status: 200, headers: { 'content-type': 'application/ld+json' }, body: '[{"id":"urn:a:b"}]' })
      const { frames, say } = await client()
      say({ metadata: { method: 'GET', path: '/ngsi-ld/v1/entities', id: 7, Accept: 'application/ld+json' } })
      await until(() => frames.length === 2, 'the answer')
      expect(frames[1])
        .to.deep.include({ body: [{ id: 'urn:a:b' }] })
        .and.to.have.nested.property('metadata.id', 7)
      expect(requests[0]).to.deep.include({ headers: { accept: 'application/ld+json' }, body: undefined })
    })

    it('are answered as they are done, not in line', async () => {
      await start()
      const slow = Promise.withResolvers<ApiAnswer>()
      answer = ({ target }) =>
        target === '/slow' ? slow.promise : Promise.resolve({ status: 204, headers: {}, body: '' })
      const { frames, say } = await client()
      say({ metadata: { method: 'GET', path: '/slow', id: 1 } })
      say({ metadata: { method: 'GET', path: '/quick', id: 2 } })
      await until(() => frames.length === 2, 'the quick answer')
      slow.resolve({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'done' })
      await until(() => frames.length === 3, 'the slow answer')
      expect(frames.slice(1).map(({ metadata }) => (metadata as JsonObject)['id'])).to.deep.equal([2, 1])
      expect(frames[2]).to.have.property('body', 'done')
    })

    it('wait in the socket while too many of them are under way', async () => {
      await start()
      const slow = Promise.withResolvers<ApiAnswer>()
      answer = () => slow.promise
      const { frames, say } = await client()
      const long = 'x'.repeat(10_000)
      for (let id = 0; id < 2000; id++) say({ metadata: { method: 'POST', path: '/slow', id }, body: long })
      await until(() => requests.length >= 32, 'the first ones are under way')
      const begun = requests.length
      expect(begun).to.be.below(2000)
      slow.resolve({ status: 204, headers: {}, body: '' })
      await until(() => frames.length === 2001, 'all are answered')
    })

    const faults: readonly [title: string, frame: string, detail: RegExp][] = [
      ['no JSON', '{"metadata":', /^the frame is not JSON$/],
      ['no object', '[1]', /^the frame/],
      ['no metadata', '{"body":{}}', /^metadata/],
      ['no method', '{"metadata":{"path":"/"}}', /^metadata\.method/],
      ['an unknown method', '{"metadata":{"method":"BREW","path":"/"}}', /^metadata\.method/],
      ['a bad path', '{"metadata":{"method":"GET","path":"ngsi-ld"}}', /^metadata\.path/],
      ['a header that is no text', '{"metadata":{"method":"GET","path":"/","Accept":1}}', /^metadata\.Accept/],
      [
        'a header of connections',
        '{"metadata":{"method":"GET","path":"/","Content-Length":"1"}}',
        /^metadata\.Content-Length/,
      ],
      ['a prototype', '{"metadata":{"method":"GET","path":"/","__proto__":{}}}', /^metadata\.__proto__/],
    ]
    for (const [title, frame, detail] of faults) {
      it(`with ${title} get an error frame, and the connection goes on`, async () => {
        await start()
        const { frames, say } = await client()
        say(frame)
        await until(() => frames.length === 2, 'the error')
        expect(frames[1]).to.have.nested.property('metadata.status', 400)
        expect(frames[1]).to.have.nested.property('body.type', 'https://uri.etsi.org/ngsi-ld/errors/InvalidRequest')
        expect((frames[1]?.['body'] as JsonObject)['detail']).to.match(detail)
        say({ metadata: { method: 'GET', path: '/' } })
        await until(() => frames.length === 3, 'the next answer')
        expect(requests).to.have.length(1)
      })
    }

    it('that are binary get an error frame', async () => {
      await start()
      const { frames, socket } = await client()
      socket.send(Buffer.from([1, 2, 3]))
      await until(() => frames.length === 2, 'the error')
      expect(frames[1]).to.have.nested.property('body.detail', 'frames are text, not binary')
    })

    it('get a bare 500 when the API breaks', async () => {
      await start()
      answer = () => Promise.reject(new Error('secret detail'))
      const { frames, say } = await client()
      say({ metadata: { method: 'GET', path: '/', id: 'x' } })
      await until(() => frames.length === 2, 'the error')
      expect(frames[1]).to.have.nested.property('metadata.status', 500)
      expect(frames[1]).to.have.nested.property('metadata.id', 'x')
      expect(JSON.stringify(frames[1])).to.not.include('secret')
    })

    it('that are longer than allowed end the connection with 1009', async () => {
      await start()
      const { socket } = await client()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.send(`{"metadata":{},"body":"${'x'.repeat(60_000)}"}`)
      expect(await closed).to.equal(1009)
    })
  })

  describe('signs of life', () => {
    it('keep a silent client that answers pings, and end one that does not', async () => {
      await start({ idleTimeout: 150 })
      const living = await client()
      const dead = await client({ autoPong: false })
      let pings = 0
      living.socket.on('ping', () => pings++)
      await until(() => dead.socket.readyState === WebSocket.CLOSED, 'the dead one is dropped')
      await until(() => pings > 5, 'the living one is pinged on')
      expect(living.socket.readyState).to.equal(WebSocket.OPEN)
    })

    it('says good-bye when the broker goes down', async () => {
      await start()
      const { socket } = await client()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      await transport.close()
      expect(await closed).to.equal(1001)
    })
  })
})
