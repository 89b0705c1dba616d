/** A copy of an entity that a write function works on; untouched attributes stay the same objects, so that changes can be told by identity. */
import type { TimeKey } from '../../../base/time.ts'
import type { AttributeInstance, Entity } from '../entity.ts'
import { attributeOf, datasetOf, instancesOf, withInstance, withoutInstance } from '../entity.ts'
import type { EntityFragment } from '../read-entity.ts'
import type { InstanceFragment } from '../read-attribute.ts'
import type { EntityState } from '../state.ts'
import type { AttributeTimes, InstanceTimes } from '../times.ts'
import { instanceTimes } from '../times.ts'

export interface Draft {
  readonly before: EntityState
  readonly time: TimeKey
  readonly entity: Entity
  attributeTimes: AttributeTimes
}

/** Begins a write on what is stored. */
export function draftOf(before: EntityState, time: TimeKey): Draft {
  return { before, time, entity: { ...before.entity }, attributeTimes: before.times.attributes ?? {} }
}

/** Ends a write: the entity was modified now, or is what it was when nothing in it was written. */
export function finishDraft(draft: Draft): EntityState {
  if (isUntouched(draft)) return draft.before
  const times = { created: draft.before.times.created, modified: draft.time }
  const empty = Object.keys(draft.attributeTimes).length === 0
  return { entity: draft.entity, times: empty ? times : { ...times, attributes: draft.attributeTimes } }
}

function isUntouched({ before, entity }: Draft): boolean {
  const names = Object.keys(entity)
  return (
    names.length === Object.keys(before.entity).length && names.every((name) => entity[name] === before.entity[name])
  )
}

/** True when the draft has an instance of that name and datasetId. */
export function hasInstance(draft: Draft, name: string, dataset: string): boolean {
  return instancesOf(draft.entity, name).some((instance) => datasetOf(instance) === dataset)
}

/** Adds an instance, or replaces the one with its datasetId, whose createdAt is kept. */
export function putInstance(draft: Draft, name: string, instance: AttributeInstance): void {
  const dataset = datasetOf(instance)
  const replaces = hasInstance(draft, name, dataset)
  const created = replaces ? instanceTimes(currentTimes(draft), name, dataset)[0] : draft.time
  draft.entity[name] = attributeOf(withInstance(instancesOf(draft.entity, name), instance))
  setTimes(draft, name, { dataset, times: [created, draft.time] })
}

/** Takes an instance away; false when there was none. */
export function removeInstance(draft: Draft, name: string, dataset: string): boolean {
  const existing = instancesOf(draft.entity, name)
  const rest = withoutInstance(existing, dataset)
  if (rest === existing) return false
  if (rest.length > 0) draft.entity[name] = attributeOf(rest)
  else Reflect.deleteProperty(draft.entity, name)
  setTimes(draft, name, { dataset, times: undefined })
  return true
}

/** Takes an attribute away with all its instances; false when there was none. */
export function removeAttribute(draft: Draft, name: string): boolean {
  const datasets = instancesOf(draft.entity, name).map(datasetOf)
  for (const dataset of datasets) removeInstance(draft, name, dataset)
  return datasets.length > 0
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

function currentTimes(draft: Draft): EntityState['times'] {
  return { ...draft.before.times, attributes: draft.attributeTimes }
}

function setTimes(draft: Draft, name: string, entry: { dataset: string; times: InstanceTimes | undefined }): void {
  const known = Object.hasOwn(draft.attributeTimes, name) ? draft.attributeTimes[name] : undefined
  const ofAttribute: Record<string, InstanceTimes> = { ...known }
  if (entry.times === undefined) Reflect.deleteProperty(ofAttribute, entry.dataset)
  else ofAttribute[entry.dataset] = entry.times
  const rest = { ...draft.attributeTimes, [name]: ofAttribute }
  if (Object.keys(ofAttribute).length === 0) Reflect.deleteProperty(rest, name)
  draft.attributeTimes = rest
}
