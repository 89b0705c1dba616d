/** A broker as a process of its own, for tests that kill it. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { until } from './until.ts'

export interface BrokerProcess {
  readonly url: string
  readonly pid: number
  /** SIGKILL: no good-bye, no flush. Resolves when the process is gone. */
  kill(): Promise<void>
}

/** Starts `node src/main.ts` and waits until it answers. */
export async function spawnBroker(flags: Readonly<Record<string, string>>): Promise<BrokerProcess> {
  const port = flags['port'] ?? String(await freePort())
  const words = Object.entries({ 'log-level': 'error', ...flags, port }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ])
  const child = spawn(process.execPath, ['src/main.ts', ...words], { stdio: ['ignore', 'inherit', 'pipe'] })
  const said = collect(child)
  const url = `http://127.0.0.1:${port}`
  const ask = (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the broker ended: ${said()}`)
    return isUp(url)
  }
  await until(ask, Boolean, 60_000)
  return { url, pid: child.pid ?? 0, kill: () => killProcess(child) }
}

/** SIGKILLs a process and waits until it is gone. */
export function killProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve()
      return
    }
    child.once('exit', () => {
      resolve()
    })
    child.kill('SIGKILL')
  })
}

/** A loopback port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'))
        else resolve(address.port)
      })
    })
  })
}

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok
  } catch {
    return false
  }
}
