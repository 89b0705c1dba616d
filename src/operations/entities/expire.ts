import { DEFAULT_SPACE } from '../../core/model/space.ts'
import type { Broker, Call } from '../call.ts'
import { callAt } from '../call.ts'
import { writeEntity } from '../write.ts'

const SLICE = 200

/** Nobody asks for it. */
const ownCall = { space: DEFAULT_SPACE, caller: { id: null }, via: [], local: true, trace: null } as const

/**
 * Takes away, and logs, what has expired (clause 4.22): reads leave it out at once by themselves. Works in slices so that
 * other writes get in between; answers when nothing expired is left.
 */
export async function expireEntities(broker: Broker): Promise<void> {
  for (;;) {
    const call = callAt(broker.micros(), { ...ownCall, broker })
    const work = await broker.store.entities.expired(call.time, SLICE)
    await Promise.all(work.map(({ space, id }) => expireEntity({ ...call, space }, id)))
    if (work.length < SLICE) return
  }
}

async function expireEntity(call: Call, id: string): Promise<void> {
  await writeEntity(call, {
    id,
    operation: 'expire',
    createsSpace: false,
    // `before` comes without what has expired: taking it over as it is makes the expiry the change.
    apply: (before) => ({ state: before, result: undefined }),
  })
}
