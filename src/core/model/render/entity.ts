/**
 * Renders a stored entity in a client's words: its @context's terms, one of the representations of clause 4.5 (normalized
 * 4.5.1, concise C.2.2, simplified 4.5.4), and as much of it as was asked for.
 *
 * Entities, attributes and sub-attributes are one recursion, as are the entities that relationships lead to (clause 4.5.23.2).
 */
import type { Json, JsonObject } from '../../../base/json.ts'
import { asArray, isObject } from '../../../base/json.ts'
import { dateTimeOf } from '../../../base/time.ts'
import { compactName } from '../../context/names.ts'
import { NGSI_NULL } from '../../context/ngsi-null.ts'
import type { AttributeInstance, Entity } from '../entity.ts'
import { attributeNames, datasetOf, DEFAULT_DATASET, entityTypes, instancesOf } from '../entity.ts'
import { looksLikeGeometry } from '../geometry.ts'
import type { AttributeKind } from '../kinds.ts'
import { attributeKinds, isAttributeKind, valueMemberOf } from '../kinds.ts'
import { linkedProjection, shows } from '../member-tree.ts'
import type { InstanceTimes, SystemTimes } from '../times.ts'
import { instanceTimes } from '../times.ts'
import { isGone, PREVIOUS, previousOf } from '../told-change.ts'
import { bareWhereSafe } from './concise.ts'
import type { RenderOptions } from './options.ts'
import type { ShownValue } from './value.ts'
import { compactVocabulary, shownValue } from './value.ts'
import { CURRENT_VERSION, hasMember, hasSeveral, instancesIn } from './version.ts'

/** The entity as the client is to see it, without `@context`. */
export function renderEntity(entity: Entity, times: SystemTimes, options: RenderOptions): JsonObject {
  const out: JsonObject = {}
  const scope = entity['scope']
  if (shows(options, 'id')) out['id'] = entity.id
  if (shows(options, 'type')) out['type'] = renderTypes(entity, options)
  if (scope !== undefined && shows(options, 'scope') && isKnown('scope', options)) out['scope'] = scope
  if (options.sysAttrs) showSystemMembers(out, { entity, times }, options)
  if (entity['deletedAt'] !== undefined) out['deletedAt'] = entity['deletedAt']
  for (const name of attributeNames(entity)) {
    if (!showsAttribute(name, options)) continue
    const attribute = renderAttribute(entity, { name, times }, options)
    if (attribute !== undefined) out[compactName(options.context, name)] = attribute
  }
  return out
}

function renderTypes(entity: Entity, { context, version = CURRENT_VERSION }: RenderOptions): Json {
  const types = entityTypes(entity).map((type) => compactName(context, type))
  return Array.isArray(entity.type) && hasSeveral(version) ? types : (types[0] ?? entity.type)
}

/** What sysAttrs asks for is shown whatever pick and omit say: they name no system members (clauses 4.21, 6.3.11). */
function showSystemMembers(
  out: JsonObject,
  { entity, times }: { entity: Entity; times: SystemTimes },
  options: RenderOptions,
): void {
  showTimes(out, [times.created, times.modified])
  if (entity['expiresAt'] !== undefined && isKnown('expiresAt', options)) out['expiresAt'] = entity['expiresAt']
}

function showTimes(out: JsonObject, [created, modified]: InstanceTimes): void {
  out['createdAt'] = dateTimeOf(created)
  out['modifiedAt'] = dateTimeOf(modified)
}

function isKnown(member: string, { version }: RenderOptions): boolean {
  return version === undefined || hasMember(version, member)
}

function showsAttribute(name: string, options: RenderOptions): boolean {
  return (options.attributes === undefined || options.attributes.has(name)) && shows(options, name)
}

/** The attribute; undefined when none of its instances is to be shown (clause 4.5.5.1). */
function renderAttribute(
  entity: Entity,
  { name, times }: { name: string; times: SystemTimes },
  options: RenderOptions,
): Json | undefined {
  const instances = shownInstances(entity, name, options)
  const [first] = instances
  if (first === undefined) return undefined
  if (instances.length === 1 && isNullAlone(first, options)) return NGSI_NULL
  const inside = optionsOfLinks(entity, name, options)
  if (options.format === 'simplified') return simplifiedAttribute(instances, inside)
  const render = (instance: AttributeInstance): JsonObject =>
    renderInstance(instance, inside, instanceTimes(times, name, datasetOf(instance)))
  // Of several instances each is an object: bare values among them would read back as one Property with an array.
  return instances.length === 1 ? bareWhereSafe(first, render(first), options) : instances.map(render)
}

/** Clause 5.8.6: of an attribute that is gone the NGSI-LD Null says all, unless there is more to say. */
function isNullAlone(instance: AttributeInstance, options: RenderOptions): boolean {
  if (!isGone(instance) || options.sysAttrs || previousOf(instance) !== undefined) return false
  return datasetOf(instance) === DEFAULT_DATASET || !isKnown('datasetId', options)
}

function shownInstances(entity: Entity, name: string, options: RenderOptions): readonly AttributeInstance[] {
  const { datasets, version } = options
  const instances = instancesOf(entity, name)
  const wanted = datasets === undefined ? instances : instances.filter((instance) => datasets.has(datasetOf(instance)))
  return version === undefined ? wanted : instancesIn(version, wanted)
}

