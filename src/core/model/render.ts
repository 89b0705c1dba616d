/**
 * Renders a stored entity in a client's words: its @context's terms, and one of the representations of clause 4.5
 * (normalized 4.5.1, concise C.2.2, simplified 4.5.4).
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { dateTimeOf } from '../../base/time.ts'
import type { CompiledContext } from '../context/tables.ts'
import { compactValue } from '../context/compact.ts'
import { compactName } from '../context/names.ts'
import type { AttributeInstance, Entity } from './entity.ts'
import { attributeNames, datasetOf, DEFAULT_DATASET, entityTypes, instancesOf } from './entity.ts'
import { looksLikeGeometry } from './geometry.ts'
import type { AttributeKind } from './kinds.ts'
import { isAttributeKind, valueMemberOf, valueMembers } from './kinds.ts'
import type { RepresentationFormat } from './subscription.ts'
import type { SystemTimes } from './times.ts'
import { instanceTimes } from './times.ts'

export interface RenderOptions {
  readonly context: CompiledContext
  readonly format: RepresentationFormat
  /** Shows createdAt, modifiedAt and expiresAt (clause 6.3.11). */
  readonly sysAttrs: boolean
  /** Core names of the attributes to show; absent: all of them. */
  readonly attributes?: ReadonlySet<string>
}

/** The entity as the client is to see it, without `@context`. */
export function renderEntity(entity: Entity, times: SystemTimes, options: RenderOptions): JsonObject {
  const out: JsonObject = { id: entity.id, type: renderTypes(entity, options.context) }
  const scope = entity['scope']
  if (scope !== undefined) out['scope'] = scope
  if (options.sysAttrs) {
    showTimes(out, times.created, times.modified)
    if (entity['expiresAt'] !== undefined) out['expiresAt'] = entity['expiresAt']
  }
  for (const name of attributeNames(entity)) {
    if (options.attributes !== undefined && !options.attributes.has(name)) continue
    out[compactName(options.context, name)] = renderAttribute(entity, { name, times }, options)
  }
  return out
}

function renderTypes(entity: Entity, context: CompiledContext): Json {
  const types = entityTypes(entity).map((type) => compactName(context, type))
  return Array.isArray(entity.type) ? types : (types[0] ?? entity.type)
}

function showTimes(out: JsonObject, created: TimeKey, modified: TimeKey): void {
  out['createdAt'] = dateTimeOf(created)
  out['modifiedAt'] = dateTimeOf(modified)
}

function renderAttribute(
  entity: Entity,
  attribute: { name: string; times: SystemTimes },
  options: RenderOptions,
): Json {
  const instances = instancesOf(entity, attribute.name)
  if (options.format === 'simplified') return simplifiedAttribute(instances, options.context)
  const rendered = instances.map((instance) => {
    const out = renderInstance(instance, options)
    if (!options.sysAttrs) return out
    const [created, modified] = instanceTimes(attribute.times, attribute.name, datasetOf(instance))
    const whole = isObject(out) && !looksLikeGeometry(out) ? out : { value: out }
    showTimes(whole, created, modified)
    return whole
  })
  const [first] = rendered
  return rendered.length === 1 && first !== undefined ? first : rendered
}

/** One attribute instance in the words and format that the options ask for. */
export function renderInstance(instance: AttributeInstance, options: RenderOptions): Json {
  const concise = options.format === 'concise'
  const out: JsonObject = concise ? {} : { type: instance.type }
  for (const [name, value] of Object.entries(instance)) {
    if (name === 'type' || (name === 'expiresAt' && !options.sysAttrs)) continue
    if (name === valueMemberOf(instance.type)) out[name] = renderValue(instance.type, value, options)
    else if (plainMembers.has(name)) out[name] = value
    else if (vocabularyMembers.has(name)) out[name] = compactVocabulary(options.context, value)
    else out[compactName(options.context, name)] = renderSubAttribute(value, options)
  }
  return concise && !options.sysAttrs ? bareWhereSafe(instance.type, out) : out
}

const plainMembers: ReadonlySet<string> = new Set(['datasetId', 'observedAt', 'unitCode', 'expiresAt'])
const vocabularyMembers: ReadonlySet<string> = new Set(['valueType', 'objectType'])

function renderSubAttribute(value: Json, options: RenderOptions): Json {
  const plain: RenderOptions = { ...options, sysAttrs: false }
  if (Array.isArray(value)) return value.map((item) => renderSubAttribute(item, plain))
  return isInstance(value) ? renderInstance(value, plain) : value
}

function isInstance(value: Json): value is AttributeInstance {
  return isObject(value) && isAttributeKind(value['type'])
}

/** A concise Property or GeoProperty without other members is its bare value, where that reads back as the same. */
function bareWhereSafe(kind: AttributeKind, out: JsonObject): Json {
  const value = out['value']
  if ((kind !== 'Property' && kind !== 'GeoProperty') || value === undefined || Object.keys(out).length > 1) return out
  if (kind === 'GeoProperty') return value
  return readsAsBareValue(value) ? value : out
}

function readsAsBareValue(value: Json): boolean {
  if (Array.isArray(value)) return !value.some((item) => isObject(item) && !readsAsBareValue(item))
  if (!isObject(value)) return true
  if (isAttributeKind(value['type']) || looksLikeGeometry(value)) return false
  return ![...valueMembers.keys()].some((member) => Object.hasOwn(value, member))
}

function renderValue(kind: AttributeKind, value: Json, { context, format }: RenderOptions): Json {
  switch (kind) {
    case 'Property':
    case 'ListProperty':
      return compactValue(context, value)
    case 'VocabProperty':
      return compactVocabulary(context, value)
    case 'ListRelationship':
      return format === 'normalized' ? value : objectUris(value)
    case 'GeoProperty':
    case 'LanguageProperty':
    case 'JsonProperty':
    case 'Relationship':
      return value
  }
}

function compactVocabulary(context: CompiledContext, value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => compactVocabulary(context, item))
  return typeof value === 'string' ? compactName(context, value) : value
}

function objectUris(value: Json): Json {
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? (item['object'] ?? item) : item)) : value
}

/** Simplified: the value alone; several instances are told apart under `dataset` (clause 4.5.4). */
function simplifiedAttribute(instances: readonly AttributeInstance[], context: CompiledContext): Json {
  const [first] = instances
  if (instances.length === 1 && first !== undefined && datasetOf(first) === DEFAULT_DATASET)
    return simplifiedValue(first, context)
  const entries = instances.map((instance) => [datasetOf(instance), simplifiedValue(instance, context)] as const)
  return { dataset: Object.fromEntries(entries) }
}

function simplifiedValue(instance: AttributeInstance, context: CompiledContext): Json {
  const member = valueMemberOf(instance.type)
  const value = renderValue(instance.type, instance[member] ?? null, { context, format: 'simplified', sysAttrs: false })
  const wrapped =
    instance.type === 'LanguageProperty' || instance.type === 'VocabProperty' || instance.type === 'JsonProperty'
  return wrapped ? { [member]: value } : value
}
