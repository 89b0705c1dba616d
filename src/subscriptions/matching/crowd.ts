/** What one place of the matcher's index leads to: an entry alone, or many, those with a fence filed by it. */
import type { Entity } from '../../core/model/entity.ts'
import type { Fence, Fences } from './fences.ts'
import { addFenced, fileFence, unfileFence } from './fences.ts'

/** What is filed: it may have a fence. */
export interface Filed {
  readonly compiled: { readonly fence?: Fence }
}

interface Many<T extends Filed> {
  readonly open: Set<T>
  readonly fences: Fences<T>
}

export type Crowd<T extends Filed> = T | Many<T>

/** With the entry, where it may be already. */
export function joined<T extends Filed>(crowd: Crowd<T> | undefined, entry: T): Crowd<T> {
  if (crowd === undefined || crowd === entry) return entry
  if (isMany(crowd)) return add(crowd, entry)
  return add(add({ open: new Set(), fences: new Map() }, crowd), entry)
}

function add<T extends Filed>(many: Many<T>, entry: T): Many<T> {
  const { fence } = entry.compiled
  if (fence === undefined) many.open.add(entry)
  else fileFence(many.fences, fence, entry)
  return many
}

/** Without the entry, should it be there; undefined when nobody is left. */
export function left<T extends Filed>(crowd: Crowd<T> | undefined, entry: T): Crowd<T> | undefined {
  if (crowd === undefined || crowd === entry) return undefined
  if (!isMany(crowd)) return crowd
  const { fence } = entry.compiled
  if (fence === undefined) crowd.open.delete(entry)
  else unfileFence(crowd.fences, fence, entry)
  return crowd.open.size === 0 && crowd.fences.size === 0 ? undefined : crowd
}

/** Adds to a set those who may want to hear of the entity. */
export function addCandidates<T extends Filed>(crowd: Crowd<T> | undefined, entity: Entity, to: Set<T>): void {
  if (crowd === undefined) return
  if (!isMany(crowd)) {
    to.add(crowd)
    return
  }
  for (const entry of crowd.open) to.add(entry)
  if (crowd.fences.size > 0) addFenced(crowd.fences, entity, to)
}

function isMany<T extends Filed>(crowd: Crowd<T>): crowd is Many<T> {
  return 'open' in crowd
}
