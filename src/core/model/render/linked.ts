/** Linked entities in what is shown: in the places of the links, or after the entities (ETSI GS CIM 009 V1.9.1, clause 4.5.23). */
import type { Join } from '../join.ts'
import type { Projection } from '../member-tree.ts'
import type { EntityState, StoredEntity } from '../state.ts'
import { parsedState } from '../state.ts'
import type { LinkedEntities, RenderOptions } from './options.ts'

/** An entity to be shown, and what of it where that is not for the options to say: one that join=flat appends. */
export interface ShownEntity extends StoredEntity {
  readonly projection?: Projection
}

/** An entity that a relationship led to. */
export interface LinkedEntity extends StoredEntity {
  /** What is to be shown of it, as the first link that led to it has it. */
  readonly projection: Projection
}

/** What relationships led to, by id. */
export type Linked = ReadonlyMap<string, LinkedEntity>

/**
 * One entity can stand in many places: what grows with every way through a graph has an end. `beyond` is called for each place
 * after the first `most`; if it returns, the link is shown as a link.
 */
export interface PlaceBound {
  readonly most: number
  readonly beyond: () => void
}

/** The options with the linked entities in the places that lead to them (clause 4.5.23.2). */
export function inlineOptions(
  options: RenderOptions,
  { levels, containedBy }: Join,
  linked: LinkedEntities['entityOf'],
): RenderOptions {
  return { ...options, linked: { entityOf: linked, levels, within: new Set(containedBy) } }
}

/** The entities of `linked`, for one answer. */
export function entityOfLinked(linked: Linked, { most, beyond }: PlaceBound): LinkedEntities['entityOf'] {
  const states = new Map<string, EntityState>()
  let places = 0
  return (id) => {
    const stored = linked.get(id)
    if (stored === undefined) return undefined
    if (++places > most) {
      beyond()
      return undefined
    }
    const state = states.get(id) ?? parsedState(stored)
    states.set(id, state)
    return state
  }
}

/** The linked entities that are not among the entities themselves: what join=flat appends (clause 4.5.23.3). */
export function appendedBy(linked: Linked, entities: readonly { readonly id: string }[]): readonly LinkedEntity[] {
  const present = new Set(entities.map(({ id }) => id))
  return Array.from(linked.values()).filter(({ id }) => !present.has(id))
}

/** The options for one entity: of an appended one its own projection counts, and no list of attributes. */
export function optionsFor({ projection }: ShownEntity, options: RenderOptions): RenderOptions {
  if (projection === undefined) return options
  const { attributes: _ofOthers, pick: _pick, omit: _omit, ...same } = options
  return { ...same, ...projection }
}
