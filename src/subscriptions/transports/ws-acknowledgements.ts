/** What a durable client was sent over one connection and has not acknowledged: at least once, as MQTT's QoS 1 has it. */
import type { Outcome } from '../transport.ts'

export interface Sending {
  readonly id: string
  /** Milliseconds to wait for the acknowledgement. */
  readonly timeout: number
  /** Hands the notification to the connection. */
  readonly send: () => void
}

export interface Acknowledgements {
  /**
   * Sends, and resolves when the client has acknowledged, in time or not. What was sent over this connection before is not
   * sent again, but waited for: the network of one connection loses nothing.
   */
  await(sending: Sending): Promise<Outcome>
  acknowledge(id: string): void
  /** The connection is over: nobody will acknowledge any more. */
  close(): void
}

interface Sent {
  isAcknowledged: boolean
  /** Present while somebody waits. */
  settle?: ((outcome: Outcome) => void) | undefined
}

/** Notifications remembered for a connection. Delivery itself has fewer under way, and tries those of the others in turn. */
const WINDOW = 64

const delivered: Outcome = { kind: 'delivered' }

/** `late` is told of an acknowledgement that nobody waited for any more: the next try of that notification succeeds at once. */
export function createAcknowledgements(late: () => void): Acknowledgements {
  const all = new Map<string, Sent>()
  return {
    await: (sending) => {
      const sent = all.get(sending.id)
      if (sent?.isAcknowledged !== true) return waitFor(all, sent ?? sendNew(all, sending), sending)
      all.delete(sending.id)
      return Promise.resolve(delivered)
    },
    acknowledge: (id) => {
      const sent = all.get(id)
      if (sent === undefined || sent.isAcknowledged) return
      sent.isAcknowledged = true
      if (sent.settle === undefined) late()
      else sent.settle(delivered)
    },
    close: () => {
      for (const { settle } of all.values()) settle?.({ kind: 'retry', reason: 'the connection broke' })
      all.clear()
    },
  }
}

function sendNew(all: Map<string, Sent>, { id, send }: Sending): Sent {
  if (all.size >= WINDOW) forgetOne(all)
  const sent: Sent = { isAcknowledged: false }
  all.set(id, sent)
  send()
  return sent
}

/** The oldest that nobody waits for; if it is tried again it is sent again. */
function forgetOne(all: Map<string, Sent>): void {
  for (const [id, { settle }] of all) {
    if (settle !== undefined) continue
    all.delete(id)
    return
  }
}

function waitFor(all: Map<string, Sent>, sent: Sent, { id, timeout }: Sending): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => {
    sent.settle = undefined
    resolve({ kind: 'retry', reason: `the client acknowledged nothing within ${String(timeout)} ms` })
  }, timeout)
  sent.settle = (outcome) => {
    clearTimeout(timer)
    if (all.get(id) === sent) all.delete(id)
    resolve(outcome)
  }
  return promise
}
