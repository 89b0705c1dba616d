/**
 * Subscriptions that nobody is to be notified of, because all who want to know listen (docs/events.md). There is nothing to
 * be sent: the log has it, and streams read the log.
 */
import type { Transport } from '../transport.ts'

const URN = 'urn:ngsi-ld:EventStream'

export function createEventStreamTransport(): Transport {
  return {
    schemes: [URN.toLowerCase()],
    refuses: ({ uri }) => (uri === URN ? undefined : `notification.endpoint.uri: streams are meant by ${URN}`),
    send: () => Promise.resolve({ kind: 'delivered' }),
    close: () => Promise.resolve(),
  }
}
