/** A receiver of notifications over HTTP that takes everything and remembers it, by the path that it came to. */
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { JsonObject } from '../../src/base/json.ts'
import { until } from './until.ts'

/** A notification as it came. */
export interface Received {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
}

export interface Receiver {
  /** Without a path. */
  readonly url: string
  /** What came to a path so far, in order. */
  readonly at: (path: string) => readonly Received[]
  /** Waits until so many came to a path, and gives all that did. */
  readonly wait: (path: string, count?: number) => Promise<readonly Received[]>
  readonly close: () => void
}

export async function startReceiver(): Promise<Receiver> {
  const received = new Map<string, Received[]>()
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { method = '', headers, url = '' } = request
      const one = { method, headers, body: body as JsonObject }
      received.set(url, [...(received.get(url) ?? []), one])
      response.writeHead(204).end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const at = (path: string): readonly Received[] => received.get(path) ?? []
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    at,
    wait: (path, count = 1) =>
      until(
        () => at(path),
        (all) => all.length >= count,
        10_000,
      ),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
