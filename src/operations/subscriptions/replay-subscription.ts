import type { TimeKey } from '../../base/time.ts'
import { badRequestData, NgsiError } from '../../core/errors.ts'
import type { Call } from '../call.ts'
import { findSubscription } from './stored-subscription.ts'

/**
 * Estran's own: the subscription is sent again what it was ever sent or owed of changes since a time, before anything newer.
 * Durable; it is sent after the answer. Throws BadRequestData for a time ahead, ResourceNotFound, and OperationNotSupported for
 * a periodic subscription, which is not told of changes.
 */
export async function replaySubscription(call: Call, id: string, since: TimeKey): Promise<void> {
  const { subscription } = await findSubscription(call, id)
  if (since > call.time) throw badRequestData('since: it is in the future')
  if (subscription.timeInterval !== undefined) {
    throw new NgsiError('OperationNotSupported', 'timeInterval: a periodic subscription has no changes to send again')
  }
  await call.broker.subscriptions.replay({ space: call.space, subscription: id }, since)
}
