/**
 * Sending again what a subscription was owed since a time. A request for it is a document, so that it outlives this process,
 * and whoever delivers for the subscription hears of it: he lets go of what is in memory, has the log owe all of it again, and
 * goes on from the outbox, the oldest first. So everything is in order per entity, and what is new comes after what was.
 */
import type { JsonObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { NgsiError } from '../../core/errors.ts'
import type { Space } from '../../core/model/space.ts'
import type { SubscriptionRef } from '../../store/outbox-port.ts'
import type { Store } from '../../store/port.ts'
import { subscriptionKey } from '../subscription-key.ts'

export interface Replays {
  /** Takes up what was asked for before, which it answers, and follows the store. */
  load(): Promise<readonly SubscriptionRef[]>
  /** Asks for one; several become one that begins with the earliest. Resolves when that is durable. */
  request(ref: SubscriptionRef, since: TimeKey): Promise<void>
  /** From memory. */
  isAskedFor(space: Space, id: string): boolean
  /** Has the log owe it again. */
  run(ref: SubscriptionRef): Promise<void>
  /** The subscription is gone. */
  forget(ref: SubscriptionRef): Promise<void>
  close(): void
}

export interface ReplayParts {
  readonly store: Pick<Store, 'documents' | 'log' | 'outbox'>
  /** A subscription is to be sent something again: told in every process. */
  readonly asked: (ref: SubscriptionRef) => void
  readonly report: (error: unknown) => void
}

const KIND = 'subscription-replay'
/** Records that are owed again in one step. */
const PAGE = 200

export function createReplays({ store, asked, report }: ReplayParts): Replays {
  const { documents } = store
  const pending = new Set<string>()
  let unwatch = (): void => undefined
  const refresh = async (space: Space, id: string): Promise<void> => {
    const stored = await documents.get(space, KIND, id)
    if (stored === undefined || sinceOf(stored.body) === undefined) pending.delete(subscriptionKey(space, id))
    else {
      pending.add(subscriptionKey(space, id))
      asked({ space, subscription: id })
    }
  }
  return {
    load: async () => {
      unwatch = documents.watch(KIND, (space, id) => void refresh(space, id).catch(report))
      const asking = (await documents.list(KIND)).filter(({ body }) => sinceOf(body) !== undefined)
      for (const { space, id } of asking) pending.add(subscriptionKey(space, id))
      return asking.map(({ space, id }) => ({ space, subscription: id }))
    },
    request: async ({ space, subscription: id }, since) => {
      const before = sinceOf((await documents.get(space, KIND, id))?.body)
      const earliest = before !== undefined && before < since ? before : since
      await documents.put({ space, kind: KIND, id, body: { since: earliest } })
      await refresh(space, id)
    },
    isAskedFor: (space, id) => pending.has(subscriptionKey(space, id)),
    run: async (ref) => {
      while (!(await runOnce(store, ref)));
      pending.delete(subscriptionKey(ref.space, ref.subscription))
    },
    forget: async ({ space, subscription }) => {
      pending.delete(subscriptionKey(space, subscription))
      await documents.remove(space, KIND, subscription)
    },
    close: () => {
      unwatch()
    },
  }
}

/** Undefined where nothing is asked for (any more). */
function sinceOf(body: JsonObject | undefined): TimeKey | undefined {
  const since = body?.['since']
  return typeof since === 'string' ? since : undefined
}

/** True when all that was asked for by the end of it is owed again. */
async function runOnce(store: ReplayParts['store'], ref: SubscriptionRef): Promise<boolean> {
  const stored = await store.documents.get(ref.space, KIND, ref.subscription)
  const since = sinceOf(stored?.body)
  if (stored === undefined || since === undefined) return true
  await oweSince(store, ref, since)
  try {
    await store.documents.replace({ ...stored, body: {} })
    return true
  } catch (error) {
    if (error instanceof NgsiError && (error.name === 'Conflict' || error.name === 'ResourceNotFound')) return false
    throw error
  }
}

async function oweSince({ log, outbox }: ReplayParts['store'], ref: SubscriptionRef, since: TimeKey): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await log.ofSubscription({ ...ref, since, ...(after !== undefined && { after }), limit: PAGE })
    await outbox.owe(page.map(({ record: { entity, version } }) => ({ ...ref, entity, version })))
    after = page.at(-1)?.position
    if (page.length < PAGE) return
  }
}
