/** What the broker's process keeps in memory (its resident set). */
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { countEntities, populate } from './entities.ts'
import { residentMegabytes } from './process-usage.ts'
import { startBroker } from './servers.ts'

export interface MemoryResult {
  /** Megabytes of 1,048,576 bytes. */
  readonly atRest: number
  readonly entities: number
  readonly withEntities: number
}

const ENTITIES = 10_000

/** A broker's memory after its start, and with entities loaded; each time once it has come to rest. */
export async function measureMemory(bench: Bench): Promise<MemoryResult> {
  const broker = await startBroker(bench)
  const atRest = await settled(broker.pid)
  await populate(broker.url, ENTITIES, {})
  const count = await countEntities(broker.url)
  if (count !== ENTITIES) throw new Error(`memory: ${String(count)} entities are there, not ${String(ENTITIES)}`)
  const withEntities = await settled(broker.pid)
  await broker.stop()
  return { atRest, entities: ENTITIES, withEntities }
}

/** Milliseconds. */
const QUIET = 2000
const LONGEST = 15_000

/** The memory once it changes by less than one percent in two seconds. */
async function settled(pid: number): Promise<number> {
  const deadline = performance.now() + LONGEST
  let last = await residentMegabytes(pid)
  for (;;) {
    await pause(QUIET)
    const now = await residentMegabytes(pid)
    if (Math.abs(now - last) < last / 100 || performance.now() > deadline) return now
    last = now
  }
}
