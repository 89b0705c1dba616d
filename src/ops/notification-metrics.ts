/** What is counted and measured of notifications. Labels come from small fixed sets, never from what clients name. */
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { createHistogram } from './histogram.ts'

export type TryOutcome = 'delivered' | 'retry' | 'refused' | 'gone' | 'unready'

/** Why a notification was taken off the outbox unsent. */
export type DropReason = 'age' | 'count'

/** How delivery stands; asked for when the metrics are read. */
export interface DeliveryTotals {
  /** Notifications owed: those in memory, and the others as last counted. */
  readonly waiting: number
  /** Endpoints by the state of their circuit breakers. */
  readonly circuits: Readonly<Record<'closed' | 'open' | 'half-open', number>>
}

export interface NotificationMetrics {
  /** One try at an endpoint with this URI, which took so many seconds. */
  readonly tried: (uri: string, outcome: TryOutcome, seconds: number) => void
  /** A notification arrived so many seconds after its change. */
  readonly arrived: (uri: string, seconds: number) => void
  readonly dropped: (reason: DropReason, count: number) => void
  readonly superseded: (count: number) => void
  readonly gaveUp: (count: number) => void
  /** Dead letters removed because they were too old or too many. */
  readonly deadLettersDropped: (count: number) => void
  /** Whom to ask for the totals. */
  readonly follow: (totals: () => DeliveryTotals) => void
}

const channels = ['http', 'mqtt', 'push'] as const
type Channel = (typeof channels)[number]

const outcomes = ['delivered', 'retry', 'refused', 'gone', 'unready'] as const

/** Registers them; `text` is of those that prom-client does not keep. */
export function createNotificationMetrics(registry: Registry): NotificationMetrics & { readonly text: () => string } {
  const tries = createHistogram('estran_notification_duration_seconds', 'Duration of tries to deliver a notification')
  const delays = createHistogram(
    'estran_notification_delay_seconds',
    'Time from a change to the arrival of its notification',
  )
  const { dropped, superseded, gaveUp, deadLettersDropped } = createCounters(registry)
  let totals = (): DeliveryTotals => ({ waiting: 0, circuits: { closed: 0, open: 0, 'half-open': 0 } })
  createGauges(registry, () => totals())
  const triesOf = recorders((channel, outcome) => tries.series(`channel="${channel}",outcome="${outcome}"`))
  const delaysOf = new Map(channels.map((channel) => [channel, delays.series(`channel="${channel}"`)]))
  return {
    tried: (uri, outcome, seconds) => triesOf.get(`${channelOf(uri)} ${outcome}`)?.(seconds),
    arrived: (uri, seconds) => delaysOf.get(channelOf(uri))?.(seconds),
    dropped: (reason, count) => {
      dropped.inc({ reason }, count)
    },
    superseded: (count) => {
      superseded.inc(count)
    },
    gaveUp: (count) => {
      gaveUp.inc(count)
    },
    deadLettersDropped: (count) => {
      deadLettersDropped.inc(count)
    },
    follow: (source) => {
      totals = source
    },
    text: () => `${tries.text()}\n${delays.text()}`,
  }
}

interface Counters {
  readonly dropped: Counter<'reason'>
  readonly superseded: Counter
  readonly gaveUp: Counter
  readonly deadLettersDropped: Counter
}

function createCounters(registry: Registry): Counters {
  const registers = [registry]
  const create = (name: string, help: string): Counter => new Counter({ name: `estran_${name}`, help, registers })
  const dropped = new Counter({
    name: 'estran_notifications_dropped_total',
    help: 'Notifications dropped because they were too old or too many',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of ['age', 'count'] as const) dropped.inc({ reason }, 0)
  return {
    dropped,
    superseded: create('notifications_superseded_total', 'States not sent because a later one of the same entity was'),
    gaveUp: create('dead_letters_total', 'Notifications that became dead letters'),
    deadLettersDropped: create(
      'dead_letters_dropped_total',
      'Dead letters removed because they were too old or too many',
    ),
  }
}

type Recorder = (seconds: number) => void

function recorders(create: (channel: Channel, outcome: TryOutcome) => Recorder): ReadonlyMap<string, Recorder> {
  const pairs = channels.flatMap((channel) => outcomes.map((outcome) => [channel, outcome] as const))
  return new Map(pairs.map(([channel, outcome]) => [`${channel} ${outcome}`, create(channel, outcome)]))
}

function createGauges(registry: Registry, totals: () => DeliveryTotals): void {
  const registers = [registry]
  const waiting: Gauge = new Gauge({
    ...{
      name: 'estran_notifications_waiting',
      help: 'Notifications owed, those in the store as last counted',
      registers,
    },
    collect: () => {
      waiting.set(totals().waiting)
    },
  })
  const endpoints = new Gauge<'circuit'>({
    ...{ name: 'estran_notification_endpoints', help: 'Endpoints by the state of their circuit breakers', registers },
    labelNames: ['circuit'],
    collect: () => {
      for (const [circuit, count] of Object.entries(totals().circuits)) endpoints.set({ circuit }, count)
    },
  })
}

/** `push` is for receivers that come to the broker, whose endpoints are URNs. */
function channelOf(uri: string): Channel {
  const scheme = uri.slice(0, uri.indexOf(':')).toLowerCase()
  if (scheme.startsWith('mqtt')) return 'mqtt'
  return scheme.startsWith('http') ? 'http' : 'push'
}
