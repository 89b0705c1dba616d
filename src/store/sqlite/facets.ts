/**
 * The counters behind discovery (clauses 5.7.5 to 5.7.10). Each row says of a type how many entities have an attribute in a
 * kind; attribute and kind are empty in the row that counts the type's entities. They change in the transaction of the entities,
 * once per row and group, whatever the number of changes.
 *
 * `instances` counts under an entity's first type alone, so that the sum over types is how many there are.
 */
import type { Entity } from '../../core/model/entity.ts'
import { entityTypes } from '../../core/model/entity.ts'
import { attributeFacets, haveSameFacets } from '../../core/model/facets.ts'
import type { Participant } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import type { Names } from './names.ts'

export interface FacetCounters extends Participant {
  /** Takes in what an entity was and has become; undefined: it was, or is, not there. Inside a group only. */
  change(space: number, before: Entity | undefined, after: Entity | undefined): void
}

interface Facet {
  readonly space: number
  readonly type: number
  readonly attribute: string
  readonly kind: string
}

/** What a group changes of one row. */
interface Difference extends Facet {
  entities: number
  instances: number
}

export function createFacetCounters(connection: Connection, types: Names): FacetCounters {
  const differences = new Map<string, Difference>()
  const add = (facet: Facet, entities: number, instances: number): void => {
    const key = keyOf(facet)
    let difference = differences.get(key)
    if (difference === undefined) differences.set(key, (difference = { ...facet, entities: 0, instances: 0 }))
    difference.entities += entities
    difference.instances += instances
  }
  const count = (space: number, entity: Entity, sign: 1 | -1): void => {
    const facets = attributeFacets(entity)
    for (const [index, name] of entityTypes(entity).entries()) {
      const type = types.intern(name)
      add({ space, type, attribute: '', kind: '' }, sign, 0)
      for (const { attribute, kind, instances } of facets) {
        add({ space, type, attribute, kind }, sign, index === 0 ? sign * instances : 0)
      }
    }
  }
  return {
    change(space, before, after) {
      if (before !== undefined && after !== undefined && haveSameFacets(before, after)) return
      if (before !== undefined) count(space, before, -1)
      if (after !== undefined) count(space, after, 1)
    },
    beforeCommit() {
      for (const difference of differences.values()) write(connection, difference)
    },
    afterGroup() {
      differences.clear()
    },
  }
}

/** Unambiguous: no number and no kind holds a blank, and the attribute comes last. */
function keyOf({ space, type, kind, attribute }: Facet): string {
  return `${String(space)} ${String(type)} ${kind} ${attribute}`
}

function write(connection: Connection, { space, type, attribute, kind, entities, instances }: Difference): void {
  if (entities === 0 && instances === 0) return
  const add = `INSERT INTO facet (space, type, attribute, kind, entities, instances) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET entities = entities + excluded.entities, instances = instances + excluded.instances`
  connection.run(add, space, type, attribute, kind, entities, instances)
  if (entities >= 0) return
  const clear = 'DELETE FROM facet WHERE space = ? AND type = ? AND attribute = ? AND kind = ? AND entities = 0'
  connection.run(clear, space, type, attribute, kind)
}
