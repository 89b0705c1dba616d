/** Background care: beats, sweeps after this broker's own failures, and sweeps after the death of others. */
import type { BrokerDocument, Marks } from './marks.ts'
import { SILENCE } from './marks.ts'
import { sweep } from './relay.ts'
import type { Collections } from './schema.ts'

/** Milliseconds between two rounds. */
const INTERVAL = 2_000

export interface Custodian {
  /** Ends the care and waits for the round under way. */
  stop(): Promise<void>
}

/** Joins the brokers of a database: beats once, and relays what any of them left pending. */
export async function join(collections: Collections, marks: Marks): Promise<void> {
  await marks.beat()
  for (const other of await marks.readOthers()) await sweepOther(collections, other)
}

/** Starts the care. A round that fails is logged by nobody: the next one does its work. */
export function startCustodian(collections: Collections, marks: Marks): Custodian {
  const silent = createSilenceWatch()
  let round: Promise<void> = Promise.resolve()
  let busy = false

  const care = async (): Promise<void> => {
    await marks.beat()
    if (marks.inDoubt()) await sweepOwn(collections, marks)
    for (const dead of silent(await marks.readOthers())) {
      await sweepOther(collections, dead)
      await marks.finish(dead)
    }
  }

  const timer = setInterval(() => {
    if (busy) return
    busy = true
    round = care()
      .catch(() => undefined)
      .finally(() => {
        busy = false
      })
  }, INTERVAL)
  timer.unref()

  return {
    stop: async () => {
      clearInterval(timer)
      await round
    },
  }
}

async function sweepOwn(collections: Collections, marks: Marks): Promise<void> {
  const ended = marks.ended()
  await sweep(collections, { broker: marks.broker, ...ended })
  marks.swept(ended.upTo)
}

async function sweepOther(collections: Collections, { _id, relayedUpTo }: BrokerDocument): Promise<void> {
  await sweep(collections, { broker: _id, after: relayedUpTo, upTo: Number.MAX_SAFE_INTEGER })
}

/** Those whose beat has not moved for long, by this process's own clock: no two clocks are ever compared. */
function createSilenceWatch(): (brokers: readonly BrokerDocument[]) => readonly BrokerDocument[] {
  let seen = new Map<string, { readonly beat: number; readonly since: number }>()
  return (brokers) => {
    const now = performance.now()
    const next = brokers.map(({ _id, beat }) => {
      const before = seen.get(_id)
      return [_id, before?.beat === beat ? before : { beat, since: now }] as const
    })
    seen = new Map(next)
    return brokers.filter(({ _id }) => now - (seen.get(_id)?.since ?? now) > SILENCE)
  }
}
