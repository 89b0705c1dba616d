/**
 * The subscriptions of one space, filed so that a write leads to those that it may concern: by explicit entity id, else by type
 * (or none) and watched attribute (or none); many in one place by their fences.
 */
import type { Entity } from '../../core/model/entity.ts'
import { entityTypes } from '../../core/model/entity.ts'
import type { Bucket, CompiledSubscription } from './compile.ts'
import type { Crowd } from './crowd.ts'
import { addCandidates, joined, left } from './crowd.ts'

/** What is filed. */
interface Compiled {
  readonly compiled: CompiledSubscription
}

/** Watched attribute -> entries; those that watch all attributes stand apart. */
interface AttributeIndex<T extends Compiled> {
  every: Crowd<T> | undefined
  readonly byAttribute: Map<string, Crowd<T>>
}

export interface SpaceIndex<T extends Compiled> {
  readonly byId: Map<string, Crowd<T>>
  readonly byType: Map<string, AttributeIndex<T>>
  readonly ofAnyType: AttributeIndex<T>
}

export function createSpaceIndex<T extends Compiled>(): SpaceIndex<T> {
  return { byId: new Map(), byType: new Map(), ofAnyType: createAttributeIndex() }
}

function createAttributeIndex<T extends Compiled>(): AttributeIndex<T> {
  return { every: undefined, byAttribute: new Map() }
}

/** Files an entry in each of its buckets. */
export function file<T extends Compiled>(index: SpaceIndex<T>, entry: T): void {
  for (const bucket of entry.compiled.buckets) fileIn(index, bucket, entry)
}

function fileIn<T extends Compiled>(index: SpaceIndex<T>, { ids, types }: Bucket, entry: T): void {
  for (const id of ids ?? []) index.byId.set(id, joined(index.byId.get(id), entry))
  for (const type of types ?? []) {
    const attributes = index.byType.get(type) ?? createAttributeIndex<T>()
    index.byType.set(type, attributes)
    fileAttributes(attributes, entry)
  }
  if (ids === undefined && types === undefined) fileAttributes(index.ofAnyType, entry)
}

function fileAttributes<T extends Compiled>(index: AttributeIndex<T>, entry: T): void {
  const { watched } = entry.compiled
  if (watched === undefined) index.every = joined(index.every, entry)
  else for (const name of watched) index.byAttribute.set(name, joined(index.byAttribute.get(name), entry))
}

/** Takes an entry out of each of its buckets. */
export function unfile<T extends Compiled>(index: SpaceIndex<T>, entry: T): void {
  for (const bucket of entry.compiled.buckets) unfileIn(index, bucket, entry)
}

function unfileIn<T extends Compiled>(index: SpaceIndex<T>, { ids, types }: Bucket, entry: T): void {
  for (const id of ids ?? []) withdraw(index.byId, id, entry)
  for (const type of types ?? []) {
    const attributes = index.byType.get(type)
    if (attributes !== undefined && unfileAttributes(attributes, entry)) index.byType.delete(type)
  }
  if (ids === undefined && types === undefined) unfileAttributes(index.ofAnyType, entry)
}

/** True when nothing is left in the index. */
function unfileAttributes<T extends Compiled>(index: AttributeIndex<T>, entry: T): boolean {
  const { watched } = entry.compiled
  if (watched === undefined) index.every = left(index.every, entry)
  else for (const name of watched) withdraw(index.byAttribute, name, entry)
  return index.every === undefined && index.byAttribute.size === 0
}

function withdraw<T extends Compiled>(map: Map<string, Crowd<T>>, key: string, entry: T): void {
  const rest = left(map.get(key), entry)
  if (rest === undefined) map.delete(key)
  else map.set(key, rest)
}

/** Those that a write of these attributes of the entity may concern, each once. */
export function candidatesOf<T extends Compiled>(
  index: SpaceIndex<T>,
  entity: Entity,
  names: readonly string[],
): ReadonlySet<T> {
  const candidates = new Set<T>()
  addCandidates(index.byId.get(entity.id), entity, candidates)
  const add = ({ every, byAttribute }: AttributeIndex<T>): void => {
    addCandidates(every, entity, candidates)
    if (byAttribute.size > 0) for (const name of names) addCandidates(byAttribute.get(name), entity, candidates)
  }
  add(index.ofAnyType)
  if (index.byType.size === 0) return candidates
  for (const type of entityTypes(entity)) {
    const attributes = index.byType.get(type)
    if (attributes !== undefined) add(attributes)
  }
  return candidates
}
