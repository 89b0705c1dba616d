import type dns from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { OutboundRequest } from '../../src/base/outbound.ts'
import { createOutbound } from '../../src/net/outbound.ts'
import { rejection, startServer } from './server.ts'
import type { TestServer } from './server.ts'

const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'GET',
  headers: {},
  timeout: 2000,
  maxBytes: 1000,
  maxRedirects: 3,
  ...more,
})

describe('outbound exchanges', () => {
  let server: TestServer
  let other: TestServer
  const outbound = createOutbound({ policy: 'open' })

  before(async () => {
    other = await startServer((request, response) => {
      response.end(JSON.stringify(request.headers))
    })
    server = await startServer((request, response) => {
      const redirect = (status: number, location: string): void => {
        response.writeHead(status, { location }).end('moved')
      }
      if (request.url === '/loop') redirect(302, '/loop')
      else if (request.url === '/once') redirect(301, '/marees')
      else if (request.url === '/keep') redirect(307, '/echo')
      else if (request.url === '/metadata') redirect(302, 'http://169.254.169.254/latest/meta-data/')
      else if (request.url === '/away') redirect(302, `${other.url}/`)
      else if (request.url === '/file') redirect(302, 'file:///etc/passwd')
      else if (request.url === '/long') response.end('x'.repeat(2000))
      else if (request.url === '/flood') response.writeHead(200).write('x'.repeat(5000))
      else if (request.url === '/endless') response.write('x')
      else if (request.url === '/declared') response.writeHead(200, { 'content-length': '5000' }).write('x')
      else if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}'))
      else if (request.url === '/silent') return
      else if (request.url === '/echo') request.pipe(response)
      else response.writeHead(200, { 'X-Port': 'Brest' }).end('marée haute')
    })
  })
  after(async () => {
    await outbound.close()
    await server.close()
    await other.close()
  })

  it('answers with status, headers in lower case, text and final address', async () => {
    const answer = await outbound.fetch(get(`${server.url}/once`))
    expect(answer.status).to.equal(200)
    expect(answer.headers['x-port']).to.equal('Brest')
    expect(answer.body).to.equal('marée haute')
    expect(answer.url).to.equal(`${server.url}/marees`)
  })

  it('posts, and repeats a POST only where the redirect says so (RFC 9110, 15.4)', async () => {
    const post = { method: 'POST', body: '{"hauteur":4.2}', headers: { 'content-type': 'application/json' } } as const
    expect((await outbound.fetch(get(`${server.url}/keep`, post))).body).to.equal(post.body)
    expect((await outbound.fetch(get(`${server.url}/once`, post))).status).to.equal(301)
  })

  it('does not carry credentials to another host', async () => {
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Own': 'yes' }
    const answer = await outbound.fetch(get(`${server.url}/away`, { headers }))
    expect(JSON.parse(answer.body)).to.include({ 'x-own': 'yes' }).and.not.have.any.keys('authorization', 'cookie')
  })

  // What is asked for, and what the error says.
  const failures: readonly [string, string, Partial<OutboundRequest>?][] = [
    ['/loop', 'redirects more often than 3 times'],
    ['/metadata', 'not allowed'],
    ['/file', 'file: addresses are not supported'],
    ['/long', 'longer than 1000 bytes'],
    ['/flood', 'longer than 1000 bytes'],
    ['/declared', 'longer than 1000 bytes'],
    ['/gzip', 'encoded (gzip)'],
    ['/silent', 'within 60 ms', { timeout: 60 }],
    ['/endless', 'within 60 ms', { timeout: 60 }],
  ]
  for (const [path, message, more] of failures) {
    it(`gives up on ${path}: ${message}`, async () => {
      expect((await rejection(outbound.fetch(get(server.url + path, more)))).message).to.contain(message)
    })
  }

  for (const url of [
    'http://169.254.169.254/',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
  ]) {
    it(`does not connect to ${url}`, async () => {
      expect((await rejection(outbound.fetch(get(url)))).message).to.contain('not allowed')
    })
  }

  it('refuses credentials in an address, without repeating them', async () => {
    const failure = await rejection(outbound.fetch(get(`http://quimper:secret@127.0.0.1:${String(server.port)}/`)))
    expect(failure.message).to.contain('credentials').and.not.contain('secret')
  })

  it('public refuses the loopback interface, by address and by name', async () => {
    const strict = createOutbound({ policy: 'public' })
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const failure = await rejection(strict.fetch(get(`http://${host}:${String(server.port)}/`)))
      expect(failure.message, host).to.contain('not allowed')
    }
    await strict.close()
  })

  it('holds the address that a name has at the moment of the connection to the policy (rebinding)', async () => {
    const answers = ['127.0.0.1', '169.254.169.254']
    const lookup = (_name: string, _options: unknown, callback: (error: null, found: object[]) => void): void => {
      callback(null, [{ address: answers.shift() ?? '', family: 4 }])
    }
    const rebound = createOutbound({ policy: 'open', lookup: lookup as unknown as typeof dns.lookup })
    const url = `http://iroise.example:${String(server.port)}/`
    expect((await rebound.fetch(get(url, { headers: { connection: 'close' } }))).status).to.equal(200)
    expect((await rejection(rebound.fetch(get(url)))).message).to.contain('not allowed')
    await rebound.close()
  })
})

describe('outbound connections', () => {
  it('connect, and hold to the policy', async () => {
    const server = createServer((socket) => socket.end('ahoy'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const open = createOutbound({ policy: 'open' })
    const socket = open.connect({ host: '127.0.0.1', port, tls: false, timeout: 2000 })
    const [greeting] = (await once(socket, 'data')) as [Buffer]
    expect(greeting.toString()).to.equal('ahoy')
    socket.destroy()
    for (const [policy, host] of [
      ['public', 'localhost'],
      ['public', '127.0.0.1'],
      ['open', '169.254.169.254'],
    ] as const) {
      const refused = createOutbound({ policy }).connect({ host, port, tls: false, timeout: 2000 })
      const [error] = (await once(refused, 'error').catch((failure: unknown) => [failure])) as [Error]
      expect(error.message, host).to.contain('not allowed')
    }
    server.close()
  })

  it('give up after their time, TLS handshake included', async () => {
    // A server that accepts and then says nothing.
    const server = createServer(() => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = createOutbound({ policy: 'open' }).connect({ host: '127.0.0.1', port, tls: true, timeout: 60 })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).to.contain('within 60 ms')
    server.close()
  })
})
