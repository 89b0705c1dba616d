import { once } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { checkProblem, create, ENTITIES, gauge, gaugeId, invalidRequest, property, read } from './support.ts'

/** HTTP as users expect it: RFC 9110, RFC 9112, the Fetch standard, and clause 6.3 where NGSI-LD says more. */

const MAX_BODY_BYTES = 20_000
const MAX_TARGET_BYTES = 4000
const PAGE = 'https://carte.example'
const BREST = `${ENTITIES}/${gaugeId('Brest')}`
const LONG = `${ENTITIES}/${gaugeId('Long')}`

interface RawAnswer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

/** A request of exactly these headers; the answer's body as it came. */
async function raw(broker: TestBroker, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  const request = httpRequest(`${broker.url}${path}`, { method, headers, agent: false })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
}

/** Sends bytes to the broker and reads what comes until it closes. */
async function speak(broker: TestBroker, ...parts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(broker.url)
  const socket = connect(Number(port), hostname)
  for (const part of parts) socket.write(part)
  return text(socket)
}

const json = { 'content-type': 'application/json' }

describeOnStores('HTTP', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({
      'max-body-bytes': String(MAX_BODY_BYTES),
      'max-target-bytes': String(MAX_TARGET_BYTES),
      'cors-origins': `${PAGE}, http://localhost:5173`,
    })
    await create(broker, gauge('Brest', { waterLevel: property(4.2) }))
    await create(broker, gauge('Long', { note: property('marée '.repeat(1000)) }))
  })

  describe('methods', () => {
    for (const path of [BREST, `${ENTITIES}?type=TideGauge`, '/health', '/metrics']) {
      it(`HEAD ${path} has the headers of GET and no body (RFC 9110, 9.3.2)`, async () => {
        const get = await raw(broker, { path })
        const head = await raw(broker, { path, method: 'HEAD' })
        expect(head.status).to.equal(get.status)
        expect(head.body.length).to.equal(0)
        expect(Object.keys(head.headers)).to.have.members(Object.keys(get.headers))
        if (path !== '/metrics') expect(head.headers['content-length']).to.equal(String(get.body.length))
      })
    }

    it('OPTIONS says what a path allows (RFC 9110, 9.3.7)', async () => {
      for (const [path, methods] of [
        [ENTITIES, ['GET', 'HEAD', 'POST', 'OPTIONS']],
        [BREST, ['GET', 'HEAD', 'DELETE', 'OPTIONS']],
        ['/health', ['GET', 'HEAD', 'OPTIONS']],
      ] as const) {
        const { status, headers, text: body } = await broker.request.options(path)
        expect(status).to.equal(204)
        expect(body).to.equal('')
        expect(headers).to.not.have.property('content-length')
        expect(String(headers['allow']).split(', ')).to.include.members(methods)
      }
      const missing = { status: 404, name: 'ResourceNotFound', says: '/nowhere' } as const
      checkProblem(await broker.request.options('/nowhere'), missing)
    })

    it('a body on GET and DELETE means nothing (RFC 9110, 9.3.1)', async () => {
      const path = BREST
      const headers = { ...json, 'content-length': '9' }
      expect((await raw(broker, { path, headers, body: '{not json' })).status).to.equal(200)
    })
  })

  describe('CORS (Fetch standard)', () => {
    it('lets pages of a configured origin read answers and their headers', async () => {
      const { headers } = await broker.request.get(BREST).set('origin', PAGE)
      expect(headers['access-control-allow-origin']).to.equal(PAGE)
      expect(headers['access-control-expose-headers']).to.contain('NGSILD-Results-Count').and.to.contain('Link')
      expect(headers['vary']).to.contain('Origin')
    })

    it('does so with errors too', async () => {
      for (const path of [`${ENTITIES}/urn:ngsi-ld:TideGauge:Nowhere`, '/nowhere', `${ENTITIES}?colour=blue`]) {
        const { status, headers } = await broker.request.get(path).set('origin', PAGE)
        expect(status).to.be.greaterThan(399)
        expect(headers['access-control-allow-origin']).to.equal(PAGE)
      }
    })

    it('answers a preflight with the methods of the path and the headers of NGSI-LD', async () => {
      const preflight = broker.request.options(BREST).set({ origin: PAGE, 'access-control-request-method': 'DELETE' })
      const { status, headers } = await preflight
      expect(status).to.equal(204)
      expect(headers['access-control-allow-methods']).to.contain('DELETE')
      expect(headers['access-control-allow-headers']).to.contain('NGSILD-Tenant').and.to.contain('If-Match')
      expect(headers).to.have.property('access-control-max-age')
    })

    it('says nothing to other origins, and Vary keeps caches from mixing them up', async () => {
      for (const request of [
        broker.request.get(BREST),
        broker.request.get(BREST).set('origin', 'https://else.example'),
      ]) {
        const { status, headers } = await request
        expect(status).to.equal(200)
        expect(headers).to.not.have.property('access-control-allow-origin')
        expect(headers['vary']).to.contain('Origin')
      }
    })
  })

  describe('compressed answers (RFC 9110, 12.5.3)', () => {
    const get = (accepted?: string): Promise<RawAnswer> =>
      raw(broker, { path: LONG, ...(accepted !== undefined && { headers: { 'accept-encoding': accepted } }) })

    for (const [accepted, coding] of [
      ['gzip', 'gzip'],
      ['gzip, deflate, br, zstd', 'br'],
      ['br;q=0.2, gzip;q=0.7', 'gzip'],
      ['*', 'br'],
      ['br;q=0, *;q=0.5', 'gzip'],
      ['identity', undefined],
      ['identity, gzip;q=0.5', undefined],
      ['gzip;q=0', undefined],
      ['zstd', undefined],
      [undefined, undefined],
    ] as const) {
      it(`come in ${coding ?? 'no coding'} for Accept-Encoding: ${accepted ?? 'absent'}`, async () => {
        const plain = (await raw(broker, { path: LONG })).body.toString()
        const { headers, body } = await get(accepted)
        expect(headers['content-encoding']).to.equal(coding)
        expect(headers['content-length']).to.equal(String(body.length))
        expect(headers.vary).to.contain('Accept-Encoding')
        const decoded = coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body
        expect(decoded.toString()).to.equal(plain)
        if (coding !== undefined) expect(body.length).to.be.lessThan(plain.length / 5)
      })
    }

    it('are not worth it where the answer is short', async () => {
      const { headers } = await raw(broker, { path: BREST, headers: { 'accept-encoding': 'gzip' } })
      expect(headers).to.not.have.property('content-encoding')
    })
  })

  describe('request bodies', () => {
    const entity = (name: string, value: string): string => JSON.stringify(gauge(name, { note: property(value) }))
    const post = (body: Buffer | string, headers: OutgoingHttpHeaders): Promise<RawAnswer> => {
      const lengths = 'transfer-encoding' in headers ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      return raw(broker, { method: 'POST', path: ENTITIES, headers: { ...json, ...lengths, ...headers }, body })
    }

    for (const [coding, encode] of [
      ['gzip', gzipSync],
      ['x-gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const) {
      it(`are taken in ${coding} (RFC 9110, 8.4)`, async () => {
        const name = `Coded-${coding}`
        const { status } = await post(encode(entity(name, 'étale')), { 'content-encoding': coding })
        expect(status).to.equal(201)
        expect(await read(broker, `${ENTITIES}/${gaugeId(name)}`)).to.have.nested.property('note.value', 'étale')
      })

      it(`in ${coding} are bounded after decompression: a bomb is a 413`, async () => {
        const bomb = encode(entity('Bomb', 'a'.repeat(MAX_BODY_BYTES * 50)))
        expect(bomb.length).to.be.lessThan(MAX_BODY_BYTES)
        const { status, body } = await post(bomb, { 'content-encoding': coding })
        expect(status).to.equal(413)
        expect(body.toString()).to.contain('PayloadTooLarge').and.to.contain(String(MAX_BODY_BYTES))
        expect((await broker.request.get(`${ENTITIES}/${gaugeId('Bomb')}`)).status).to.equal(404)
      })

      it(`that are not ${coding}, or only half of it, are refused`, async () => {
        const whole = encode(entity('Half', 'x'))
        for (const body of [whole.subarray(0, whole.length - 6), Buffer.from('{"id":1}')]) {
          const { status, body: problem } = await post(body, { 'content-encoding': coding })
          expect(status).to.equal(400)
          expect(problem.toString()).to.contain('Content-Encoding')
        }
      })
    }

    it('in another coding are a 415 that lists those that are known (RFC 9110, 12.5.3)', async () => {
      const { status, headers, body } = await post('{}', { 'content-encoding': 'zstd' })
      expect({ status, body: body.toString() }).to.deep.equal({ status: 415, body: '' })
      expect(headers['accept-encoding']).to.equal('gzip, deflate, br')
      const { headers: media } = await post('{}', { 'content-type': 'text/plain' })
      expect(media).to.not.have.property('accept-encoding')
    })

    it('come without a length in NDJSON alone (6.3.4), and are bounded then, too', async () => {
      const chunked = { 'transfer-encoding': 'chunked' }
      expect((await post('{}', chunked)).status).to.equal(411)
      const ndjson = { ...chunked, 'content-type': 'application/x-ndjson' }
      // One entity is no list of lines, but it was read.
      expect((await post('{}\n', ndjson)).status).to.equal(415)
      expect((await post('x'.repeat(MAX_BODY_BYTES + 1), ndjson)).status).to.equal(413)
    })

    it('are asked for only where they will be read (RFC 9110, 10.1.1)', async () => {
      const head = (length: number): string =>
        [
          `POST ${ENTITIES} HTTP/1.1`,
          'host: estran',
          'content-type: application/json',
          `content-length: ${String(length)}`,
          'expect: 100-continue',
          'connection: close',
        ].join('\r\n')
      const body = entity('Expected', 'x')
      const taken = await speak(broker, `${head(Buffer.byteLength(body))}\r\n\r\n`, body)
      expect(taken).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
      expect(await speak(broker, `${head(MAX_BODY_BYTES + 1)}\r\n\r\n`)).to.match(/^HTTP\/1\.1 413 /)
    })
  })

  describe('correlation', () => {
    const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

    it('X-Request-Id and traceparent are echoed with every answer', async () => {
      const headers = { 'x-request-id': 'maree-42', traceparent: TRACE }
      for (const [method, path] of [
        ['get', BREST],
        ['get', `${ENTITIES}?colour=blue`],
        ['get', '/nowhere'],
        ['post', ENTITIES],
        ['options', ENTITIES],
        ['put', ENTITIES],
      ] as const) {
        expect((await broker.request[method](path).set(headers)).headers).to.include(headers)
      }
    })

    it('an X-Request-Id is made where there is none that can be echoed', async () => {
      const made = new Set<unknown>()
      for (const given of ['', 'a b', 'x'.repeat(200)]) {
        const { headers } = await broker.request.get(BREST).set('x-request-id', given)
        expect(headers['x-request-id']).to.match(/^[\w-]{12}-[0-9a-z]+$/)
        made.add(headers['x-request-id'])
      }
      expect(made.size).to.equal(3)
    })

    it('a traceparent that is none is not echoed', async () => {
      expect((await broker.request.get(BREST).set('traceparent', 'x')).headers).to.not.have.property('traceparent')
    })
  })

  describe('targets', () => {
    it('a slash in an id is written %2F, and stays in its segment (RFC 3986, 2.2)', async () => {
      const id = 'https://shom.example/gauge/1?a=b#c'
      await create(broker, { id, type: 'TideGauge' })
      expect(await read(broker, `${ENTITIES}/${encodeURIComponent(id)}`)).to.have.property('id', id)
      expect(await read(broker, `${ENTITIES}/${encodeURIComponent(id)}/`)).to.have.property('id', id)
    })

    it('a plus in a query is a space, %2B a plus', async () => {
      const query = `${ENTITIES}?type=TideGauge&idPattern=`
      expect(await read(broker, `${query}Bres%2Bt`)).to.have.length(1)
      expect(await read(broker, `${query}Bres+t`)).to.have.length(0)
    })

    it('broken percent-encoding in a query is refused by name, not replaced (RFC 3986, 2.1)', async () => {
      for (const value of ['%E0%A4%A', '%', '%zz', '%ff']) {
        checkProblem(await broker.request.get(`${ENTITIES}?local=true&type=${value}`), invalidRequest('type'))
      }
    })

    it('the absolute form is understood (RFC 9112, 3.2.2)', async () => {
      const head = `GET ${broker.url}${BREST} HTTP/1.1\r\nhost: estran\r\nconnection: close\r\n\r\n`
      expect(await speak(broker, head)).to.match(/^HTTP\/1\.1 200 /)
    })

    for (const [title, length] of [
      ['too long', MAX_TARGET_BYTES + 1],
      ['far too long', 60_000],
    ] as const) {
      it(`${title}: a 414 that says where long queries go (RFC 9110, 15.5.15)`, async () => {
        const path = `${ENTITIES}?type=${'x'.repeat(length)}`
        const { status, body } = await raw(broker, { path })
        expect(status).to.equal(414)
        expect(body.toString()).to.contain('UriTooLong').and.to.contain('/entityOperations/query')
      })
    }

    it('headers that are too long are a 431 in JSON (RFC 6585, 5)', async () => {
      const { status, headers, body } = await raw(broker, { path: BREST, headers: { 'x-long': 'x'.repeat(30_000) } })
      expect(status).to.equal(431)
      expect(headers['content-type']).to.equal('application/json')
      expect(body.toString()).to.contain('HeadersTooLarge')
    })
  })
})
