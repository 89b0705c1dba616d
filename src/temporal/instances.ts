/**
 * From log records to the temporal representation of an entity (ETSI GS CIM 009 V1.9.1, clause 4.5.6): every attribute a
 * list of instances, a deletion being an instance with a null value and deletedAt (clause 4.5.7).
 */
import type { JsonObject } from '../base/json.ts'
import { dateTimeOf } from '../base/time.ts'
import { NGSI_NULL } from '../core/context/ngsi-null.ts'
import type { AttributeInstance } from '../core/model/entity.ts'
import type { AttributeKind } from '../core/model/kinds.ts'
import { valueMemberOf } from '../core/model/kinds.ts'
import type { AttributeChange, LogRecord } from '../core/model/log-record.ts'
import type { RenderOptions } from '../core/model/render/options.ts'
import { renderInstance } from '../core/model/render/entity.ts'
import { compactName } from '../core/context/names.ts'

/** The entity's history in the client's words. `records` are those of one entity, oldest first, at least one. */
export function renderHistory(records: readonly LogRecord[], options: RenderOptions): JsonObject {
  const last = records.at(-1)
  const types = (last?.types ?? []).map((type) => compactName(options.context, type))
  const out: JsonObject = { id: last?.entity ?? '', type: types.length === 1 ? (types[0] ?? '') : types }
  if (options.sysAttrs && last !== undefined) showEntityTimes(out, records, last)
  const scopes = records.flatMap(scopeInstance)
  if (scopes.length > 0) out['scope'] = scopes
  for (const [name, instances] of attributeHistory(records, options))
    out[compactName(options.context, name)] = instances
  return out
}

function showEntityTimes(out: JsonObject, records: readonly LogRecord[], last: LogRecord): void {
  const born = records.findLast(({ change }) => change === 'created') ?? last
  out['createdAt'] = dateTimeOf(born.time)
  out['modifiedAt'] = dateTimeOf(last.time)
  if (last.change === 'deleted') out['deletedAt'] = dateTimeOf(last.time)
}

/** A temporal scope is a Property that carries timestamps only (clause 4.5.6). */
function scopeInstance(record: LogRecord): JsonObject[] {
  if (record.scopes === undefined) return []
  const time = dateTimeOf(record.time)
  if (record.scopes.length === 0) return [{ type: 'Property', value: NGSI_NULL, deletedAt: time }]
  return [{ type: 'Property', value: [...record.scopes], modifiedAt: time }]
}

function attributeHistory(records: readonly LogRecord[], options: RenderOptions): Map<string, JsonObject[]> {
  const history = new Map<string, JsonObject[]>()
  for (const record of records) {
    for (const change of record.attributes) {
      if (options.attributes !== undefined && !options.attributes.has(change.name)) continue
      const instances = history.get(change.name) ?? []
      instances.push(renderChange(record, change, options))
      history.set(change.name, instances)
    }
  }
  return history
}

function renderChange(record: LogRecord, change: AttributeChange, options: RenderOptions): JsonObject {
  const out = renderInstance(change.instance ?? deletedInstance(change), { ...options, sysAttrs: false })
  out['instanceId'] = instanceId(record, change)
  const time = dateTimeOf(record.time)
  if (change.change === 'deleted') out['deletedAt'] = time
  else if (options.sysAttrs) Object.assign(out, { createdAt: time, modifiedAt: time })
  return out
}

/** Derived, not kept: the same change has the same instanceId in every answer. */
function instanceId(record: LogRecord, { name, datasetId }: AttributeChange): string {
  const dataset = datasetId === undefined ? '' : `:${encodeURIComponent(datasetId)}`
  return `urn:ngsi-ld:Instance:${String(record.version)}:${encodeURIComponent(name)}${dataset}`
}

function deletedInstance({ previous, datasetId }: AttributeChange): AttributeInstance {
  const type: AttributeKind = previous?.type ?? 'Property'
  const member = valueMemberOf(type)
  const value = member === 'languageMap' ? { '@none': NGSI_NULL } : isList(type) ? [NGSI_NULL] : NGSI_NULL
  return { type, [member]: value, ...(datasetId !== undefined && { datasetId }) }
}

function isList(kind: AttributeKind): boolean {
  return kind === 'ListProperty' || kind === 'ListRelationship'
}
