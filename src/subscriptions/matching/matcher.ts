/**
 * Which subscriptions a change concerns, answered from memory: an index, never a scan over all subscriptions.
 *
 * By space; then by explicit entity id, or by type (or none) and watched attribute (or none). What an index entry leads to
 * is a candidate: triggers, status and filter are then looked at one by one.
 */
import type { TimeKey } from '../../base/time.ts'
import type { Entity } from '../../core/model/entity.ts'
import { attributeNames, entityTypes } from '../../core/model/entity.ts'
import type { AttributeChange, ChangeKind } from '../../core/model/log-record.ts'
import type { Space } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { statusOf } from '../../core/model/subscription.ts'
import type { SystemTimes } from '../../core/model/times.ts'
import { evaluate } from '../../core/query/evaluate.ts'
import type { Bucket, CompiledSubscription } from './compile.ts'
import type { Triggered } from './triggers.ts'
import { triggeredBy } from './triggers.ts'

/** One write, as the matcher sees it. */
export interface MatchEvent {
  readonly space: Space
  readonly time: TimeKey
  readonly change: ChangeKind
  /** The entity after the write; before it, for a deletion. */
  readonly entity: Entity
  readonly times: SystemTimes
  /** Of the log record. */
  readonly attributes: readonly AttributeChange[]
}

export interface Matcher {
  /** Takes a subscription up, or its new form. */
  put(subscription: Subscription, compiled: CompiledSubscription): void
  remove(space: Space, id: string): void
  /** The subscriptions that are to be notified; each once. Cheap when there is none. */
  match(event: MatchEvent): readonly Subscription[]
  readonly size: number
}

interface Entry {
  readonly subscription: Subscription
  readonly compiled: CompiledSubscription
}

/** Watched attribute -> entries; those that watch all attributes stand apart. */
interface AttributeIndex {
  readonly every: Set<Entry>
  readonly byAttribute: Map<string, Set<Entry>>
}

interface SpaceIndex {
  readonly entries: Map<string, Entry>
  readonly byId: Map<string, Set<Entry>>
  readonly byType: Map<string, AttributeIndex>
  readonly ofAnyType: AttributeIndex
}

const none: readonly Subscription[] = []

/** An empty matcher. */
export function createMatcher(): Matcher {
  const spaces = new Map<Space, SpaceIndex>()
  let size = 0
  const remove = (space: Space, id: string): void => {
    const index = spaces.get(space)
    const entry = index?.entries.get(id)
    if (index === undefined || entry === undefined) return
    index.entries.delete(id)
    size--
    if (index.entries.size === 0) spaces.delete(space)
    else for (const bucket of entry.compiled.buckets) unfile(index, bucket, entry)
  }
  return {
    put: (subscription, compiled) => {
      remove(subscription.space, subscription.id)
      const index = computed(spaces, subscription.space, createSpaceIndex)
      const entry = { subscription, compiled }
      index.entries.set(subscription.id, entry)
      size++
      for (const bucket of compiled.buckets) file(index, bucket, entry)
    },
    remove,
    match: (event) => {
      const index = spaces.get(event.space)
      return index === undefined ? none : matchIn(index, event)
    },
    get size() {
      return size
    },
  }
}

function createSpaceIndex(): SpaceIndex {
  return { entries: new Map(), byId: new Map(), byType: new Map(), ofAnyType: createAttributeIndex() }
}

function createAttributeIndex(): AttributeIndex {
  return { every: new Set(), byAttribute: new Map() }
}

function createSet(): Set<Entry> {
  return new Set()
}

function computed<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const created = create()
  map.set(key, created)
  return created
}

function file(index: SpaceIndex, bucket: Bucket, entry: Entry): void {
  for (const id of bucket.ids ?? []) computed(index.byId, id, createSet).add(entry)
  for (const type of bucket.types ?? []) fileAttributes(computed(index.byType, type, createAttributeIndex), entry)
  if (bucket.ids === undefined && bucket.types === undefined) fileAttributes(index.ofAnyType, entry)
}

function fileAttributes(index: AttributeIndex, entry: Entry): void {
  const { watched } = entry.compiled
  if (watched === undefined) index.every.add(entry)
  else for (const name of watched) computed(index.byAttribute, name, createSet).add(entry)
}

function unfile(index: SpaceIndex, bucket: Bucket, entry: Entry): void {
  for (const id of bucket.ids ?? []) withdraw(index.byId, id, entry)
  for (const type of bucket.types ?? []) {
    const attributes = index.byType.get(type)
    if (attributes !== undefined && unfileAttributes(attributes, entry)) index.byType.delete(type)
  }
  if (bucket.ids === undefined && bucket.types === undefined) unfileAttributes(index.ofAnyType, entry)
}

/** True when nothing is left in the index. */
function unfileAttributes(index: AttributeIndex, entry: Entry): boolean {
  index.every.delete(entry)
  for (const name of entry.compiled.watched ?? []) withdraw(index.byAttribute, name, entry)
  return index.every.size === 0 && index.byAttribute.size === 0
}

function withdraw(map: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const entries = map.get(key)
  entries?.delete(entry)
  if (entries?.size === 0) map.delete(key)
}

function matchIn(index: SpaceIndex, event: MatchEvent): readonly Subscription[] {
  const candidates = candidatesOf(index, event)
  if (candidates.size === 0) return none
  const triggered = triggeredBy(event.change, event.entity, event.attributes)
  if (triggered.size === 0) return none
  const matching: Subscription[] = []
  for (const { subscription, compiled } of candidates) {
    if (statusOf(subscription, event.time) !== 'active' || !isTriggered(compiled, triggered)) continue
    if (evaluate(compiled.filter, event)) matching.push(subscription)
  }
  return matching
}

function candidatesOf(index: SpaceIndex, event: MatchEvent): ReadonlySet<Entry> {
  const candidates = new Set(index.byId.get(event.entity.id))
  const names = touched(event)
  addCandidates(candidates, index.ofAnyType, names)
  if (index.byType.size === 0) return candidates
  for (const type of entityTypes(event.entity)) {
    const attributes = index.byType.get(type)
    if (attributes !== undefined) addCandidates(candidates, attributes, names)
  }
  return candidates
}

/** Attributes under which a watching subscription may be filed. Deletion concerns those that the entity had. */
function touched({ change, entity, attributes }: MatchEvent): readonly string[] {
  return change === 'updated' ? attributes.map((item) => item.name) : attributeNames(entity)
}

function addCandidates(candidates: Set<Entry>, index: AttributeIndex, names: readonly string[]): void {
  for (const entry of index.every) candidates.add(entry)
  if (index.byAttribute.size === 0) return
  for (const name of names) {
    for (const entry of index.byAttribute.get(name) ?? []) candidates.add(entry)
  }
}

function isTriggered({ triggers, watched }: CompiledSubscription, triggered: Triggered): boolean {
  for (const [trigger, names] of triggered) {
    if (!triggers.has(trigger)) continue
    if (watched?.isDisjointFrom(names) !== true) return true
  }
  return false
}
