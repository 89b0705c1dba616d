import { timeKeyOfMicros } from '../../base/time.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { endSubscription } from '../ending.ts'
import type { DeliveryState } from './delivery-state.ts'

/** Ends a subscription whose receiver wants no more. Where that fails it is asked again, and says so again. */
export function endByReceiver({ parts }: DeliveryState, subscription: Subscription, reason: string): void {
  const { log, store, now } = parts
  const at = timeKeyOfMicros(Math.floor(now()) * 1000)
  log.warn({ subscription: subscription.id, reason }, 'a subscription is ended by its receiver')
  endSubscription(store.documents, subscription, { at, reason }).catch((err: unknown) => {
    log.warn({ err, subscription: subscription.id }, 'a subscription could not be ended; its receiver is asked again')
  })
}
