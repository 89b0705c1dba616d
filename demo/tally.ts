/** Counts what was sent and what came back, and prints what comes back. */
import type { Measurement } from './measurements.ts'
import type { Notification, Observation } from './notification.ts'
import { say } from './say.ts'

export type Channel = 'websocket' | 'mqtt'

export interface Tally {
  readonly sent: (measurement: Measurement) => void
  /** What a subscriber calls with each notification. */
  readonly receiver: (channel: Channel) => (notification: Notification) => void
  /** True when every notification due has come. */
  readonly isComplete: () => boolean
  readonly summarize: () => void
}

const symbols: Readonly<Record<string, string>> = { MTR: 'm', GQ: 'µg/m³' }

/** `no2Limit`: micrograms per cubic metre above which the MQTT subscriber is to be told. */
export function createTally(no2Limit: number): Tally {
  const sent = { waterLevel: 0, no2: 0 }
  const due: Record<Channel, number> = { websocket: 0, mqtt: 0 }
  const got: Record<Channel, number> = { websocket: 0, mqtt: 0 }
  const known = new Set<string>()
  return {
    sent: ({ attribute, value }) => {
      sent[attribute]++
      if (attribute === 'waterLevel') due.websocket++
      else if (value > no2Limit) due.mqtt++
    },
    receiver:
      (channel) =>
      ({ id, observations }) => {
        // Delivery is at least once: a second try carries the same id.
        if (known.has(id)) return
        known.add(id)
        got[channel] += observations.length
        for (const observation of observations) say(channel, lineOf(observation))
      },
    isComplete: () => got.websocket === due.websocket && got.mqtt === due.mqtt,
    summarize: () => {
      say('sent', `${String(sent.waterLevel)} measurements of waterLevel, ${String(sent.no2)} of no2`)
      say('received', `${String(got.websocket)} of ${String(due.websocket)} due over WebSocket`)
      say('received', `${String(got.mqtt)} of ${String(due.mqtt)} due over MQTT`)
    },
  }
}

function lineOf({ entity, attribute, value, unitCode, observedAt }: Observation): string {
  const measured = `${attribute} ${String(value)} ${symbols[unitCode] ?? unitCode}`
  return `${entity.padEnd(48)}  ${measured.padEnd(18)}  ${observedAt}`
}
