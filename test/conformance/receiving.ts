/** What the checks of subscriptions share: a subscription, and who is told. */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Receiver } from '../support/receiver.ts'
import { startReceiver } from '../support/receiver.ts'
import type { Api } from './api.ts'

export const subscriptionId = 'urn:ngsi-ld:Subscription:told'

/** A subscription to gauges, told at `/told` of the receiver. */
export async function subscribe(
  api: Api,
  receiver: Receiver,
  more: JsonObject = {},
  notification: JsonObject = {},
): Promise<void> {
  const { endpoint, ...params } = notification
  const document = {
    ...{ id: subscriptionId, type: 'Subscription', entities: [{ type: 'TideGauge' }] },
    ...more,
    notification: { ...params, endpoint: { uri: `${receiver.url}/told`, ...(endpoint as JsonObject | undefined) } },
  }
  const response = await api.send('post', '/subscriptions', document)
  expect(response.status, response.text).to.equal(201)
}

/** Runs a check with a receiver, which ends with it. */
export async function receiving(
  check: (receiver: Receiver) => Promise<void>,
  ...how: Parameters<typeof startReceiver>
): Promise<void> {
  const receiver = await startReceiver(...how)
  try {
    await check(receiver)
  } finally {
    receiver.close()
  }
}
