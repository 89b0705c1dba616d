import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Bench } from './bench.ts'

/** Takes notifications, and counts them. */
export interface Sink {
  readonly url: string
  readonly received: () => number
  /** The text of the last one. */
  readonly lastBody: () => string
}

export async function startSink(bench: Bench): Promise<Sink> {
  let received = 0
  let last: Buffer[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received += 1
      last = chunks
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench.started.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sink has no address')
  return {
    url: `http://127.0.0.1:${String(address.port)}/notify`,
    received: () => received,
    lastBody: () => Buffer.concat(last).toString(),
  }
}
