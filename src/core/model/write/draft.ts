/** A copy of an entity that a write function works on; untouched attributes stay the same objects, so that changes can be told by identity. */
import type { TimeKey } from '../../../base/time.ts'
import type { AttributeInstance, Entity } from '../entity.ts'
import { attributeOf, datasetOf, instancesOf } from '../entity.ts'
import type { EntityFragment } from '../read-entity.ts'
import type { InstanceFragment } from '../read-attribute.ts'
import type { EntityState } from '../state.ts'
import type { AttributeTimes, InstanceTimes } from '../times.ts'

export interface Draft {
  readonly before: EntityState
  readonly time: TimeKey
  /** What is written by instance comes into it at the end (`finishDraft`). */
  readonly entity: Entity
  /** The attributes that were looked at, by name, each by datasetId: a write of many instances costs no more than their number. */
  readonly attributes: Map<string, DraftAttribute>
}

interface DraftAttribute {
  readonly instances: Map<string, DraftInstance>
  written: boolean
}

interface DraftInstance {
  readonly instance: AttributeInstance
  /** Absent: not listed, those of the entity's creation. */
  readonly times: InstanceTimes | undefined
}

/** Begins a write on what is stored. */
export function draftOf(before: EntityState, time: TimeKey): Draft {
  return { before, time, entity: { ...before.entity }, attributes: new Map() }
}

/** Ends a write: the entity was modified now, or is what it was when nothing in it was written. */
export function finishDraft(draft: Draft): EntityState {
  const { before, time, entity } = draft
  const attributeTimes: Record<string, AttributeTimes[string]> = { ...before.times.attributes }
  for (const [name, { instances, written }] of draft.attributes) {
    if (written) settle({ entity, attributeTimes }, name, instances)
  }
  if (isUntouched(draft)) return before
  const times = { created: before.times.created, modified: time }
  const empty = Object.keys(attributeTimes).length === 0
  return { entity, times: empty ? times : { ...times, attributes: attributeTimes } }
}

interface Settled {
  readonly entity: Entity
  readonly attributeTimes: Record<string, AttributeTimes[string]>
}

function settle(
  { entity, attributeTimes }: Settled,
  name: string,
  instances: ReadonlyMap<string, DraftInstance>,
): void {
  if (instances.size === 0) Reflect.deleteProperty(entity, name)
  else entity[name] = attributeOf(Array.from(instances.values(), ({ instance }) => instance))
  const listed: Record<string, InstanceTimes> = {}
  for (const [dataset, { times }] of instances) if (times !== undefined) listed[dataset] = times
  if (Object.keys(listed).length === 0) Reflect.deleteProperty(attributeTimes, name)
  else attributeTimes[name] = listed
}

function isUntouched({ before, entity }: Draft): boolean {
  const names = Object.keys(entity)
  return (
    names.length === Object.keys(before.entity).length && names.every((name) => entity[name] === before.entity[name])
  )
}

function attributeIn(draft: Draft, name: string): DraftAttribute {
  const known = draft.attributes.get(name)
  if (known !== undefined) return known
  const { entity, times } = draft.before
  const listed = times.attributes !== undefined && Object.hasOwn(times.attributes, name) ? times.attributes[name] : {}
  const instances = new Map<string, DraftInstance>()
  for (const instance of instancesOf(entity, name)) {
    instances.set(datasetOf(instance), { instance, times: listed?.[datasetOf(instance)] })
  }
  const attribute = { instances, written: false }
  draft.attributes.set(name, attribute)
  return attribute
}

/** True when the draft has an instance of that name and datasetId. */
export function hasInstance(draft: Draft, name: string, dataset: string): boolean {
  return attributeIn(draft, name).instances.has(dataset)
}

/** Adds an instance, or replaces the one with its datasetId, whose createdAt is kept. */
export function putInstance(draft: Draft, name: string, instance: AttributeInstance): void {
  const attribute = attributeIn(draft, name)
  const replaced = attribute.instances.get(datasetOf(instance))
  const created = replaced === undefined ? draft.time : (replaced.times?.[0] ?? draft.before.times.created)
  attribute.instances.set(datasetOf(instance), { instance, times: [created, draft.time] })
  attribute.written = true
}

/** Takes an instance away; false when there was none. */
export function removeInstance(draft: Draft, name: string, dataset: string): boolean {
  const attribute = attributeIn(draft, name)
  const had = attribute.instances.delete(dataset)
  if (had) attribute.written = true
  return had
}

/** Takes an attribute away with all its instances; false when there was none. */
export function removeAttribute(draft: Draft, name: string): boolean {
  const attribute = attributeIn(draft, name)
  const had = attribute.instances.size > 0
  attribute.instances.clear()
  if (had) attribute.written = true
  return had
}

/** Applies what was sent for one instance: stores it, or deletes the one it names. */
export function applyInstance(draft: Draft, name: string, fragment: InstanceFragment): void {
  if (fragment.instance === undefined) removeInstance(draft, name, fragment.dataset)
  else putInstance(draft, name, fragment.instance)
}

/** The members of a fragment that every kind of fragment has. */
type FragmentMembers = Pick<EntityFragment, 'types' | 'scope' | 'expiresAt'>

/** Adds the types of a fragment: a fragment only ever adds types (clauses 4.16, 5.5.8). */
export function addTypes(draft: Draft, fragment: FragmentMembers): void {
  const before = Array.isArray(draft.entity.type) ? draft.entity.type : [draft.entity.type]
  const types = [...new Set([...before, ...fragment.types])]
  if (types.length > before.length) draft.entity.type = types
}

/** Takes over the expiresAt of a fragment, when it has one (clause 4.22); the NGSI-LD Null takes it away. */
export function setExpiry(draft: Draft, { expiresAt }: FragmentMembers): void {
  if (expiresAt === null) Reflect.deleteProperty(draft.entity, 'expiresAt')
  else if (expiresAt !== undefined) draft.entity['expiresAt'] = expiresAt
}

/** Takes the scope away; false when there was none. */
export function removeScope({ entity }: Draft): boolean {
  const had = entity['scope'] !== undefined
  Reflect.deleteProperty(entity, 'scope')
  return had
}

/** Takes over the scope of a fragment, when it has one (clause 4.18); the NGSI-LD Null takes it away. */
export function setScope(draft: Draft, { scope }: FragmentMembers): void {
  if (scope === null) removeScope(draft)
  else if (scope !== undefined) draft.entity['scope'] = scope
}
