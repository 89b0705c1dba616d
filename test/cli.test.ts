import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import packageJson from '../package.json' with { type: 'json' }
import type { RunningBroker } from '../src/broker.ts'
import { startBroker } from '../src/broker.ts'
import { loadConfig } from '../src/config.ts'
import { options } from '../src/config/options.ts'
import type { MoodyReceiver } from './support/moody-receiver.ts'
import { startMoodyReceiver } from './support/moody-receiver.ts'
import { until } from './support/until.ts'

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('ESTRAN_'))

function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, words, { env: { ...Object.fromEntries(ours), ...env } })
}

async function run(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = start(words, env)
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout(), stderr: stderr() }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

/** The first line on standard error that matches. */
async function line(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<RegExpExecArray> {
  for await (const text of createInterface(child.stderr)) {
    const match = pattern.exec(text)
    if (match !== null) return match
  }
  throw new Error(`ended without a line like ${String(pattern)}`)
}

describe('command line', () => {
  it('estran --version says the version of package.json', async () => {
    expect(await run(['src/cli.ts', '--version'])).to.deep.equal({
      code: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    })
  })

  it('estran alone shows its commands', async () => {
    const { code, stderr } = await run(['src/cli.ts'])
    expect(code).to.equal(1)
    expect(stderr).to.match(/serve .*start the broker/)
  })

  it('estran serve --help shows every option, its default, its range, and its names', async () => {
    const { code, stdout } = await run(['src/cli.ts', 'serve', '--help'])
    const help = stdout.replaceAll(/\s+/g, ' ')
    expect(code).to.equal(0)
    expect(help).to.contain('--config <file>').and.contain('ESTRAN_CONFIG')
    for (const option of options) {
      expect(help).to.contain(`--${option.flag} <value> ${option.description.replaceAll('`', '')} (${option.expected})`)
      expect(help).to.contain(`[default: ${String(option.default ?? 'none')}] [env: ${option.env}]`)
    }
  })

  const mistakes: [words: string[], env: Record<string, string>, message: RegExp][] = [
    [['src/cli.ts', 'serve', '--prot', '1'], {}, /unknown option '--prot'\n\(Did you mean --port\?\)/],
    [['src/cli.ts', 'serve', '--port'], {}, /'--port <value>' argument missing/],
    [['src/cli.ts', 'serve', 'Brest'], {}, /too many arguments/],
    [['src/cli.ts', 'sreve'], {}, /unknown command 'sreve'/],
    [['src/cli.ts', 'serve', '--port', '80x'], {}, /^estran: --port must be an integer from 0 to 65535, not "80x"\n$/],
    [['src/main.ts', '--port', '80x'], {}, /^estran: --port must be an integer from 0 to 65535, not "80x"\n$/],
    [
      ['src/main.ts'],
      { ESTRAN_PROT: '1' },
      /^estran: ESTRAN_PROT is not a known option; did you mean ESTRAN_PORT\?\n$/,
    ],
    [['src/main.ts', '--config', 'nowhere.yaml'], {}, /^estran: nowhere\.yaml: cannot be read/],
  ]

  for (const [words, env, message] of mistakes) {
    it(`${Object.keys(env).join(' ')} node ${words.join(' ')} is refused`.trim(), async () => {
      const { code, stdout, stderr } = await run(words, env)
      expect(stderr)
        .to.match(message)
        .and.not.match(/^ +at /m)
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' })
    })
  }

  describe('a broker', () => {
    let data: string
    let child: ChildProcessWithoutNullStreams | undefined
    beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'estran-cli-'))))
    afterEach(() => {
      child?.kill('SIGKILL')
      rmSync(data, { recursive: true })
    })

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`says where it listens, answers, and stops on ${signal}`, async () => {
        child = start(['src/main.ts', '--port', '0', '--data', data, '--log-level', 'silent'])
        const url = (await line(child, /listening on (http\S+)$/))[1] ?? ''
        expect((await fetch(`${url}/health`)).status).to.equal(200)
        child.kill(signal)
        expect(await once(child, 'exit')).to.deep.equal([0, null])
      })
    }

    it('whose port is taken says so and ends', async () => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const address = other.address()
      const port = typeof address === 'object' && address !== null ? String(address.port) : ''
      const { code, stderr } = await run(['src/main.ts', '--port', port, '--data', data, '--log-level', 'silent'])
      other.close()
      expect(stderr)
        .to.match(/^estran: /)
        .and.contain(port)
        .and.not.match(/^ +at /m)
      expect(code).to.equal(1)
    })
  })

  describe('estran dead-letters', () => {
    const cli = 'src/cli.ts'
    let broker: RunningBroker
    let receiver: MoodyReceiver
    let folder: string
    const url = (): string => broker.url
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'estran-cli-'))
      receiver = await startMoodyReceiver(422)
      const flags = { port: '0', data: folder, 'log-level': 'silent', 'max-delivery-attempts': '1' }
      broker = await startBroker(loadConfig({ flags, env: {}, cwd: folder }))
      await post('subscriptions', {
        ...{ id: 'urn:ngsi-ld:Subscription:cli', type: 'Subscription', entities: [{ type: 'TideGauge' }] },
        notification: { endpoint: { uri: receiver.url } },
      })
      for (const name of ['Brest', 'Etel', 'Gavres']) {
        const level = { type: 'Property', value: 1 }
        await post('entities', { id: `urn:ngsi-ld:TideGauge:${name}`, type: 'TideGauge', level })
      }
      await until(letters, (found) => found.length === 3)
    })
    after(async () => {
      await broker.stop()
      receiver.close()
      rmSync(folder, { recursive: true })
    })

    const post = async (path: string, body: object): Promise<void> => {
      const headers = { 'content-type': 'application/json' }
      const target = `${url()}/ngsi-ld/v1/${path}`
      const { status } = await fetch(target, { method: 'POST', headers, body: JSON.stringify(body) })
      expect(status).to.equal(201)
    }
    const letters = async (): Promise<readonly unknown[]> =>
      (await (await fetch(`${url()}/admin/dead-letters`)).json()) as readonly unknown[]

    it('list shows all, one JSON object a line', async () => {
      const { code, stdout, stderr } = await run([cli, 'dead-letters', 'list', '--url', url()])
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
      const lines = stdout.trim().split('\n')
      expect(lines.map((text) => JSON.parse(text) as unknown)).to.deep.equal(await letters())
    })

    it('purge and replay want to be told which, and say how many it were', async () => {
      const vague = await run([cli, 'dead-letters', 'purge', '--url', url()])
      expect(vague).to.include({ code: 1, stdout: '' })
      expect(vague.stderr).to.match(/^estran: say which: .*--all\n$/)
      const [one] = (await letters()) as { notification: string }[]
      const words = ['dead-letters', 'purge', '--url', url(), '--notification', one?.notification ?? '']
      expect((await run([cli, ...words])).stdout).to.equal('{"purged":1}\n')
      receiver.mood = 204
      const replayed = await run([cli, 'dead-letters', 'replay', '--url', url(), '--all'])
      expect(replayed.stdout).to.equal('{"replayed":2,"left":0}\n')
      await until(
        () => receiver.taken.length,
        (taken) => taken === 2,
      )
    })

    it('says what the broker refuses, and where none answers', async () => {
      const refused = await run([cli, 'dead-letters', 'list', '--url', url(), '--tenant', 'a/b'])
      expect(refused.stderr).to.match(/^estran: http:\S+ answers 400: tenant: /)
      const nowhere = await run([cli, 'dead-letters', 'list', '--url', 'http://127.0.0.1:1'])
      expect(nowhere).to.include({ code: 1, stdout: '' })
      expect(nowhere.stderr).to.match(/^estran: /)
    })
  }).timeout(30_000)

  it('a second signal ends at once what does not stop', async () => {
    const child = start(['test/support/stubborn.ts'])
    const lines = createInterface(child.stderr)
    lines.on('line', () => child.kill('SIGTERM'))
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).to.equal(1)
  }).timeout(5000)
})
