/** A receiver of notifications over HTTP with moods: what a test wants an endpoint to do wrong, it does. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import type { JsonObject } from '../../src/base/json.ts'

/**
 * A status to answer; `hang`: never answers; `reset`: cuts the connection; `drip`: an answer whose body comes one byte a
 * second; `drip headers`: whose status line and headers do.
 */
export type Mood = number | 'hang' | 'reset' | 'drip' | 'drip headers'

/** A notification that was acknowledged. */
export interface Taken {
  readonly id: string
  readonly entity: string
  readonly level: number
  readonly replay: boolean
}

export interface MoodyReceiver {
  readonly url: string
  mood: Mood
  /** Requests that came, whatever became of them. */
  asked: number
  /** What was acknowledged, in order. */
  readonly taken: Taken[]
  readonly close: () => void
}

export async function startMoodyReceiver(mood: Mood = 204): Promise<MoodyReceiver> {
  const timers = new Set<NodeJS.Timeout>()
  const drip = (write: () => void): void => {
    timers.add(setInterval(write, 1000))
  }
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      receiver.asked++
      if (typeof receiver.mood === 'number' && receiver.mood < 300) receiver.taken.push(takenOf(request, text))
      act(receiver.mood, { request, response, drip })
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const receiver: MoodyReceiver = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/notify`,
    mood,
    asked: 0,
    taken: [],
    close: () => {
      for (const timer of timers) clearInterval(timer)
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}

function takenOf({ headers }: IncomingMessage, text: string): Taken {
  const { id, data } = JSON.parse(text) as { id: string; data: { id: string; level?: JsonObject }[] }
  const [entity] = data
  return {
    ...{ id, entity: entity?.id ?? '', level: Number(entity?.level?.['value']) },
    replay: headers['estran-replay'] === 'true',
  }
}

interface Acting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly drip: (write: () => void) => void
}

function act(mood: Mood, { request, response, drip }: Acting): void {
  switch (mood) {
    case 'hang':
      return
    case 'reset':
      request.socket.resetAndDestroy()
      return
    case 'drip':
      response.writeHead(200, { 'content-length': '100000' }).flushHeaders()
      drip(() => response.write('.'))
      return
    case 'drip headers': {
      let rest = `HTTP/1.1 204 No Content\r\nX-Slow: ${'.'.repeat(1000)}\r\n\r\n`
      drip(() => {
        request.socket.write(rest.charAt(0))
        rest = rest.slice(1)
      })
      return
    }
    default:
      response.writeHead(mood).end()
  }
}
