import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAutocannon } from '../bench/autocannon.ts'
import type { Load, LoadTool } from '../bench/load-tool.ts'
import { isOnPath } from '../bench/machine.ts'
import type { RequestTemplate } from '../bench/request.ts'
import { fill, wireText } from '../bench/request.ts'
import { createRun } from '../bench/run.ts'
import { createWrk } from '../bench/wrk.ts'

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function bench(...words: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['bench/main.ts', ...words], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

// Speed itself is not asserted: it belongs to the machine.
describe('npm run bench', function () {
  this.timeout(90_000)

  it('measures an operation against the bare server, and says how', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'estran-bench-test-'))
    const file = join(folder, 'results.json')
    const { code, stdout, stderr } = await bench(
      '--seconds',
      '0.3',
      '--only',
      'patch',
      '--tool',
      'autocannon',
      '--json',
      file,
    )
    const results: unknown = code === 0 ? JSON.parse(readFileSync(file, 'utf8')) : undefined
    rmSync(folder, { recursive: true })
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(stdout).to.match(/^autocannon \S+, one process, 32 connections; pinning: /m)
    expect(stdout).to.match(/^PATCH attribute +\d+ +\d+ +\d\.\d\d +\d\.\d\d-\d\.\d\d +>= 0\.32 +(ok|below) /m)
    expect(results).to.have.nested.property('ratios[0].rate.median').that.is.a('number').above(0)
    expect(results).to.include({ seconds: 0.3 }).and.have.nested.property('machine.node', process.version)
  })

  const mistakes: [words: string[], message: RegExp][] = [
    [['--seconds', 'long'], /^bench: --seconds must be a number from 0.1 to 600, not "long"\n$/],
    [['--only', 'get,set'], /^bench: --only: "set" is none of start, post, /],
  ]
  for (const [words, message] of mistakes) {
    it(`refuses ${words.join(' ')}`, async () => {
      const { code, stdout, stderr } = await bench(...words)
      expect(stderr).to.match(message)
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' })
    })
  }
})

describe('the load of the bench', function () {
  this.timeout(30_000)
  let server: Server
  let folder: string
  let load: Load
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'estran-bench-test-'))
    server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const request: RequestTemplate = { method: 'GET', path: '/', headers: {}, range: 1 }
    load = { url: `http://127.0.0.1:${String(port)}`, request, first: 1, connections: 2, seconds: 0.3 }
  })
  after(() => {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true })
  })

  const run = createRun([], new AbortController().signal)

  it('fails when autocannon gets an answer that is not 2xx', async () => {
    await expectFailure(createAutocannon(run), load)
  })

  it('fails when wrk gets an answer that is not 2xx', async function () {
    if (!(await isOnPath('wrk'))) this.skip()
    await expectFailure(await createWrk({ run, folder }), load)
  })
})

async function expectFailure(tool: LoadTool, load: Load): Promise<void> {
  const failure: unknown = await tool.run(load).catch((error: unknown) => error)
  expect(failure).to.be.an.instanceOf(Error)
  expect(String(failure)).to.match(/^Error: GET http\S+: \d+ answers that are not 2xx among \d+ answers$/)
}

describe('the requests of the bench', () => {
  it('differ from each other and have one length', () => {
    const texts = [0, 999, 1000, 123_456_789].map((number) => fill('<n> <k> <s>', number, 1000))
    expect(texts.map((text) => text.split(' ')[1])).to.deep.equal(['000000000', '000000999', '000000000', '000000789'])
    expect(new Set(texts)).to.have.length(4)
    for (const text of texts) expect(text).to.match(/^\d{9} \d{9} \d{9}$/)
  })

  it('go over the wire with the length that they have when filled in', () => {
    const text = wireText({ method: 'POST', path: '/a/<k>', headers: {}, body: '{"é":<n>}', range: 10 }, 'localhost:1')
    expect(text).to.equal('POST /a/<k> HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 16\r\n\r\n{"é":<n>}')
  })
})
