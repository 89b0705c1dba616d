/** Background care: beats, sweeps after this broker's own failures, and sweeps after the death of others. */
import type { BrokerDocument, Marks } from './marks.ts'
import { SILENCE } from './marks.ts'
import type { Late } from './relay.ts'
import { sweep } from './relay.ts'
import { createSilenceWatch } from './silence.ts'
import type { Collections } from './schema.ts'

/** Milliseconds between two rounds. */
const INTERVAL = 2_000

export interface Custodian {
  /** Ends the care and waits for the round under way. */
  stop(): Promise<void>
}

export interface Care {
  readonly collections: Collections
  readonly marks: Marks
  readonly late: Late
}

/** Joins the brokers of a database: beats once, and relays what any of them left pending. */
export async function join({ collections, marks, late }: Care): Promise<void> {
  await marks.beat()
  for (const other of await marks.readOthers()) await sweepOther({ collections, late }, other)
}

/** Starts the care. A round that fails is logged by nobody: the next one does its work. */
export function startCustodian(context: Care): Custodian {
  const { marks } = context
  const silent = createSilenceWatch<BrokerDocument>(SILENCE)
  let round: Promise<void> = Promise.resolve()
  let busy = false

  const care = async (): Promise<void> => {
    await marks.beat()
    if (marks.inDoubt()) await sweepOwn(context)
    for (const dead of silent(await marks.readOthers())) {
      await sweepOther(context, dead)
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

async function sweepOwn({ collections, marks, late }: Care): Promise<void> {
  const ended = marks.ended()
  await sweep(collections, { broker: marks.broker, ...ended }, late)
  marks.swept(ended.upTo)
}

async function sweepOther(
  { collections, late }: Omit<Care, 'marks'>,
  { _id, relayedUpTo }: BrokerDocument,
): Promise<void> {
  await sweep(collections, { broker: _id, after: relayedUpTo, upTo: Number.MAX_SAFE_INTEGER }, late)
}
