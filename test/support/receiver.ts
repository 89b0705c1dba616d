/** A receiver of notifications over HTTP that remembers all that came, by path; it takes everything, or what it is told to. */
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import type { JsonObject } from '../../src/base/json.ts'
import { until } from './until.ts'

/** A notification as it came. */
export interface Received {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
  /** The body as it was written. */
  readonly text: string
  /** Milliseconds on the clock of `performance.now`. */
  readonly time: number
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

/** `answer` gives the status for the so-and-so-manieth message to a path, from 1; undefined: it never answers. */
export async function startReceiver(
  answer: (count: number, path: string) => number | undefined = () => 204,
): Promise<Receiver> {
  const received = new Map<string, Received[]>()
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      const { method = '', headers, url = '' } = request
      const one = { method, headers, text, body: JSON.parse(text) as JsonObject, time: performance.now() }
      const all = [...(received.get(url) ?? []), one]
      received.set(url, all)
      const status = answer(all.length, url)
      if (status !== undefined) response.writeHead(status).end()
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
