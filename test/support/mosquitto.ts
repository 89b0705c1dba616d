/** A real MQTT broker as a process of its own, for tests that kill it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort, killProcess } from './broker-process.ts'
import { until } from './until.ts'

export interface Mosquitto {
  readonly port: number
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts it once more, on the same port. */
  restart(): Promise<void>
  /** Kills it and removes what it had. */
  readonly remove: () => Promise<void>
}

/** Debian has it where an ordinary user's PATH does not look. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }

/** Starts one with these lines of configuration for its listener; undefined where there is none. */
export async function startMosquitto(...lines: readonly string[]): Promise<Mosquitto | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'estran-mosquitto-'))
  const file = join(folder, 'mosquitto.conf')
  const port = await freePort()
  // Started by root it would become another user, who may read nothing here.
  const head = [
    `user ${userInfo().username}`,
    'persistence false',
    `listener ${String(port)} 127.0.0.1`,
    'allow_anonymous true',
  ]
  writeFileSync(file, [...head, ...lines, ''].join('\n'))
  let child: ChildProcess | undefined
  const restart = async (): Promise<void> => {
    child = await start(file, port)
  }
  const kill = async (): Promise<void> => {
    if (child !== undefined) await killProcess(child)
  }
  const remove = async (): Promise<void> => {
    await kill()
    rmSync(folder, { recursive: true })
  }
  await restart()
  if (child !== undefined) return { port, kill, restart, remove }
  await remove()
  return undefined
}

async function start(file: string, port: number): Promise<ChildProcess | undefined> {
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore', env })
  const faults: Error[] = []
  child.once('error', (error) => faults.push(error))
  await until(async () => faults.length > 0 || (await accepts(port)), Boolean, 10_000)
  return faults.length > 0 ? undefined : child
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => {
      resolve(false)
    })
  })
}
