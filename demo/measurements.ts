/** What the stations of Port-Kerzen measure. The same seed gives the same measurements. */

export interface Measurement {
  readonly entity: string
  readonly attribute: 'waterLevel' | 'no2'
  readonly value: number
  /** UN/CEFACT: MTR is the metre, GQ the microgram per cubic metre. */
  readonly unitCode: 'MTR' | 'GQ'
  readonly observedAt: string
}

interface Station extends Pick<Measurement, 'entity' | 'attribute' | 'unitCode'> {
  /** The value without noise at a time, in minutes since the midnight before the demo begins. */
  readonly curve: (minutes: number) => number
  /** How far the noise goes, up and down. */
  readonly noise: number
  readonly decimals: number
}

const MIDNIGHT = Date.UTC(2026, 2, 20)
/** Minutes: the demo begins at half past seven, after high water and in the morning's traffic. */
const BEGIN = 450
/** Minutes between two measurements: each of the four stations measures every ten. */
const STEP = 2.5
/** Minutes from one high water to the next: half a lunar day. */
const TIDE = 745.2
const DAY = 1440

const stations: readonly Station[] = [
  tideGauge('vieux-port', { highWater: 410, range: 9.2 }),
  airSensor('quai', { background: 28, traffic: 26 }),
  tideGauge('semaphore', { highWater: 398, range: 9.4 }),
  airSensor('ecole', { background: 14, traffic: 12 }),
]

/** Endless: one station after the other, over and over. */
export function* measurements(seed: number): Generator<Measurement, never> {
  const random = createRandom(seed)
  for (let tick = 1; ; tick++) {
    const station = stations[tick % stations.length]
    if (station !== undefined) yield measure(station, BEGIN + tick * STEP, random)
  }
}

function measure({ curve, noise, decimals, ...station }: Station, minutes: number, random: () => number): Measurement {
  const value = curve(minutes) + noise * (2 * random() - 1)
  return {
    ...station,
    value: Number(value.toFixed(decimals)),
    observedAt: `${new Date(MIDNIGHT + minutes * 60_000).toISOString().slice(0, 19)}Z`,
  }
}

/** Metres above chart datum, the level that the lowest tides reach. `highWater`: minutes since midnight. */
function tideGauge(name: string, { highWater, range }: { highWater: number; range: number }): Station {
  return {
    entity: `urn:ngsi-ld:WaterObserved:port-kerzen-${name}`,
    attribute: 'waterLevel',
    unitCode: 'MTR',
    curve: (minutes) => 5.6 + (range / 2) * Math.cos((2 * Math.PI * (minutes - highWater)) / TIDE),
    noise: 0.04,
    decimals: 2,
  }
}

/** Micrograms per cubic metre: what is always there, and what traffic adds to it, most at 8:15 and at 18:00. */
function airSensor(name: string, { background, traffic }: { background: number; traffic: number }): Station {
  const rush = (minutes: number, at: number): number => Math.exp(-(((minutes - at) / 90) ** 2))
  return {
    entity: `urn:ngsi-ld:AirQualityObserved:port-kerzen-${name}`,
    attribute: 'no2',
    unitCode: 'GQ',
    curve: (minutes) => background + traffic * (rush(minutes % DAY, 495) + rush(minutes % DAY, 1080)),
    noise: 3,
    decimals: 1,
  }
}

/** Numbers from 0 to 1, evenly spread: a 32-bit linear congruential generator is noise enough. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
