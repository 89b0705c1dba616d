/** Ending a subscription whose receiver wants no more (RFC 9110, 15.5.11: 410 Gone). */
import { NgsiError } from '../core/errors.ts'
import type { Ended, Subscription } from '../core/model/subscription.ts'
import { parseStoredSubscription, storedSubscription } from '../core/model/subscription.ts'
import type { DocumentStore } from '../store/port.ts'

const MAX_TRIES = 5

/**
 * Pauses it, durably, and says why. One that meanwhile is gone, paused or has another endpoint stays as it is. Rejects when
 * the store cannot be asked, or others keep changing the subscription.
 */
export async function endSubscription(
  documents: DocumentStore,
  { space, id, endpoint }: Subscription,
  ended: Ended,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const stored = await documents.get(space, 'subscription', id)
    if (stored === undefined) return
    const current = parseStoredSubscription(stored.body)
    if (!current.isActive || current.endpoint.uri !== endpoint.uri) return
    const paused = { ...current, isActive: false, ended, document: { ...current.document, isActive: false } }
    try {
      await documents.replace({ ...stored, body: storedSubscription(paused) })
      return
    } catch (error) {
      const wasOvertaken = error instanceof NgsiError && error.name === 'Conflict'
      if (!wasOvertaken || tries === MAX_TRIES) throw error
    }
  }
}
