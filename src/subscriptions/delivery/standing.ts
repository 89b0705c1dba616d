/** How delivery stands: to one subscription, and in all. */
import { microsOfTimeKey, timeKeyOfMicros } from '../../base/time.ts'
import type { DeliveryStanding, NotificationStatus, Subscription } from '../../core/model/subscription.ts'
import type { DeliveryTotals } from '../../ops/notification-metrics.ts'
import type { DeliveryState } from './delivery-state.ts'
import { endpointKey } from './endpoint-key.ts'
import type { Feed, LaneQueue } from './feed.ts'

type Standings = DeliveryState & { readonly queues: ReadonlyMap<string, LaneQueue> }

/** Where another process delivers, as the last try of this subscription left it. */
export async function standing(
  state: Standings,
  subscription: Subscription,
  status: Promise<NotificationStatus | undefined>,
): Promise<DeliveryStanding> {
  const { parts, queues } = state
  const ref = { space: subscription.space, subscription: subscription.id }
  // Looked at before anything is waited for: a status must not be older than the breaker that it explains.
  const circuit = queues.get(endpointKey(subscription.endpoint))?.turns.circuit
  const waiting = await parts.store.outbox.count(ref)
  if (!parts.store.leases.holds(ref)) return { ...toldBy(await status, parts.now()), waiting }
  if (circuit?.state !== 'open') return { circuit: circuit?.state ?? 'closed', waiting }
  return { circuit: 'open', notTriedUntil: timeKeyOfMicros(Math.ceil(circuit.openUntil) * 1000), waiting }
}

function toldBy(status: NotificationStatus | undefined, now: number): Omit<DeliveryStanding, 'waiting'> {
  if (status?.status !== 'failed') return { circuit: 'closed' }
  const { notTriedUntil } = status
  const isOpen = notTriedUntil !== undefined && microsOfTimeKey(notTriedUntil) > now * 1000
  return isOpen ? { circuit: 'open', notTriedUntil } : { circuit: 'half-open' }
}

/** From memory. */
export function totalsOf(feeds: Iterable<Feed>, queues: Iterable<LaneQueue>): DeliveryTotals {
  const circuits = { closed: 0, open: 0, 'half-open': 0 }
  for (const { turns } of queues) circuits[turns.circuit.state]++
  let waiting = 0
  for (const feed of feeds) {
    waiting += feed.isBehind && Number.isFinite(feed.owedAtMost) ? Math.max(0, feed.owedAtMost) : feed.known.size
  }
  return { waiting, circuits }
}
