/** An entity in a notification, with what became of it and what it was (ETSI GS CIM 009 V1.9.1, clauses 5.2.14, 5.8.6). */
import { jsonEqual } from '../../base/json.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { AttributeInstance, Entity } from '../../core/model/entity.ts'
import { attributeNames, attributeOf, datasetOf, DEFAULT_DATASET, instancesOf } from '../../core/model/entity.ts'
import type { AttributeChange, LogRecord } from '../../core/model/log-record.ts'
import type { EntityState, StoredEntity } from '../../core/model/state.ts'
import { parsedState } from '../../core/model/state.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import type { AttributeTimes, SystemTimes } from '../../core/model/times.ts'
import { goneInstance, withPrevious } from '../../core/model/told-change.ts'

export interface NotifiedEntity {
  /** As it was stored: where links start. Of a deleted one none do. */
  readonly stored: StoredEntity
  readonly isDeleted: boolean
  /** The same, parsed: what filters are asked of. */
  readonly subject: EntityState
  /** What there is to show of it. */
  readonly state: EntityState
}

/** What is told of changes. */
type Telling = Pick<Subscription, 'triggers' | 'showChanges'>

/** An entity as it is, for a notification that no change set off. */
export function currentEntity(stored: StoredEntity): NotifiedEntity {
  const subject = parsedState(stored)
  return { stored, isDeleted: false, subject, state: subject }
}

/** The entity after a change, with what is told of that; a deleted one. The record must have `due`. */
export function changedEntity(record: LogRecord, telling: Telling): NotifiedEntity {
  const { due, entity: id, version, change } = record
  if (due === undefined) throw new Error(`log record ${id} ${String(version)} owes no notification`)
  const { text, times } = due
  const stored = { id, version, text, times, expires: null }
  const isDeleted = change === 'deleted'
  const subject = parsedState(stored)
  const state = isDeleted ? deleted(subject, record, telling) : changed(subject, record, telling)
  return { stored, isDeleted, subject, state }
}

/** Clause 5.8.6: nothing but deletedAt, unless what it was is to be told. */
function deleted({ entity, times }: EntityState, { time }: LogRecord, { showChanges }: Telling): EntityState {
  const deletedAt = dateTimeOf(time)
  const bare: Entity = { id: entity.id, type: entity.type, deletedAt }
  if (!showChanges) return { entity: bare, times }
  const gone = attributeNames(entity).map((name) => {
    const instances = instancesOf(entity, name)
    return [name, attributeOf(instances.map((one) => goneInstance(one, { deletedAt, showsPrevious: true })))] as const
  })
  return { entity: { ...bare, ...Object.fromEntries(gone) }, times }
}

function changed({ entity, times }: EntityState, record: LogRecord, telling: Telling): EntityState {
  const told: Entity = { ...entity }
  const deletedAt = dateTimeOf(record.time)
  const deletions = tellsDeletions(telling) ? record.attributes.filter(({ change }) => change === 'deleted') : []
  for (const [name, changes] of Map.groupBy(record.attributes, (change) => change.name)) {
    const kept = instancesOf(entity, name)
    const gone = changes
      .filter((change) => deletions.includes(change))
      .flatMap(({ previous }) => (previous === undefined ? [] : [previous]))
      .map((previous) => goneInstance(previous, { deletedAt, showsPrevious: telling.showChanges }))
    const instances = [...(telling.showChanges ? kept.map((one) => withBefore(one, changes)) : kept), ...gone]
    if (instances.length > 0) told[name] = attributeOf(instances)
  }
  return { entity: told, times: withTimesOf(deletions, times) }
}

/** Deleted instances are told to those alone who asked for deletions. */
function tellsDeletions({ triggers }: Telling): boolean {
  return triggers.includes('attributeDeleted') || triggers.includes('entityUpdated')
}

/** What was written again as it was has not changed. */
function withBefore(instance: AttributeInstance, changes: readonly AttributeChange[]): AttributeInstance {
  const dataset = datasetOf(instance)
  const previous = changes.find(({ datasetId = DEFAULT_DATASET }) => datasetId === dataset)?.previous
  return previous === undefined || jsonEqual(previous, instance) ? instance : withPrevious(instance, previous)
}

function withTimesOf(deletions: readonly AttributeChange[], times: SystemTimes): SystemTimes {
  const attributes: Record<string, AttributeTimes[string]> = { ...times.attributes }
  for (const { name, datasetId = DEFAULT_DATASET, previousTimes } of deletions) {
    if (previousTimes !== undefined) attributes[name] = { ...attributes[name], [datasetId]: previousTimes }
  }
  return deletions.length === 0 ? times : { ...times, attributes }
}
