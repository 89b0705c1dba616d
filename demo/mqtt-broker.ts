/** The MQTT broker between Estran and the MQTT subscriber: embedded, so that the demo needs nothing installed. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

export interface MqttBroker {
  /** `mqtt://127.0.0.1:<port>` */
  readonly url: string
  stop(): Promise<void>
}

/** Listens on a free port of this machine alone. */
export async function startMqttBroker(): Promise<MqttBroker> {
  const broker = await Aedes.createBroker()
  const server = createServer(broker.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the MQTT broker has no port')
  return {
    url: `mqtt://127.0.0.1:${String(address.port)}`,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      await new Promise<void>((resolve) => {
        broker.close(resolve)
      })
      await closed
    },
  }
}