/** The options of what an attribute of this entity leads to. */
function optionsOfLinks(entity: Entity, name: string, options: RenderOptions): RenderOptions {
  if (options.linked === undefined) return options
  const { attributes: _ofThisEntity, pick: _pick, omit: _omit, linked, ...same } = options
  const within = new Set([...linked.within, entity.id])
  return { ...same, ...linkedProjection(options, name), linked: { ...linked, within } }
}

/** One attribute instance in the words and format that the options ask for; with `times` where sysAttrs does. */
export function renderInstance(instance: AttributeInstance, options: RenderOptions, times?: InstanceTimes): JsonObject {
  const shown = shownValue(instance, options)
  const out: JsonObject = options.format === 'concise' && !needsType(shown) ? {} : { type: shown.kind }
  const valueMember = valueMemberOf(instance.type)
  for (const [name, value] of Object.entries(instance)) {
    if (name === 'type') continue
    const manner = ownMembers.get(name)
    if (name === valueMember) showValue(out, shown, options)
    else if (name === PREVIOUS) showPrevious(out, instance, options)
    else if (manner === undefined) out[compactName(options.context, name)] = renderSubAttribute(value, options)
    else if (isKnown(name, options) && (manner !== 'system' || options.sysAttrs)) {
      out[name] = manner === 'vocabulary' ? compactVocabulary(options.context, value) : value
    }
  }
  if (options.sysAttrs && times !== undefined) showTimes(out, times)
  return out
}

/**
 * A Property whose value looks like a geometry would read back as a GeoProperty in any form without a type: being lossless
 * (clause 6.3.7) then goes before being brief.
 */
function needsType({ kind, value }: ShownValue): boolean {
  return kind === 'Property' && looksLikeGeometry(value)
}

function showValue(out: JsonObject, { kind, value, lang }: ShownValue, options: RenderOptions): void {
  out[valueMemberOf(kind)] = value
  if (lang !== undefined) out['lang'] = lang
  if (kind !== 'Relationship' && kind !== 'ListRelationship') return
  const entities = linkedEntities(value, options)
  if (kind === 'ListRelationship' && entities.size > 0) out['entityList'] = [...entities.values()]
  if (kind === 'Relationship' && entities.size > 0) {
    const [first = null] = entities.values()
    out['entity'] = Array.isArray(value) ? [...entities.values()] : first
  }
}

/** Clause 5.2.14: the value before, under the name that its kind has for it. */
function showPrevious(out: JsonObject, instance: AttributeInstance, options: RenderOptions): void {
  const previous = previousOf(instance)
  if (previous === undefined) return
  const { kind, value } = shownValue(previous, options)
  out[attributeKinds[kind].previous] = value
}

/** Members of an attribute that are no attributes: how each is shown. */
const ownMembers: ReadonlyMap<string, 'plain' | 'vocabulary' | 'system'> = new Map([
  ['datasetId', 'plain'],
  ['observedAt', 'plain'],
  ['unitCode', 'plain'],
  ['entityIdSealed', 'plain'],
  ['entityTypeSealed', 'vocabulary'],
  ['valueType', 'vocabulary'],
  ['objectType', 'vocabulary'],
  ['expiresAt', 'system'],
  ['deletedAt', 'system'],
])

function renderSubAttribute(value: Json, options: RenderOptions): Json {
  if (Array.isArray(value)) return value.map((item) => (isInstance(item) ? renderInstance(item, options) : item))
  return isInstance(value) ? bareWhereSafe(value, renderInstance(value, options), options) : value
}

function isInstance(value: Json): value is AttributeInstance {
  return isObject(value) && isAttributeKind(value['type'])
}

/** Simplified: the value alone; several instances are told apart under `dataset` (clause 4.5.4). */
function simplifiedAttribute(instances: readonly AttributeInstance[], options: RenderOptions): Json {
  const [first] = instances
  const isDefault = first !== undefined && (datasetOf(first) === DEFAULT_DATASET || !isKnown('datasetId', options))
  if (instances.length === 1 && isDefault) return simplifiedValue(first, options)
  const entries = instances.map((instance) => [datasetOf(instance), simplifiedValue(instance, options)] as const)
  return { dataset: Object.fromEntries(entries) }
}

/** Kinds whose simplified value keeps its member's name, for otherwise it could not be told from a JSON value (clause 4.5.4). */
const wrapped: ReadonlySet<AttributeKind> = new Set(['LanguageProperty', 'VocabProperty', 'JsonProperty'])

function simplifiedValue(instance: AttributeInstance, options: RenderOptions): Json {
  if (isGone(instance)) return NGSI_NULL
  const { kind, value } = shownValue(instance, options)
  if (wrapped.has(kind)) return { [valueMemberOf(kind)]: value }
  if (kind !== 'Relationship' && kind !== 'ListRelationship') return value
  const entities = linkedEntities(value, options)
  const inPlace = (uri: Json): Json => (typeof uri === 'string' ? entities.get(uri) : undefined) ?? uri
  return Array.isArray(value) ? value.map(inPlace) : inPlace(value)
}

/** The entities that the URIs of a relationship lead to, rendered, by URI: those that are to be followed. */
function linkedEntities(value: Json, options: RenderOptions): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  const { linked } = options
  if (linked === undefined || linked.levels < 1) return found
  const inner = { ...options, linked: { ...linked, levels: linked.levels - 1 } }
  for (const item of asArray(value)) {
    const uri = isObject(item) ? item['object'] : item
    if (typeof uri !== 'string' || linked.within.has(uri)) continue
    const state = linked.entityOf(uri)
    if (state !== undefined) found.set(uri, renderEntity(state.entity, state.times, inner))
  }
  return found
}
