import { expect } from 'chai'
import type { TimeKey } from '../../../src/base/time.ts'
import { microsOfTimeKey, timeKeyOfMicros } from '../../../src/base/time.ts'
import type { ErrorName } from '../../../src/core/errors.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { changesBetween } from '../../../src/core/model/changes.ts'
import type { Attribute, Entity } from '../../../src/core/model/entity.ts'
import { earliestExpiry, pruneState } from '../../../src/core/model/expiry.ts'
import type { Due, DueNotification, LogRecord } from '../../../src/core/model/log-record.ts'
import type { Space } from '../../../src/core/model/space.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { EntityState } from '../../../src/core/model/state.ts'
import { parseTimes, printTimes } from '../../../src/core/model/times.ts'
import type { Query } from '../../../src/core/query/ast.ts'
import { all } from '../../../src/core/query/ast.ts'
import type { Change, Committed, EntityRequest, NextEntity, Page, PageRequest, Store } from '../../../src/store/port.ts'

export const NOW: TimeKey = '2026-11-22T09:30:00.000000Z'
export const NOW_MICROS = microsOfTimeKey(NOW)

export const GAUGE = 'urn:ngsi-ld:TideGauge:Brest'

/** The id of a tide gauge. */
export function gauge(name: string): string {
  return `urn:ngsi-ld:TideGauge:${name}`
}

/** A tide gauge, or what else is said of it. */
export function entity(id: string, members: Partial<Entity> = {}): Entity {
  return { id, type: 'TideGauge', ...members }
}

/** A Property. */
export function property(value: string | number | boolean, members: Record<string, string> = {}): Attribute {
  return { type: 'Property', value, ...members }
}

/** The circumstances of a write; what is left out is the most common. */
export interface Circumstances {
  readonly space?: Space
  readonly micros?: number
  readonly createsSpace?: boolean
  /** Subscriptions that are to be notified; the notification ids are made of them. */
  readonly notify?: readonly string[]
}

/** What an entity becomes: from the entity as stored to the next one, to none, or refused by a throw. */
export type Step = (before: Entity | undefined) => Entity | undefined

/** A change as operations make them, that answers its version. */
export function changeTo(id: string, step: Step, circumstances: Circumstances = {}): Change<number> {
  const { space = DEFAULT_SPACE, micros = NOW_MICROS, createsSpace = false, notify = [] } = circumstances
  return {
    ...{ space, id, micros, createsSpace },
    decide: (stored, version) => {
      const before = stored && { entity: JSON.parse(stored.text) as Entity, times: parseTimes(stored.times) }
      const time = timeKeyOfMicros(micros)
      const next = step(before?.entity)
      const created = before?.times.created ?? time
      const after = next && { entity: next, times: { created, modified: time } }
      const states = { before: before && pruneState(before, time), after }
      const record = { ...recordOf({ space, entity: id, version, time }, states), ...dueOf(states, version, notify) }
      return { after: after && nextEntity(after), record, result: version }
    },
  }
}

interface States {
  readonly before: EntityState | undefined
  readonly after: EntityState | undefined
}

function recordOf(
  where: Pick<LogRecord, 'space' | 'entity' | 'version' | 'time'>,
  { before, after }: States,
): LogRecord {
  const operation = after === undefined ? 'deleteEntity' : before === undefined ? 'createEntity' : 'updateEntity'
  return { ...where, operation, caller: null, trace: null, ...changesBetween(before, after) }
}

function dueOf(states: States, version: number, notify: readonly string[]): { due?: Due } {
  const rendered = states.after ?? states.before
  if (rendered === undefined || notify.length === 0) return {}
  const notifications = notify.map((subscription): DueNotification => ({
    subscription,
    notification: `${subscription}#${String(version)}`,
  }))
  return { due: { text: JSON.stringify(rendered.entity), times: printTimes(rendered.times), notifications } }
}

/** The texts of a state. */
function nextEntity(state: EntityState): NextEntity {
  const { entity, times } = state
  return { state, text: JSON.stringify(entity), times: printTimes(times), expires: earliestExpiry(entity) }
}

/** Writes an entity, whatever was there. */
export function put(store: Store, next: Entity, circumstances?: Circumstances): Promise<Committed<number>> {
  return store.entities.submit(changeTo(next.id, () => next, circumstances))
}

/** Deletes an entity. */
export function remove(store: Store, id: string, circumstances?: Circumstances): Promise<Committed<number>> {
  return store.entities.submit(changeTo(id, () => undefined, circumstances))
}

/** Creates an entity, refusing with AlreadyExists when it is there. */
export function create(store: Store, next: Entity, circumstances?: Circumstances): Promise<Committed<number>> {
  return store.entities.submit(changeTo(next.id, createOnly(next), circumstances))
}

/** The step of a create. */
function createOnly(next: Entity): Step {
  return (before) => {
    if (before !== undefined) throw new NgsiError('AlreadyExists', `id: ${next.id} exists already`)
    return next
  }
}

/** The step that refuses whatever is there. */
export const refuse: Step = () => {
  throw new NgsiError('BadRequestData', 'type: refused by the test')
}

export type Asked = Partial<PageRequest>

/** A request for everything that is there now, or what else is asked. */
export function asking(asked: Asked = {}): PageRequest {
  return { space: DEFAULT_SPACE, filter: all, visibility: all, now: NOW, limit: 100, offset: 0, ...asked }
}

/** An entity as it is read; undefined when it is not there. */
export async function read(store: Store, id: string, asked?: Partial<EntityRequest>): Promise<Entity | undefined> {
  const stored = await store.entities.get(asking(asked), id)
  return stored && (JSON.parse(stored.text) as Entity)
}

/** The ids of a page. */
export async function idsOf(store: Store, asked?: Asked): Promise<readonly string[]> {
  return ids(await store.entities.query(asking(asked)))
}

/** The ids of a page that was answered. */
export function ids(page: Page): readonly string[] {
  return page.entities.map(({ id }) => id)
}

/** All log records of an entity. */
export function history(store: Store, id: string, space: Space = DEFAULT_SPACE): Promise<readonly LogRecord[]> {
  return store.log.ofEntity({ space, entity: id, afterVersion: 0, limit: 1000 })
}

/** The versions of an entity's log records. */
export async function versions(store: Store, id: string, space?: Space): Promise<readonly number[]> {
  return (await history(store, id, space)).map(({ version }) => version)
}

/** Asserts that a request matches these entities, in this order, and that the count agrees. */
export async function checkFound(store: Store, filter: Query, expected: readonly string[], now = NOW): Promise<void> {
  expect(await idsOf(store, { filter, now })).to.deep.equal(expected)
  expect(await store.entities.count(asking({ filter, now }))).to.equal(expected.length)
}

/** Asserts that a promise is rejected with an NgsiError of this name. */
export async function rejects(promise: Promise<unknown>, name: ErrorName): Promise<void> {
  const outcome = await promise.then(
    () => 'fulfilled',
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(NgsiError).with.property('name', name)
}
