/** What has expired is absent at once, for every read and write (ETSI GS CIM 009 V1.9.1, clause 4.22). */
import type { JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import { timeKey } from '../../base/time.ts'
import type { AttributeInstance, Entity } from './entity.ts'
import { attributeNames, attributeOf, datasetOf, instancesOf } from './entity.ts'
import { isAttributeKind } from './kinds.ts'
import type { EntityState } from './state.ts'
import type { SystemTimes } from './times.ts'

/** The earliest expiresAt in an entity: its own, an attribute's, or a sub-attribute's; null when nothing in it expires. */
export function earliestExpiry(entity: Entity): TimeKey | null {
  let earliest = expiryOf(entity)
  for (const value of Object.values(entity)) {
    for (const instance of attributeInstances(value)) earliest = earlier(earliest, earliestIn(instance))
  }
  return earliest
}

/** The entity without what has expired by `now`; undefined when it has expired as a whole; itself when nothing has. */
export function prune(entity: Entity, now: TimeKey): Entity | undefined {
  const earliest = earliestExpiry(entity)
  if (earliest === null || earliest > now) return entity
  if (hasExpired(entity, now)) return undefined
  const pruned: Entity = { ...entity }
  for (const name of attributeNames(entity)) {
    const alive = instancesOf(entity, name).flatMap((instance) => pruneInstance(instance, now) ?? [])
    if (alive.length === 0) Reflect.deleteProperty(pruned, name)
    else pruned[name] = attributeOf(alive)
  }
  return pruned
}

/** The state without what has expired; timestamps of what is gone go too. */
export function pruneState(state: EntityState, now: TimeKey): EntityState | undefined {
  const entity = prune(state.entity, now)
  if (entity === undefined || entity === state.entity) return entity && state
  return { entity, times: timesOfPresent(entity, state.times) }
}

function timesOfPresent(entity: Entity, times: SystemTimes): SystemTimes {
  const { attributes, ...own } = times
  const present = Object.entries(attributes ?? {}).flatMap(([name, ofAttribute]) => {
    const datasets = new Set(instancesOf(entity, name).map(datasetOf))
    const left = Object.entries(ofAttribute).filter(([dataset]) => datasets.has(dataset))
    return left.length === 0 ? [] : [[name, Object.fromEntries(left)] as const]
  })
  return present.length === 0 ? own : { ...own, attributes: Object.fromEntries(present) }
}

function pruneInstance(instance: AttributeInstance, now: TimeKey): AttributeInstance | undefined {
  if (hasExpired(instance, now)) return undefined
  const earliest = earliestIn(instance)
  if (earliest === null || earliest > now) return instance
  const pruned: AttributeInstance = { ...instance }
  for (const [name, value] of Object.entries(instance)) {
    const subs = attributeInstances(value)
    if (subs.length === 0) continue
    const alive = subs.flatMap((sub) => pruneInstance(sub, now) ?? [])
    if (alive.length === 0) Reflect.deleteProperty(pruned, name)
    else pruned[name] = attributeOf(alive)
  }
  return pruned
}

function earliestIn(instance: JsonObject): TimeKey | null {
  let earliest = expiryOf(instance)
  for (const value of Object.values(instance)) {
    if (typeof value !== 'object') continue
    for (const sub of attributeInstances(value)) earliest = earlier(earliest, earliestIn(sub))
  }
  return earliest
}

function attributeInstances(value: unknown): readonly AttributeInstance[] {
  if (Array.isArray(value)) return value.filter(isInstance)
  return isInstance(value) ? [value] : []
}

function isInstance(value: unknown): value is AttributeInstance {
  return isObject(value) && isAttributeKind(value['type'])
}

function expiryOf(holder: JsonObject): TimeKey | null {
  const expiresAt = holder['expiresAt']
  return typeof expiresAt === 'string' ? (timeKey(expiresAt) ?? null) : null
}

function hasExpired(holder: JsonObject, now: TimeKey): boolean {
  const expiry = expiryOf(holder)
  return expiry !== null && expiry <= now
}

function earlier(a: TimeKey | null, b: TimeKey | null): TimeKey | null {
  if (a === null) return b
  return b === null || a <= b ? a : b
}
