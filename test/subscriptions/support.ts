/** What the tests of subscriptions share: subscriptions, changes, a transport under their control, and waiting. */
import { expect } from 'chai'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../src/base/json.ts'
import { isObject } from '../../src/base/json.ts'
import { timeKeyOfMicros } from '../../src/base/time.ts'
import { coreContext } from '../../src/core/context/compile.ts'
import { CORE_CONTEXT_URL } from '../../src/core/context/core.ts'
import type { ContextResolver } from '../../src/core/context/resolver.ts'
import type { Entity } from '../../src/core/model/entity.ts'
import type { LogRecord } from '../../src/core/model/log-record.ts'
import { readSubscription } from '../../src/core/model/read-subscription.ts'
import { expandSubscription } from '../../src/core/model/subscription-names.ts'
import type { DocumentedSubscription, Subscription } from '../../src/core/model/subscription.ts'
import { printTimes } from '../../src/core/model/times.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { createDelivery } from '../../src/subscriptions/delivery/delivery.ts'
import type { Delivery } from '../../src/subscriptions/delivery/delivery.ts'
import type { DeliveryConfig } from '../../src/subscriptions/delivery/delivery-state.ts'
import { createEndpoints } from '../../src/subscriptions/endpoints.ts'
import { notificationId } from '../../src/subscriptions/rendering/notification-id.ts'
import type { Message, Outcome, Transport } from '../../src/subscriptions/transport.ts'

/** Waits until the condition holds; fails, saying what was waited for, when it does not within the deadline (milliseconds). */
export async function until(condition: () => boolean | Promise<boolean>, what: string, deadline = 5000): Promise<void> {
  const end = Date.now() + deadline
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${String(deadline)} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The promise must reject or the function throw with an NgsiError of that name and a detail that begins with the member. */
export function expectFault(act: () => unknown, name: string, member: string): void {
  let fault: unknown
  try {
    act()
  } catch (error) {
    fault = error
  }
  expect(fault, member).to.be.instanceOf(Error).with.property('name', name)
  expect(fault)
    .to.have.property('message')
    .that.satisfies((text: string) => text.startsWith(member), member)
}

export const NOW = '2026-11-22T09:00:00.000000Z'

/** A subscription of a document in core names; notification and endpoint are filled in where absent. */
export function subscriptionOf(document: JsonObject, uri = 'test://harbour'): DocumentedSubscription {
  const endpoint = { uri }
  const notification = isObject(document['notification']) ? document['notification'] : {}
  const whole = {
    type: 'Subscription',
    ...(document['entities'] === undefined && document['watchedAttributes'] === undefined && { localOnly: true }),
    ...document,
    notification: { endpoint, ...notification },
  }
  const meta = { source: [], context: 'https://estran.example/context.jsonld', creator: null }
  return readSubscription(
    { space: '', id: 'urn:ngsi-ld:Subscription:tide', ...meta, createdAt: NOW, modifiedAt: NOW },
    expandSubscription(coreContext, whole),
  )
}

/** Every context is the core context. */
export const coreResolver: ContextResolver = {
  resolve: () => Promise.resolve(coreContext),
  peek: () => coreContext,
}

/** A scratch folder, and what removes it. */
export function scratchFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'estran-subscriptions-'))
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A transport for `test:` endpoints whose answers the test decides. */
export interface TestTransport extends Transport {
  /** By endpoint URI; endpoints without one take everything. */
  readonly answers: Map<string, (message: Message) => Outcome | Promise<Outcome>>
  /** Endpoints that come to the broker, and are not there. */
  readonly away: Set<string>
  /** What was tried, in order of beginning. */
  readonly tried: Message[]
  /** What was taken, in order. */
  readonly taken: Message[]
}

export function createTestTransport(): TestTransport {
  const answers: TestTransport['answers'] = new Map()
  const tried: Message[] = []
  const away = new Set<string>()
  const taken: Message[] = []
  return {
    answers,
    tried,
    taken,
    away,
    schemes: ['test'],
    isHere: ({ uri }) => !away.has(uri),
    refuses: () => undefined,
    send: async (message) => {
      tried.push(message)
      const outcome = await (answers.get(message.endpoint.uri)?.(message) ?? { kind: 'delivered' })
      if (outcome.kind === 'delivered') taken.push(message)
      return outcome
    },
    close: () => Promise.resolve(),
  }
}

/** The value of `level` of each entity in a message. */
export function levelsOf({ notification }: Pick<Message, 'notification'>): unknown[] {
  const data = notification['data']
  if (!Array.isArray(data)) return []
  return data.map((entity) => (isObject(entity) && isObject(entity['level']) ? entity['level']['value'] : undefined))
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
