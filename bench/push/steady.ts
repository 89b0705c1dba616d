/** A steady stream of requests, sent whether or not the earlier ones were answered: so waiting shows as waiting. */
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { CONNECTIONS } from '../bench.ts'
import { JSON_BODY } from '../entities.ts'

/** Milliseconds between two bursts; timers are no finer than that on a busy machine. */
const TICK = 5

/** Calls `act` with 1, 2, 3 ... so many times a second, for so many seconds. */
export async function steadily(rate: number, seconds: number, act: (number: number) => void): Promise<number> {
  const begin = performance.now()
  let sent = 0
  for (;;) {
    const elapsed = Math.min((performance.now() - begin) / 1000, seconds)
    for (const due = Math.floor(elapsed * rate); sent < due;) act(++sent)
    if (elapsed === seconds) return sent
    await pause(TICK)
  }
}

export interface Sender {
  /** Sends JSON over one of some connections that stay open. `answered` is told the status when the answer has come. */
  send(method: 'POST' | 'PATCH', path: string, body: string, answered: (status: number) => void): void
  close(): void
}

/** Sends to one server. A request that fails ends the process's run: it is an error of the bench. */
export function createSender(url: string): Sender {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  return {
    send: (method, path, body, answered) => {
      const headers = { ...JSON_BODY, 'Content-Length': Buffer.byteLength(body) }
      request({ agent, hostname, port, method, path, headers }, (response) => {
        response.resume().on('end', () => {
          answered(response.statusCode ?? 0)
        })
      }).end(body)
    },
    close: () => {
      agent.destroy()
    },
  }
}
