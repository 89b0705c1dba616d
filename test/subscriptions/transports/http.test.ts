import { expect } from 'chai'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { createOutbound } from '../../../src/net/outbound.ts'
import type { Outbound } from '../../../src/net/outbound.ts'
import { createHttpTransport } from '../../../src/subscriptions/transports/http.ts'
import { createTestTransport, levelsOf, scratchFolder, subscriptionOf, until } from '../support.ts'
import { openHarbour } from '../delivery/harbour.ts'
import { endpointOf, listen, messageTo, unusedPort, owner } from './support.ts'

describe('the HTTP transport (clause 6.3.8)', () => {
  let outbound: Outbound
  let server: Server
  let url: string
  let answer: (response: ServerResponse) => void
  let received: { request: IncomingMessage; body: string }[]

  const accept = (response: ServerResponse): void => {
    response.writeHead(200).end()
  }
  const transport = (): ReturnType<typeof createHttpTransport> =>
    createHttpTransport({ fetch: outbound.fetch, now: () => Date.parse('2026-11-22T09:00:00Z') })

  beforeEach(async () => {
    outbound = createOutbound({ policy: 'open' })
    received = []
    answer = accept
    server = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ request, body })
        answer(response)
      })
    })
    url = `http://127.0.0.1:${String(await listen(server))}/notify`
  })
  afterEach(async () => {
    await outbound.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('posts the notification with its headers', async () => {
    expect(await transport().send(messageTo(endpointOf(url)))).to.deep.equal({ kind: 'delivered' })
    const [first] = received
    expect(first?.request).to.include({ method: 'POST', url: '/notify' })
    expect(first?.request.headers).to.include({
      'content-type': 'application/json',
      link: '<https://estran.example/coast.jsonld>',
      'ngsild-tenant': 'etel',
    })
    expect(JSON.parse(first?.body ?? '')).to.deep.equal(messageTo(endpointOf(url)).notification)
  })

  const outcomes: readonly [status: number, headers: Record<string, string>, outcome: object][] = [
    [200, {}, { kind: 'delivered' }],
    [204, {}, { kind: 'delivered' }],
    [301, { Location: '/elsewhere' }, { kind: 'retry' }],
    [400, {}, { kind: 'refused', reason: 'HTTP status 400' }],
    [401, {}, { kind: 'retry' }],
    [404, {}, { kind: 'retry' }],
    [410, {}, { kind: 'gone', reason: 'HTTP status 410' }],
    [422, {}, { kind: 'refused' }],
    [429, { 'Retry-After': '7' }, { kind: 'retry', after: 7000 }],
    [500, {}, { kind: 'retry', reason: 'HTTP status 500' }],
    [503, { 'Retry-After': 'Sun, 22 Nov 2026 09:00:03 GMT' }, { kind: 'retry', after: 3000 }],
  ]
  for (const [status, headers, outcome] of outcomes) {
    it(`takes ${String(status)} ${JSON.stringify(headers)} for ${JSON.stringify(outcome)}`, async () => {
      answer = (response) => response.writeHead(status, headers).end()
      expect(await transport().send(messageTo(endpointOf(url)))).to.include(outcome)
    })
  }

  it('tries again after a refused connection, a reset, and silence beyond the timeout', async () => {
    const nobody = `http://127.0.0.1:${String(await unusedPort())}/`
    expect(await transport().send(messageTo(endpointOf(nobody)))).to.include({ kind: 'retry' })
    answer = (response) => response.destroy()
    expect(await transport().send(messageTo(endpointOf(url)))).to.include({ kind: 'retry' })
    answer = () => undefined
    const started = Date.now()
    expect(await transport().send(messageTo(endpointOf(url), 1, 100))).to.include({ kind: 'retry' })
    expect(Date.now() - started).to.be.below(1500)
  })

  it('holds to the address policy', async () => {
    const guarded = createOutbound({ policy: 'public' })
    const outcome = await createHttpTransport({ fetch: guarded.fetch, now: Date.now }).send(messageTo(endpointOf(url)))
    await guarded.close()
    expect(outcome).to.include({ kind: 'retry' })
    expect(received).to.be.empty
  })

  const refusals: readonly [string, Parameters<typeof endpointOf>][] = [
    ['notification.endpoint.uri', ['http://']],
    ['notification.endpoint.uri', ['http://user:pw@capitainerie.example/']],
    [
      'notification.endpoint.receiverInfo',
      [endpointOf('').uri + 'http://a.example', { receiverInfo: [{ key: 'a b', value: '' }] }],
    ],
    [
      'notification.endpoint.receiverInfo',
      ['http://a.example', { receiverInfo: [{ key: 'X-A', value: 'a\r\nHost: b' }] }],
    ],
    [
      'notification.endpoint.receiverInfo',
      ['http://a.example', { receiverInfo: [{ key: 'Content-Length', value: '1' }] }],
    ],
  ]
  for (const [member, endpoint] of refusals) {
    it(`refuses ${JSON.stringify(endpoint)}`, () => {
      expect(transport().refuses(endpointOf(...endpoint), owner)).to.match(
        new RegExp(`^${member.replaceAll('.', '\\.')}: `),
      )
    })
  }

  it('accepts credentials in receiverInfo', () => {
    const receiverInfo = [{ key: 'Authorization', value: 'Bearer abc' }]
    expect(transport().refuses(endpointOf('https://capitainerie.example/', { receiverInfo }), owner)).to.equal(
      undefined,
    )
  })

  it('brings everything, in order, to an endpoint that was absent for a while', async () => {
    const scratch = scratchFolder()
    const port = await unusedPort()
    const subscription = subscriptionOf({}, `http://127.0.0.1:${String(port)}/`)
    const harbour = await openHarbour({
      folder: scratch.folder,
      transports: [transport(), createTestTransport()],
      subscriptions: [subscription],
    })
    const late = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ request, body })
        accept(response)
      })
    })
    try {
      for (let level = 0; level < 10; level++) await harbour.write('etel', level, [subscription.id])
      const failed = async (): Promise<number> => (await harbour.delivery.status('', subscription.id))?.timesFailed ?? 0
      await until(async () => (await failed()) > 2, 'some tries have failed')
      await listen(late, port)
      await until(async () => (await harbour.owed(subscription.id)) === 0, 'the outbox is empty')
      const levels = received.flatMap(({ body }) =>
        levelsOf({ notification: JSON.parse(body) as Record<string, never> }),
      )
      expect(levels).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    } finally {
      await harbour.close()
      late.closeAllConnections()
      late.close()
      scratch.remove()
    }
  })
})
