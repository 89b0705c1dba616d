import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { OutboundFetch } from '../../src/base/outbound.ts'
import { coreContext } from '../../src/core/context/compile.ts'
import { expandName } from '../../src/core/context/names.ts'
import type { ContextResolver } from '../../src/core/context/resolver.ts'
import { NgsiError } from '../../src/core/errors.ts'
import { readContextMap } from '../../src/net/context-map.ts'
import { createContextResolver } from '../../src/net/contexts.ts'
import { createOutbound } from '../../src/net/outbound.ts'
import { rejection, startServer } from './server.ts'
import type { TestServer } from './server.ts'

const contextOf = (iri: string): string => JSON.stringify({ '@context': { marnage: iri } })

describe('remote contexts (5.5.6, RFC 9111)', () => {
  const outbound = createOutbound({ policy: 'open' })
  let server: TestServer
  let answer: (response: ServerResponse) => void
  let clock: number
  let resolver: ContextResolver
  let url: string

  before(async () => {
    server = await startServer((_request, response) => {
      answer(response)
    })
  })
  after(async () => {
    await outbound.close()
    await server.close()
  })
  beforeEach(() => {
    clock = Date.parse('2026-11-22T09:30:00Z')
    resolver = createContextResolver({
      fetch: outbound.fetch,
      map: new Map(),
      now: () => clock,
      timeout: 200,
      maxBytes: 1000,
    })
    url = `${server.url}/${String(server.requests.length)}`
    serve(contextOf('https://shom.example/marnage'), { 'cache-control': 'max-age=60' })
  })

  const serve = (body: string, headers: Record<string, string> = {}, status = 200): void => {
    answer = (response) => response.writeHead(status, { 'content-type': 'application/ld+json', ...headers }).end(body)
  }
  /** How many requests an action costs the server. */
  const requestsOf = async (action: () => Promise<unknown>): Promise<number> => {
    const before = server.requests.length
    await action()
    return server.requests.length - before
  }
  const marnage = async (): Promise<string> => expandName(await resolver.resolve(url), 'marnage')
  const failure = async (promise: Promise<unknown>): Promise<string> => {
    const error = await rejection(promise)
    return error instanceof NgsiError ? error.name : `not an NgsiError: ${error.message}`
  }

  it('are fetched once while fresh, and peeked at without waiting', async () => {
    expect(resolver.peek(url)).to.equal(undefined)
    expect(await requestsOf(marnage)).to.equal(1)
    clock += 59_000
    expect(await requestsOf(marnage)).to.equal(0)
    expect(resolver.peek(url)).to.equal(await resolver.resolve(url))
    clock += 1_000
    expect(resolver.peek(url)).to.equal(undefined)
    expect(await requestsOf(marnage)).to.equal(1)
  })

  it('share one fetch among those who ask at the same time', async () => {
    const sources = [url, url, [url], [url, { port: 'https://shom.example/port' }]]
    expect(await requestsOf(() => Promise.all(sources.map((source) => resolver.resolve(source))))).to.equal(1)
  })

  it('are revalidated when stale, and not compiled again when unchanged', async () => {
    serve(contextOf('https://shom.example/marnage'), {
      'cache-control': 'max-age=60',
      etag: '"v1"',
      'last-modified': 'Sun, 22 Nov 2026 09:00:00 GMT',
    })
    const first = await resolver.resolve(url)
    clock += 61_000
    answer = (response) => response.writeHead(304, { 'cache-control': 'max-age=120' }).end()
    const second = await resolver.resolve(url)
    const { headers } = server.requests.at(-1) ?? {}
    expect(headers?.['if-none-match']).to.equal('"v1"')
    expect(headers?.['if-modified-since']).to.equal('Sun, 22 Nov 2026 09:00:00 GMT')
    expect(second.tables).to.equal(first.tables)
    clock += 100_000
    expect(await requestsOf(marnage)).to.equal(0)
  })

  it('are compiled anew when they have changed', async () => {
    expect(await marnage()).to.equal('https://shom.example/marnage')
    clock += 61_000
    serve(contextOf('https://shom.example/2027/marnage'))
    expect(await marnage()).to.equal('https://shom.example/2027/marnage')
  })

  it('are served stale while their source is down, and asked for again a moment later', async () => {
    await marnage()
    clock += 61_000
    serve('down', {}, 503)
    expect(await marnage()).to.equal('https://shom.example/marnage')
    expect(await requestsOf(marnage)).to.equal(0)
    clock += 11_000
    expect(await requestsOf(marnage)).to.equal(1)
    answer = (response) => response.destroy()
    clock += 11_000
    expect(await marnage()).to.equal('https://shom.example/marnage')
  })

  it('are not served stale against their will (must-revalidate)', async () => {
    serve(contextOf('https://shom.example/marnage'), { 'cache-control': 'max-age=60, must-revalidate' })
    await marnage()
    clock += 61_000
    serve('down', {}, 503)
    expect(await failure(marnage())).to.equal('LdContextNotAvailable')
  })

  it('are not kept where they say so (no-store)', async () => {
    serve(contextOf('https://shom.example/marnage'), { 'cache-control': 'no-store, max-age=60' })
    expect(await requestsOf(async () => [await marnage(), await marnage()])).to.equal(2)
    serve('down', {}, 503)
    expect(await failure(marnage())).to.equal('LdContextNotAvailable')
  })

  it('that fail are held for a moment and never taken for a success', async () => {
    serve('gone', {}, 404)
    const again = async (): Promise<string> => failure(marnage())
    expect(await again()).to.equal('LdContextNotAvailable')
    serve(contextOf('https://shom.example/marnage'))
    expect(await requestsOf(again)).to.equal(0)
    clock += 1_001
    expect(await marnage()).to.equal('https://shom.example/marnage')
  })

  it('may come as JSON or plain text, with a byte order mark', async () => {
    for (const type of ['application/json', 'text/plain; charset=utf-8', 'application/octet-stream']) {
      url += 'x'
      serve(`\uFEFF${contextOf('https://shom.example/marnage')}`, { 'content-type': type })
      expect(await marnage(), type).to.equal('https://shom.example/marnage')
    }
  })

  it('refer to others, relative to where they were found in the end', async () => {
    answer = (response) => {
      const path = server.requests.at(-1)?.url ?? ''
      if (path === '/start') response.writeHead(302, { location: '/ports/context.jsonld' }).end()
      else if (path === '/ports/context.jsonld')
        response.end('{"@context":["base.jsonld",{"quai":"https://shom.example/quai"}]}')
      else response.end(path === '/ports/base.jsonld' ? contextOf('https://shom.example/marnage') : '{}')
    }
    url = `${server.url}/start`
    expect(await marnage()).to.equal('https://shom.example/marnage')
  })

  // What the source answers, and the error it ends in.
  const failures: readonly [string, (response: ServerResponse) => void, string][] = [
    ['a status of failure', (response) => response.writeHead(500).end(), 'LdContextNotAvailable'],
    [
      'a web page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      'LdContextNotAvailable',
    ],
    [
      'too long a document',
      (response) => response.end(JSON.stringify({ x: 'x'.repeat(2000) })),
      'LdContextNotAvailable',
    ],
    ['nothing in time', () => undefined, 'LdContextNotAvailable'],
    ['half a document in time', (response) => response.write('{'), 'LdContextNotAvailable'],
    ['a broken connection', (response) => response.destroy(), 'LdContextNotAvailable'],
    [
      'a redirect to itself',
      (response) => response.writeHead(302, { location: '/self' }).end(),
      'LdContextNotAvailable',
    ],
    [
      'a redirect to a forbidden address',
      (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'LdContextNotAvailable',
    ],
    ['no JSON', (response) => response.end('{"@context":'), 'BadRequestData'],
    ['no object', (response) => response.end('[]'), 'BadRequestData'],
    ['no valid context', (response) => response.end('{"@context":{"a":"b:c","b":"a:d"}}'), 'BadRequestData'],
  ]
  for (const [what, respond, name] of failures) {
    it(`that answer with ${what} end in ${name}`, async () => {
      answer = respond
      expect(await failure(marnage())).to.equal(name)
    })
  }

  it('tell a client nothing about why they cannot be fetched', async () => {
    const error = await rejection(resolver.resolve('http://127.0.0.1:1/'))
    expect(error.message).to.contain('http://127.0.0.1:1/').and.not.contain('ECONNREFUSED')
  })
})

describe('contexts without the network', () => {
  const noFetch: OutboundFetch = ({ url }) => Promise.reject(new Error(`fetched ${url}`))
  const options = { fetch: noFetch, now: () => 0 }

  it('are the core @context by any of its addresses, or none', async () => {
    const resolver = createContextResolver({ ...options, map: new Map() })
    expect(resolver.peek(undefined)).to.equal(coreContext)
    expect(await resolver.resolve(undefined)).to.equal(coreContext)
    const url = 'http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.3.jsonld'
    expect(resolver.peek(url)).to.include({ source: url, isCore: true })
    expect(await resolver.resolve([url])).to.deep.include({ source: [url], isCore: true })
  })

  it('are compiled once per source when inline', async () => {
    const resolver = createContextResolver({ ...options, map: new Map() })
    const source = { phare: 'https://shom.example/phare' }
    const compiled = await resolver.resolve(source)
    expect(compiled.source).to.equal(source)
    expect(resolver.peek({ ...source })).to.equal(compiled)
    expect((await resolver.resolve([source])).tables).to.equal(compiled.tables)
    expect(resolver.peek({ phare: 'https://shom.example/balise' })).to.equal(undefined)
  })

  it('are those of the context map, which is never fetched and never stale', async () => {
    const url = 'https://shom.example/context.jsonld'
    const map = new Map([[url, { '@context': { phare: 'https://shom.example/phare' } }]])
    const resolver = createContextResolver({ ...options, map })
    expect(expandName(await resolver.resolve(url), 'phare')).to.equal('https://shom.example/phare')
    expect(resolver.peek(url)?.source).to.equal(url)
  })
})

describe('ESTRAN_CONTEXT_MAP', () => {
  let folder: string
  const write = async (name: string, content: unknown): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'estran-map-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('reads the files it names, relative to itself', async () => {
    await write('shom.jsonld', { '@context': {} })
    const map = await readContextMap(await write('map.json', { 'https://shom.example/a b': 'shom.jsonld' }))
    expect([...map]).to.deep.equal([['https://shom.example/a%20b', { '@context': {} }]])
  })

  it('names the file or the entry at fault', async () => {
    const missing = await rejection(readContextMap(join(folder, 'absent.json')))
    expect(missing.message).to.contain('absent.json')
    await write('list.jsonld', [])
    const broken: readonly [unknown, string][] = [
      ['{', 'bad.json'],
      [{ 'no address': 'shom.jsonld' }, 'no address'],
      [{ 'https://shom.example/': 4 }, 'https://shom.example/'],
      [{ 'https://shom.example/': 'lost.jsonld' }, 'lost.jsonld'],
      [{ 'https://shom.example/': 'list.jsonld' }, 'list.jsonld'],
    ]
    for (const [content, named] of broken) {
      const path = await write('bad.json', content)
      const { message } = await rejection(readContextMap(path))
      expect(message).to.contain(named).and.contain(path)
    }
  })
})
