/** An entity in a notification, and what was deleted of it (ETSI GS CIM 009 V1.9.1, clauses 4.5.0, 5.8.6). */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { dateTimeOf } from '../../base/time.ts'
import { NGSI_NULL } from '../../core/context/ngsi-null.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { compactName } from '../../core/context/names.ts'
import type { AttributeInstance, Entity } from '../../core/model/entity.ts'
import { datasetOf, DEFAULT_DATASET, instancesOf } from '../../core/model/entity.ts'
import { valueMemberOf } from '../../core/model/kinds.ts'
import type { AttributeChange, LogRecord } from '../../core/model/log-record.ts'
import { renderEntity, renderInstance } from '../../core/model/render/entity.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { instanceTimes, parseTimes } from '../../core/model/times.ts'

/** The entity after the change; for a deleted one its id, type and deletedAt. The record must have `due`. */
export function notifiedEntity(record: LogRecord, subscription: Subscription, context: CompiledContext): JsonObject {
  const { due } = record
  if (due === undefined) throw new Error(`log record ${record.entity} ${String(record.version)} owes no notification`)
  const entity = JSON.parse(due.text) as Entity
  const shown = subscription.attributes === undefined ? {} : { attributes: new Set(subscription.attributes) }
  const options = { context, format: subscription.format, sysAttrs: subscription.sysAttrs, ...shown }
  const times = parseTimes(due.times)
  if (record.change === 'deleted') {
    const { createdAt, modifiedAt, ...bare } = renderEntity(entity, times, { ...options, attributes: new Set() })
    const system = createdAt !== undefined && modifiedAt !== undefined ? { createdAt, modifiedAt } : {}
    const { id = entity.id, type = entity.type } = bare
    return { id, type, ...system, deletedAt: dateTimeOf(record.time) }
  }
  const rendered = renderEntity(entity, times, options)
  for (const [name, changes] of Map.groupBy(deletions(record, subscription), (change) => change.name)) {
    const kept = instancesOf(entity, name)
    const shownAs = compactName(context, name)
    if (subscription.format === 'simplified') rendered[shownAs] = simplified(rendered[shownAs], kept, changes)
    else {
      const render = (instance: AttributeInstance): JsonObject =>
        renderInstance(instance, options, instanceTimes(times, name, datasetOf(instance)))
      rendered[shownAs] = withDeletions(kept.map(render), changes, { record, subscription })
    }
  }
  return rendered
}

/** Deleted instances are told to those alone who asked for deletions. */
function deletions(record: LogRecord, { triggers, attributes }: Subscription): readonly AttributeChange[] {
  if (!triggers.includes('attributeDeleted') && !triggers.includes('entityUpdated')) return []
  return record.attributes.filter(
    ({ change, name }) => change === 'deleted' && (attributes === undefined || attributes.includes(name)),
  )
}

interface Setting {
  readonly record: LogRecord
  readonly subscription: Subscription
}

/**
 * `"urn:ngsi-ld:null"` where that says it all. Of several instances each is an object, in the concise form too: bare values
 * among them would read as one Property with an array.
 */
function withDeletions(kept: readonly JsonObject[], changes: readonly AttributeChange[], setting: Setting): Json {
  const [only, ...others] = changes
  if (only === undefined || kept.length > 0 || others.length > 0) {
    return [...kept, ...changes.map((change) => deletedInstance(change, setting))]
  }
  return only.datasetId === undefined && !setting.subscription.sysAttrs ? NGSI_NULL : deletedInstance(only, setting)
}

/** `shown` is what the simplified form shows of the instances that are kept: under `dataset`, but for a default one alone. */
function simplified(
  shown: Json | undefined,
  kept: readonly AttributeInstance[],
  changes: readonly AttributeChange[],
): Json {
  const datasets = changes.map(({ datasetId }) => datasetId ?? DEFAULT_DATASET)
  if (shown === undefined && datasets.every((dataset) => dataset === DEFAULT_DATASET)) return NGSI_NULL
  const isAlone = kept.every((instance) => datasetOf(instance) === DEFAULT_DATASET)
  const others = isAlone || !isObject(shown) ? keptAlone(shown) : shown['dataset']
  const nulls = Object.fromEntries(datasets.map((dataset) => [dataset, NGSI_NULL]))
  return { dataset: { ...(isObject(others) ? others : {}), ...nulls } }
}

function keptAlone(shown: Json | undefined): JsonObject {
  return shown === undefined ? {} : { [DEFAULT_DATASET]: shown }
}

function deletedInstance({ datasetId, previous }: AttributeChange, { record, subscription }: Setting): Json {
  if (previous === undefined) return NGSI_NULL
  const member = valueMemberOf(previous.type)
  return {
    ...(subscription.format === 'normalized' && { type: previous.type }),
    [member]: nullValues[member] ?? NGSI_NULL,
    ...(datasetId !== undefined && { datasetId }),
    ...(subscription.sysAttrs && { deletedAt: dateTimeOf(record.time) }),
  }
}

/** The NGSI-LD Null in members that do not hold a plain value (clause 4.5.0). */
const nullValues: Readonly<Record<string, Json>> = {
  languageMap: { '@none': NGSI_NULL },
  valueList: [NGSI_NULL],
  objectList: [NGSI_NULL],
}
