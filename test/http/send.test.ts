import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { identified } from '../../src/http/correlation.ts'
import { send } from '../../src/http/send.ts'
import { until } from '../support/until.ts'

/** Answers in parts (RFC 9112, 7.1): as fast as the client takes them, and never half of one that looks whole. */

const LINE = 'marée haute,'.repeat(100)

/** How parts went. */
interface Course {
  /** How many were given. */
  given: number
  ended: boolean
}

/** Parts that never come to an end, or fail after some. */
async function* endless(course: Course, failAfter = Infinity): AsyncGenerator<string> {
  try {
    for (;;) {
      await Promise.resolve()
      if (course.given >= failAfter) throw new Error('the store is gone')
      course.given += 1
      yield LINE
    }
  } finally {
    course.ended = true
  }
}

async function* few(): AsyncGenerator<string> {
  for (const part of ['étale', LINE, 'jusant']) yield await Promise.resolve(part)
}

describe('an answer in parts', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  /** What answering came to. */
  interface Sent {
    error?: unknown
    done: boolean
  }

  async function serve(body: AsyncIterable<string>, isLive = false): Promise<{ port: number; sent: Sent }> {
    const sent: Sent = { done: false }
    server = createServer((request, response) => {
      const connection = { request, response, headers: identified(request) }
      const answer = { status: 200, headers: { 'content-type': 'text/csv' }, body, isLive }
      const sending = send(connection, answer, { compressFrom: 1024, cors: undefined }) ?? Promise.resolve()
      sending
        .catch((error: unknown) => {
          sent.error = error
        })
        .finally(() => {
          sent.done = true
        })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, sent }
  }

  async function open(port: number, headers = {}, method = 'GET'): Promise<IncomingMessage> {
    const request = httpRequest({ port, headers, method, agent: false }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  }

  it('comes whole, and compressed where that is asked for', async () => {
    const { port } = await serve(few())
    const response = await open(port, { 'accept-encoding': 'gzip' })
    expect(response.headers).to.include({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(gunzipSync(await buffer(response)).toString()).to.equal(`étale${LINE}jusant`)
  })

  const isTrue = (answer: boolean): boolean => answer

  it('waits for a client that does not read', async () => {
    const course = { given: 0, ended: false }
    const { port } = await serve(endless(course))
    const response = await open(port)
    let last = 0
    await until(() => {
      const isStill = course.given > 0 && course.given === last
      last = course.given
      return isStill
    }, isTrue)
    // What sockets and streams hold, and not what the process could.
    expect(course.given * LINE.length).to.be.lessThan(50_000_000)
    response.destroy()
    await until(() => course.ended, isTrue)
  })

  it('whose parts come with the news sends each at once and as it is, and waits for a client that does not read', async () => {
    const course = { given: 0, ended: false }
    const next = Promise.withResolvers<undefined>()
    async function* news(): AsyncGenerator<string> {
      yield 'flot'
      await next.promise
      yield* endless(course)
    }
    const { port } = await serve(news(), true)
    const response = await open(port, { 'accept-encoding': 'gzip' })
    expect(response.headers).to.not.have.property('content-encoding')
    const [first] = (await once(response, 'data')) as [Buffer]
    expect(first.toString()).to.equal('flot')
    response.pause()
    next.resolve(undefined)
    let last = 0
    await until(() => {
      const isStill = course.given > 0 && course.given === last
      last = course.given
      return isStill
    }, isTrue)
    expect(course.given * LINE.length).to.be.lessThan(50_000_000)
    response.destroy()
    await until(() => course.ended, isTrue)
  })

  it('ends its parts when the client is gone, which is nobody’s fault', async () => {
    const course = { given: 0, ended: false }
    const { port, sent } = await serve(endless(course))
    const response = await open(port)
    response.destroy()
    await until(() => course.ended && sent.done, isTrue)
    expect(sent.error).to.equal(undefined)
  })

  it('is cut off when its parts fail, so that nobody takes half for a whole', async () => {
    const { port, sent } = await serve(endless({ given: 0, ended: false }, 200))
    const response = await open(port)
    const failure = await buffer(response).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).to.be.an('error')
    await until(() => sent.done, isTrue)
    expect(sent.error).to.have.property('message', 'the store is gone')
  })

  it('has its headers alone for HEAD, and its parts are let go (RFC 9110, 9.3.2)', async () => {
    const course = { given: 0, ended: false }
    const parts = endless(course)
    // As the broker has it: the first part was waited for.
    await parts.next()
    const { port } = await serve(parts)
    const response = await open(port, {}, 'HEAD')
    expect((await buffer(response)).length).to.equal(0)
    await until(() => course.ended, isTrue)
    expect(course.given).to.equal(1)
  })
})
