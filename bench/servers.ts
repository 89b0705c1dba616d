/** Servers as processes of their own: the broker as `npm start` has it, and the bare one. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'

export interface ServerProcess {
  /** Without a trailing slash. */
  readonly url: string
  readonly pid: number
  /** Milliseconds from its start until it first answered. */
  readonly startedAfter: number
  /** Ends it in good order; SIGKILL when that takes too long. */
  stop(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const BARE = fileURLToPath(new URL('bare-server.ts', import.meta.url))
const CONTEXT_MAP = fileURLToPath(new URL('../demo/context-map.json', import.meta.url))

/** Milliseconds. */
const START_DEADLINE = 60_000
const STOP_DEADLINE = 15_000
const ASK_INTERVAL = 2

/** A broker over an empty SQLite store in a folder of its own. */
export async function startBroker(bench: Bench): Promise<ServerProcess> {
  const port = String(await freePort())
  const data = await mkdtemp(join(bench.folder, 'data-'))
  const flags = [
    '--port',
    port,
    '--store',
    'sqlite',
    '--data',
    data,
    '--log-level',
    'error',
    '--context-map',
    CONTEXT_MAP,
  ]
  const profiler = bench.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${bench.profile}`]
  return start(bench, [process.execPath, ...profiler, MAIN, ...flags], `http://127.0.0.1:${port}`)
}

export async function startBareServer(bench: Bench): Promise<ServerProcess> {
  const port = String(await freePort())
  return start(bench, [process.execPath, BARE, port], `http://127.0.0.1:${port}`)
}

async function start(bench: Bench, words: readonly string[], url: string): Promise<ServerProcess> {
  const begin = performance.now()
  const [command = '', ...rest] = [...bench.serverPrefix, ...words]
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], env: environment() })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const said = collect(child)
  const stop = (): Promise<void> => stopProcess(child)
  bench.started.defer(stop)
  const deadline = begin + START_DEADLINE
  while (!(await Promise.race([isUp(url), failed]))) {
    if (child.exitCode !== null) throw new Error(`${words.join(' ')} ended: ${said()}`)
    if (performance.now() > deadline) throw new Error(`${words.join(' ')} does not answer: ${said()}`)
    bench.signal.throwIfAborted()
    await pause(ASK_INTERVAL)
  }
  return { url, pid: child.pid ?? 0, startedAfter: performance.now() - begin, stop }
}

/** What the user has set for a broker of his own must not reach this one. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ESTRAN_')))
}

/** The end of what a process says on standard error. */
function collect(child: ChildProcess): () => string {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)))
  return () => said
}

/** The bare server knows no /health, and answers all the same. */
async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok
  } catch {
    return false
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'exit')
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE)
  child.kill('SIGTERM')
  await closed
  clearTimeout(killer)
}

/** A loopback port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
