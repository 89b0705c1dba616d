/** An entity in a notification, and what was deleted of it (ETSI GS CIM 009 V1.9.1, clauses 4.5.0, 5.8.6). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { compactName } from '../../core/context/names.ts'
import type { Entity } from '../../core/model/entity.ts'
import { DEFAULT_DATASET } from '../../core/model/entity.ts'
import { valueMemberOf } from '../../core/model/kinds.ts'
import type { AttributeChange, LogRecord } from '../../core/model/log-record.ts'
import { NGSI_NULL } from '../../core/model/names.ts'
import { renderEntity } from '../../core/model/render/entity.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { parseTimes } from '../../core/model/times.ts'

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
  for (const change of deletions(record, subscription))
    showDeletion(rendered, change, { record, subscription, context })
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
  readonly context: CompiledContext
}

/** `"name": "urn:ngsi-ld:null"`, or an object where a datasetId or deletedAt must be told with it. */
function showDeletion(rendered: JsonObject, change: AttributeChange, setting: Setting): void {
  const name = compactName(setting.context, change.name)
  const kept = rendered[name]
  if (setting.subscription.format === 'simplified') rendered[name] = simplifiedDeletion(kept, change.datasetId)
  else if (kept === undefined) rendered[name] = deletedInstance(change, setting)
  else rendered[name] = [...asArray(kept), deletedInstance(change, setting)]
}

function simplifiedDeletion(kept: Json | undefined, datasetId: string = DEFAULT_DATASET): Json {
  if (kept === undefined && datasetId === DEFAULT_DATASET) return NGSI_NULL
  const others = isObject(kept) && isObject(kept['dataset']) ? kept['dataset'] : keptAlone(kept)
  return { dataset: { ...others, [datasetId]: NGSI_NULL } }
}

function keptAlone(kept: Json | undefined): JsonObject {
  return kept === undefined || kept === NGSI_NULL ? {} : { [DEFAULT_DATASET]: kept }
}

function deletedInstance({ datasetId, previous }: AttributeChange, { record, subscription }: Setting): Json {
  if (previous === undefined || (datasetId === undefined && !subscription.sysAttrs)) return NGSI_NULL
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
