/** From before and after to what changed: the source of history and of notifications. Pure. */
import { jsonEqual } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { attributeNames, datasetOf, DEFAULT_DATASET, entityScopes, entityTypes, instancesOf } from './entity.ts'
import type { AttributeChange, ChangeKind, LogRecord } from './log-record.ts'
import type { EntityState } from './state.ts'
import { instanceTimes } from './times.ts'

/** The part of a log record that before and after decide. */
export type Changes = Pick<LogRecord, 'change' | 'types' | 'previousTypes' | 'scopes' | 'previousScopes' | 'attributes'>

/**
 * What changed between two states of an entity; at least one of them is there. An attribute instance counts as updated
 * when it was written, be its value the same or not: history keeps repeated measurements, the matcher tells equal values.
 */
export function changesBetween(before: EntityState | undefined, after: EntityState | undefined): Changes {
  const types = entityTypes((after ?? before)?.entity ?? { id: '', type: [] })
  const change: ChangeKind = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated'
  return {
    change,
    types,
    ...typeChanges(before, after),
    ...scopeChanges(before, after),
    attributes: attributeChanges(before, after),
  }
}

function typeChanges(before: EntityState | undefined, after: EntityState | undefined): Pick<Changes, 'previousTypes'> {
  if (before === undefined || after === undefined || before.entity.type === after.entity.type) return {}
  const previousTypes = entityTypes(before.entity)
  return jsonEqual([...previousTypes], [...entityTypes(after.entity)]) ? {} : { previousTypes }
}

function scopeChanges(
  before: EntityState | undefined,
  after: EntityState | undefined,
): Pick<Changes, 'scopes' | 'previousScopes'> {
  if (before?.entity['scope'] === after?.entity['scope']) return {}
  const previousScopes = before === undefined ? [] : entityScopes(before.entity)
  const scopes = after === undefined ? [] : entityScopes(after.entity)
  if (jsonEqual([...previousScopes], [...scopes])) return {}
  return before === undefined ? { scopes } : { scopes, previousScopes }
}

function attributeChanges(before: EntityState | undefined, after: EntityState | undefined): AttributeChange[] {
  const changes: AttributeChange[] = []
  for (const name of after === undefined ? [] : attributeNames(after.entity)) {
    // Write functions leave what they do not touch as the same object (write/draft.ts).
    if (before !== undefined && before.entity[name] === after?.entity[name]) continue
    addChanges(changes, name, { before, after })
  }
  for (const name of before === undefined ? [] : attributeNames(before.entity)) {
    if (after === undefined || !Object.hasOwn(after.entity, name)) addChanges(changes, name, { before, after })
  }
  return changes
}

interface Sides {
  readonly before: EntityState | undefined
  readonly after: EntityState | undefined
}

/** The changes of one attribute's instances, told apart by datasetId. */
function addChanges(changes: AttributeChange[], name: string, { before, after }: Sides): void {
  const old = before === undefined ? [] : instancesOf(before.entity, name)
  const next = after === undefined ? [] : instancesOf(after.entity, name)
  const byDataset = new Map(old.map((instance) => [datasetOf(instance), instance]))
  for (const instance of next) {
    const dataset = datasetOf(instance)
    const previous = byDataset.get(dataset)
    byDataset.delete(dataset)
    if (previous === instance) continue
    const base = { name, ...datasetMember(dataset), instance }
    changes.push(previous === undefined ? { ...base, change: 'created' } : { ...base, change: 'updated', previous })
  }
  for (const [dataset, previous] of byDataset) {
    const times = after === undefined || before === undefined ? undefined : instanceTimes(before.times, name, dataset)
    const base = { name, ...datasetMember(dataset), previous }
    changes.push({ ...base, change: 'deleted', ...optional('previousTimes', times) })
  }
}

function datasetMember(dataset: string): { datasetId?: string } {
  return dataset === DEFAULT_DATASET ? {} : { datasetId: dataset }
}
