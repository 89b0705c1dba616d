/** Leases where one process has the database: it holds whatever it asks for. Periods are durable: they outlive the process. */
import type { LeaseHolder, LeaseStore } from '../lease-port.ts'
import type { SubscriptionRef } from '../outbox-port.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import type { Names } from './names.ts'
import { spaceNumber } from './names.ts'

interface LeaseTables {
  readonly connection: Connection
  readonly spaces: Names
  readonly queue: CommitQueue
}

export function createLeases(tables: LeaseTables): LeaseStore {
  const held = new Set<string>()
  let holder: LeaseHolder | undefined
  const acquire = (ref: SubscriptionRef): void => {
    held.add(keyOf(ref))
    holder?.acquired(ref)
  }
  const giveBack = (refs: readonly SubscriptionRef[]): Promise<void> => {
    for (const ref of refs) held.delete(keyOf(ref))
    return Promise.resolve()
  }
  return {
    holds: (ref) => held.has(keyOf(ref)),
    isAlone: () => true,
    join: (joining) => {
      holder = joining
      return Promise.resolve()
    },
    tell: (refs) => {
      for (const ref of refs) {
        if (held.has(keyOf(ref))) holder?.owed(ref)
        else if (holder?.mayHold(ref) === true) acquire(ref)
      }
      return Promise.resolve()
    },
    takeOver: (refs) => {
      for (const ref of refs) if (!held.has(keyOf(ref))) acquire(ref)
      return Promise.resolve()
    },
    giveBack,
    forget: async (refs) => {
      await giveBack(refs)
      await forgetPeriods(tables, refs)
    },
    claimPeriod: (ref, period) => (held.has(keyOf(ref)) ? claimPeriod(tables, ref, period) : Promise.resolve(false)),
    leave: () => {
      held.clear()
      holder = undefined
      return Promise.resolve()
    },
  }
}

/** No space name holds the separator (`core/model/space.ts`). */
function keyOf({ space, subscription }: SubscriptionRef): string {
  return `${space}/${subscription}`
}

function claimPeriod(
  { connection, spaces, queue }: LeaseTables,
  ref: SubscriptionRef,
  period: number,
): Promise<boolean> {
  const sql = `INSERT INTO period (space, subscription, claimed) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET claimed = excluded.claimed WHERE excluded.claimed > claimed`
  return queue.add(() => connection.run(sql, spaceNumber(spaces, ref.space), ref.subscription, period) > 0)
}

async function forgetPeriods(tables: LeaseTables, refs: readonly SubscriptionRef[]): Promise<void> {
  if (refs.length === 0) return
  const { connection, spaces, queue } = tables
  await queue.add(() => {
    for (const { space, subscription } of refs) {
      connection.run(
        'DELETE FROM period WHERE space = ? AND subscription = ?',
        spaces.find(space) ?? null,
        subscription,
      )
    }
  })
}
