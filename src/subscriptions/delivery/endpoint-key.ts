import type { Endpoint } from '../../core/model/subscription.ts'

const keys = new WeakMap<Endpoint, string>()

/** Two subscriptions share a queue when all that reaches their receiver is the same: address, credentials, options. */
export function endpointKey(endpoint: Endpoint): string {
  const known = keys.get(endpoint)
  if (known !== undefined) return known
  const key = JSON.stringify([endpoint.uri, endpoint.receiverInfo, endpoint.notifierInfo])
  keys.set(endpoint, key)
  return key
}
