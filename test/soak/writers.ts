/** The writers of the soak: each changes gauges of its own, one batch after the other, so that their order is known. */
import { setTimeout as pause } from 'node:timers/promises'

/** What was written; every change is a number of its own, growing for each gauge. */
export interface Written {
  next: number
  readonly acknowledged: Set<number>
}

const WRITERS = 16
/** Gauges of one writer; a batch changes each of them once. */
const GAUGES = 20

/** Writes until so many changes are acknowledged. What a broker that was killed did not answer counts for nothing. */
export async function writeAll(urlOf: () => string, changes: number, written: Written): Promise<void> {
  const write = async (writer: number): Promise<void> => {
    while (written.acknowledged.size < changes) {
      const levels = Array.from({ length: GAUGES }, () => written.next++)
      if (await isAcknowledged(urlOf(), writer, levels)) for (const level of levels) written.acknowledged.add(level)
      else await pause(20)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
}

async function isAcknowledged(url: string, writer: number, levels: readonly number[]): Promise<boolean> {
  const batch = levels.map((level, gauge) => ({
    id: `urn:ngsi-ld:TideGauge:${String(writer)}-${String(gauge)}`,
    type: 'TideGauge',
    level: { type: 'Property', value: level },
  }))
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(batch) }
  let answer: Response
  try {
    answer = await fetch(`${url}/ngsi-ld/v1/entityOperations/upsert`, init)
    await answer.arrayBuffer()
  } catch {
    // It was killed: whether it wrote the batch nobody knows.
    return false
  }
  if (answer.ok) return true
  if (answer.status === 503) return false
  throw new Error(`a batch was answered with ${String(answer.status)}`)
}
