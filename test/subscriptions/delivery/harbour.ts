/** Harbours: a store and delivery on it, started, for tests that write changes and look at what is delivered. */
import { timeKeyOfMicros } from '../../../src/base/time.ts'
import { CORE_CONTEXT_URL } from '../../../src/core/context/core.ts'
import type { Entity } from '../../../src/core/model/entity.ts'
import type { LogRecord } from '../../../src/core/model/log-record.ts'
import { printTimes } from '../../../src/core/model/times.ts'
import { createMetrics } from '../../../src/ops/metrics.ts'
import type { Store } from '../../../src/store/port.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { createDelivery } from '../../../src/subscriptions/delivery/delivery.ts'
import type { Delivery } from '../../../src/subscriptions/delivery/delivery.ts'
import type { DeliveryConfig } from '../../../src/subscriptions/delivery/delivery-state.ts'
import { createEndpoints } from '../../../src/subscriptions/endpoints.ts'
import { notificationId } from '../../../src/subscriptions/rendering/notification-id.ts'
import type { DocumentedSubscription, Subscription } from '../../../src/core/model/subscription.ts'
import type { Outcome, Transport } from '../../../src/subscriptions/transport.ts'
import type { TestTransport } from '../support.ts'
import { coreResolver, createTestTransport, scratchFolder, subscriptionOf } from '../support.ts'

/** What an endpoint answers that is not there. */
export const absent: Outcome = { kind: 'retry', reason: 'connection refused' }

/** A subscription of this id. */
export function named(id: string, extra: object = {}, uri = 'test://harbour'): DocumentedSubscription {
  return { ...subscriptionOf({}, uri), id, ...extra }
}

export interface Harbour {
  readonly store: Store
  readonly delivery: Delivery
  readonly subscriptions: Map<string, Subscription>
  /** Commits a new level of a tide gauge, owed to the subscriptions with these ids, and offers it. */
  write(gauge: string, level: number, owedTo: readonly string[]): Promise<LogRecord>
  /** How many deliveries the outbox still holds for a subscription. */
  owed(id: string): Promise<number>
  close(): Promise<void>
}

export interface HarbourOptions {
  readonly folder: string
  readonly transports: readonly Transport[]
  readonly config?: Partial<DeliveryConfig>
  readonly now?: () => number
  readonly subscriptions?: readonly Subscription[]
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const config: DeliveryConfig = {
  notificationTimeout: 1000,
  maxDeliveryAttempts: 3,
  maxDeliveryAge: 3600,
  maxOwed: 100_000,
  maxDeadLetterAge: 3600,
  maxDeadLetters: 1000,
  retryBase: 4,
  retryMax: 40,
  queueMemory: 100,
}

/** A store and delivery on it, started. */
export async function openHarbour(options: HarbourOptions): Promise<Harbour> {
  const store = await openSqliteStore({ folder: options.folder })
  const subscriptions = new Map((options.subscriptions ?? []).map((subscription) => [subscription.id, subscription]))
  const delivery = createDelivery({
    store,
    endpoints: createEndpoints(options.transports),
    subscriptionOf: (_space, id) => subscriptions.get(id),
    alwaysHeld: () => [],
    subscriptionsTo: (uri) => [...subscriptions.values()].filter(({ endpoint }) => endpoint.uri === uri),
    resolver: coreResolver,
    linkOf: () => CORE_CONTEXT_URL,
    config: { ...config, ...options.config },
    log: silent,
    now: options.now ?? Date.now,
    random: () => 0.5,
    metrics: createMetrics().notifications,
    upkeepInterval: 20,
  })
  await delivery.start()
  return {
    store,
    delivery,
    subscriptions,
    write: (gauge, level, owedTo) => write({ store, delivery }, { gauge, level, owedTo }),
    owed: async (id) => (await store.outbox.due({ space: '', subscription: id, limit: 10_000 })).length,
    close: async () => {
      await delivery.stop(1000)
      await store.close()
    },
  }
}

export interface Harbours {
  /** Of the test that runs. */
  readonly transport: TestTransport
  /** A harbour on the store of the test, with its transport. */
  readonly open: (options?: Partial<HarbourOptions>) => Promise<Harbour>
  readonly close: (harbour: Harbour) => Promise<void>
  /** Ends it without waiting for what is under way, and never looks at it again. */
  readonly abandon: (harbour: Harbour) => Promise<void>
}

/** For each test of the chapter a store and a transport of its own; what it leaves open is closed. */
export function useHarbours(): Harbours {
  let transport = createTestTransport()
  let scratch: ReturnType<typeof scratchFolder>
  const opened = new Set<Harbour>()
  const close = async (harbour: Harbour): Promise<void> => {
    opened.delete(harbour)
    await harbour.close()
  }
  beforeEach(() => {
    transport = createTestTransport()
    scratch = scratchFolder()
  })
  afterEach(async () => {
    for (const harbour of opened) await close(harbour)
    scratch.remove()
  })
  return {
    get transport() {
      return transport
    },
    open: async (options = {}) => {
      const harbour = await openHarbour({ folder: scratch.folder, transports: [transport], ...options })
      opened.add(harbour)
      return harbour
    },
    close,
    abandon: async (harbour) => {
      opened.delete(harbour)
      await harbour.delivery.stop(1)
      await harbour.store.close()
    },
  }
}

interface Write {
  readonly gauge: string
  readonly level: number
  readonly owedTo: readonly string[]
}

async function write({ store, delivery }: Pick<Harbour, 'store' | 'delivery'>, change: Write): Promise<LogRecord> {
  const id = `urn:ngsi-ld:TideGauge:${change.gauge}`
  const entity: Entity = { id, type: 'TideGauge', level: { type: 'Property', value: change.level } }
  const text = JSON.stringify(entity)
  const micros = Date.now() * 1000
  const { record } = await store.entities.submit({
    ...{ space: '', id, micros, createsSpace: true },
    decide: (_before, version) => {
      const time = timeKeyOfMicros(micros)
      const state = { entity, times: { created: time, modified: time } }
      const times = printTimes(state.times)
      const notifications = change.owedTo.map((subscription) => ({
        subscription,
        notification: notificationId(subscription, { space: '', entity: id, version }),
      }))
      const made: LogRecord = {
        ...{ space: '', entity: id, version, time, operation: 'createEntity', caller: null, trace: null },
        ...{ change: 'created', types: ['TideGauge'], attributes: [], due: { text, times, notifications } },
      }
      return { after: { state, text, times, expires: null }, record: made, result: undefined }
    },
  })
  if (record === undefined) throw new Error('nothing was committed')
  delivery.offer(record)
  return record
}
