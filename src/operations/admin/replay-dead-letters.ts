import type { DeadLetter, DeadLetterFilter, SubscriptionRef } from '../../store/outbox-port.ts'
import type { Call } from '../call.ts'

export interface Replayed {
  /** Notifications that are owed again. */
  readonly replayed: number
  /** Those that stay dead letters, because their subscription is gone. */
  readonly left: number
}

const PAGE = 200

/**
 * Estran's own: owes dead letters again, each in its old place among what its subscription is owed; those alone that were given
 * up before the request came. A crash in between leaves a letter both owed and dead, never neither.
 */
export async function replayDeadLetters(call: Call, filter: DeadLetterFilter): Promise<Replayed> {
  const { store, subscriptions } = call.broker
  const isThere = subscriptionsThere(call)
  let [replayed, left] = [0, 0]
  for (let after: string | undefined; ;) {
    const page = await store.deadLetters.list({ ...filter, ...(after !== undefined && { after }), limit: PAGE })
    const letters = page.filter(({ at }) => at <= call.time)
    const wanted = await only(letters, ({ delivery }) => isThere(refOf(delivery)))
    await oweAgain(call, wanted)
    for (const { delivery } of wanted) subscriptions.owesAgain(refOf(delivery))
    replayed += wanted.length
    left += letters.length - wanted.length
    after = page.at(-1)?.cursor
    if (page.length < PAGE || letters.length < page.length) return { replayed, left }
  }
}

async function oweAgain({ broker: { store } }: Call, letters: readonly DeadLetter[]): Promise<void> {
  const owed = letters.map(({ delivery: { record, subscription } }) => {
    const { space, entity, version } = record
    return { space, entity, version, subscription }
  })
  await store.outbox.owe(owed)
  await Promise.all(
    letters.map(({ delivery }) =>
      store.deadLetters.remove({ ...refOf(delivery), notification: delivery.notification }),
    ),
  )
}

function refOf({ record, subscription }: DeadLetter['delivery']): SubscriptionRef {
  return { space: record.space, subscription }
}

async function only<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const passed = await Promise.all(items.map(test))
  return items.filter((_item, index) => passed[index])
}

/** Asks the store once for each. */
function subscriptionsThere({ broker }: Call): (ref: SubscriptionRef) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>()
  return ({ space, subscription }) => {
    const key = JSON.stringify([space, subscription])
    const answer =
      known.get(key) ??
      broker.store.documents.get(space, 'subscription', subscription).then((stored) => stored !== undefined)
    known.set(key, answer)
    return answer
  }
}
