/**
 * The one write path (ARCHITECTURE.md, "A write"): a pure function from what is stored to what shall be, the record of what
 * changed, the notifications that are due, one atomic commit. Every write of every operation goes through here.
 */
import type { TimeKey } from '../base/time.ts'
import { parseTimes, printTimes } from '../core/model/times.ts'
import type { Entity } from '../core/model/entity.ts'
import { changesBetween } from '../core/model/changes.ts'
import { earliestExpiry, pruneState } from '../core/model/expiry.ts'
import type { Due, LogRecord, WriteOperation } from '../core/model/log-record.ts'
import type { EntityState } from '../core/model/state.ts'
import type { Decision, FoundEntity, NextEntity, NoChange, StoredEntity } from '../store/port.ts'
import type { Call } from './call.ts'

/** What the pure function of an operation answers: the next state (undefined: deleted) and what the caller is told. */
export interface Applied<T> {
  readonly state: EntityState | undefined
  readonly result: T
}

export interface EntityWrite<T> {
  readonly id: string
  readonly operation: WriteOperation
  /** True for creates, which bring their tenant into being (clause 5.5.10). */
  readonly createsSpace: boolean
  /**
   * Pure; may run more than once. `before` holds nothing expired, and `version` is that of what is stored. Throws NgsiError
   * to refuse.
   */
  readonly apply: (before: EntityState | undefined, version: number | undefined) => Applied<T>
}

/** Writes one entity. Resolves when the write is durable; what is due to subscribers is then under way. */
export async function writeEntity<T>(call: Call, write: EntityWrite<T>): Promise<T> {
  const { store, subscriptions } = call.broker
  const committed = await store.entities.submit<T>({
    space: call.space,
    id: write.id,
    micros: call.micros,
    createsSpace: write.createsSpace,
    decide: (before, version) => decide(call, write, { before, version }),
  })
  if (committed.record?.due !== undefined) subscriptions.offer(committed.record)
  return committed.result
}

interface Moment {
  readonly before: FoundEntity | undefined
  readonly version: number
}

function decide<T>(call: Call, write: EntityWrite<T>, moment: Moment): Decision<T> | NoChange<T> {
  const time = call.time
  const stored = moment.before === undefined ? undefined : parseState(moment.before)
  const alive = stored !== undefined && hasExpired(moment.before, time) ? pruneState(stored, time) : stored
  const { state, result } = write.apply(alive, moment.before?.version)
  if (state === stored) return { result }
  // What has expired and was not swept yet leaves with this write: the record is made against all that was stored.
  const changes = {
    ...changesBetween(stored, state),
    ...(alive === undefined && state !== undefined && { change: 'created' as const }),
  }
  const after = state === undefined ? undefined : nextEntity(state)
  const bare: LogRecord = {
    space: call.space,
    entity: write.id,
    version: moment.version,
    time,
    operation: write.operation,
    caller: call.caller.id,
    trace: call.trace,
    ...changes,
  }
  const due = dueNotifications(call, bare, { before: stored, stored: moment.before, state, after })
  return { after, record: due === undefined ? bare : { ...bare, due }, result }
}

function hasExpired(stored: StoredEntity | undefined, time: TimeKey): boolean {
  const expires = stored?.expires ?? null
  return expires !== null && expires <= time
}

/** The parsed form of a stored entity. */
function parseState(stored: FoundEntity): EntityState {
  return stored.state ?? { entity: JSON.parse(stored.text) as Entity, times: parseTimes(stored.times) }
}

function nextEntity(state: EntityState): NextEntity {
  const { entity, times } = state
  const text = JSON.stringify(entity)
  // Few entities expire at all: looking for the word is cheaper than walking each of them.
  const expires = text.includes('"expiresAt"') ? earliestExpiry(entity) : null
  return { state, text, times: printTimes(times), expires }
}

interface Sides {
  readonly before: EntityState | undefined
  readonly stored: StoredEntity | undefined
  readonly state: EntityState | undefined
  readonly after: NextEntity | undefined
}

/** Who is to hear of it, with the entity to show: as it is now, or as it was when it is gone. */
function dueNotifications(call: Call, record: LogRecord, sides: Sides): Due | undefined {
  const subject = sides.state ?? sides.before
  const texts = sides.after ?? sides.stored
  if (subject === undefined || texts === undefined) return undefined
  const notifications = call.broker.subscriptions.match(record, subject)
  if (notifications.length === 0) return undefined
  return { text: texts.text, times: texts.times, notifications }
}
