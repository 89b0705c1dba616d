import net from 'node:net'
import tls from 'node:tls'
import type { Endpoint } from '../../../src/core/model/subscription.ts'
import type { Message } from '../../../src/subscriptions/transport.ts'
import type { Connect } from '../../../src/subscriptions/transports/mqtt-connection.ts'

export function endpointOf(uri: string, more: Partial<Endpoint> = {}): Endpoint {
  return { uri, accept: 'application/json', receiverInfo: [], notifierInfo: [], ...more }
}

/** Who owns the subscriptions of these tests. */
export const owner = { space: '', caller: null }

/** A notification of one level of the tide gauge at Étel. */
export function messageTo(endpoint: Endpoint, level = 3.2, timeout = 2000): Message {
  const data = [{ id: 'urn:ngsi-ld:TideGauge:etel', type: 'TideGauge', level: { type: 'Property', value: level } }]
  return {
    endpoint,
    notification: { id: `urn:ngsi-ld:Notification:${String(level)}`, type: 'Notification', data },
    contentType: 'application/json',
    headers: { Link: '<https://estran.example/coast.jsonld>', 'NGSILD-Tenant': 'etel' },
    timeout,
  }
}

/** Sockets without any policy. */
export const connect: Connect = ({ host, port, tls: isTls }) =>
  isTls ? tls.connect({ host, port }) : net.connect({ host, port })

/** A port on the loopback interface where nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = net.createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function listen(server: net.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP')
  return address.port
}
