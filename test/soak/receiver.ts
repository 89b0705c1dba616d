/** The receivers of the soak: what each subscription was told of, in which order, and how often. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What one subscription was told. */
export interface Told {
  /** How often, by notification id. */
  readonly times: Map<string, number>
  /** The notification ids of a change; more than one would be a fault. */
  readonly idsOf: Map<number, Set<string>>
  /** The newest change told of each gauge. */
  readonly newest: Map<string, number>
  /** Changes first told after a newer one of the same gauge. */
  overtaken: number
}

export interface Receiver {
  readonly told: readonly Told[]
  urlOf(subscription: number): string
  close(): void
}

interface Notification {
  readonly id: string
  readonly data: readonly { readonly id: string; readonly level: number }[]
}

/** Listens for so many subscriptions, each on a path of its own. */
export async function startReceiver(subscriptions: number): Promise<Receiver> {
  const told = Array.from({ length: subscriptions }, createTold)
  const server: Server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const of = told[Number(request.url?.slice(1))]
      if (of !== undefined) take(of, JSON.parse(text) as Notification)
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    told,
    urlOf: (subscription) => `http://127.0.0.1:${String(port)}/${String(subscription)}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function createTold(): Told {
  return { times: new Map(), idsOf: new Map(), newest: new Map(), overtaken: 0 }
}

function take(told: Told, { id, data }: Notification): void {
  told.times.set(id, (told.times.get(id) ?? 0) + 1)
  for (const { id: gauge, level } of data) {
    const ids = told.idsOf.get(level)
    if (ids !== undefined) {
      ids.add(id)
      continue
    }
    told.idsOf.set(level, new Set([id]))
    const newest = told.newest.get(gauge) ?? 0
    if (level < newest) told.overtaken++
    else told.newest.set(gauge, level)
  }
}
