/** A sensor gateway: posts measurements to the broker, one after the other. */
import { setTimeout } from 'node:timers/promises'
import { patch } from './api.ts'
import type { Measurement } from './measurements.ts'
import { measurements } from './measurements.ts'

/** Milliseconds between two measurements. */
const PACE = 250

export interface GatewayOptions {
  readonly broker: string
  readonly seed: number
  /** Ends it, between two measurements. */
  readonly signal: AbortSignal
  /** Told of every measurement that the broker has taken. */
  readonly onSent: (measurement: Measurement) => void
}

/** Runs until the signal comes. Rejects when the broker does not take a measurement. */
export async function runGateway({ broker, seed, signal, onSent }: GatewayOptions): Promise<void> {
  for (const measurement of measurements(seed)) {
    if (signal.aborted) return
    await send(broker, measurement)
    onSent(measurement)
    await setTimeout(PACE, undefined, { signal }).catch(() => undefined)
  }
}

async function send(broker: string, { entity, attribute, ...measured }: Measurement): Promise<void> {
  await patch(`${broker}/ngsi-ld/v1/entities/${entity}/attrs`, {
    [attribute]: { type: 'Property', ...measured },
    dateObserved: { type: 'Property', value: measured.observedAt },
  })
}
