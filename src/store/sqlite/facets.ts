/**
 * The counters behind discovery (clauses 5.7.5 to 5.7.10). Each row says of a type how many entities have an attribute in a
 * kind; attribute and kind are empty in the row that counts the type's entities. They change in the transaction of the entities,
 * once per row and group, whatever the number of changes.
 *
 * `instances` counts under an entity's first type alone, so that the sum over types is how many there are.
 */
import type { Entity } from '../../core/model/entity.ts'
import { entityTypes } from '../../core/model/entity.ts'
import { attributeFacets, haveSameFacets, shapeOf } from '../../core/model/facets.ts'
import type { Participant } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import type { Names } from './names.ts'

export interface FacetCounters extends Participant {
  /** Takes in what an entity was and has become; undefined: it was, or is, not there. Inside a group only. */
  change(space: number, before: Entity | undefined, after: Entity | undefined): void
}

/** Entities of one shape in one space: how many more there are of them, or fewer. */
interface Shape {
  readonly space: number
  readonly entity: Entity
  difference: number
}

/** What a group changes of one row. */
interface Row {
  readonly space: number
  readonly type: number
  readonly attribute: string
  readonly kind: string
  entities: number
  instances: number
}

export function createFacetCounters(connection: Connection, types: Names): FacetCounters {
  // Most of the entities that a group creates look alike: what each adds is worked out once for all of them.
  const shapes = new Map<string, Shape>()
  const count = (space: number, entity: Entity, difference: 1 | -1): void => {
    const key = `${String(space)} ${shapeOf(entity)}`
    const shape = shapes.get(key)
    if (shape === undefined) shapes.set(key, { space, entity, difference })
    else shape.difference += difference
  }
  return {
    change(space, before, after) {
      if (before !== undefined && after !== undefined && haveSameFacets(before, after)) return
      if (before !== undefined) count(space, before, -1)
      if (after !== undefined) count(space, after, 1)
    },
    beforeCommit() {
      for (const row of rowsOf(shapes.values(), types)) write(connection, row)
    },
    afterGroup() {
      shapes.clear()
    },
  }
}

function rowsOf(shapes: Iterable<Shape>, types: Names): Iterable<Row> {
  const rows = new Map<string, Row>()
  const add = (row: Row): void => {
    // Unambiguous: no number and no kind holds a blank, and the attribute comes last.
    const key = `${String(row.space)} ${String(row.type)} ${row.kind} ${row.attribute}`
    const known = rows.get(key)
    rows.set(key, row)
    row.entities += known?.entities ?? 0
    row.instances += known?.instances ?? 0
  }
  for (const { space, entity, difference } of shapes) {
    const facets = attributeFacets(entity)
    for (const [index, name] of entityTypes(entity).entries()) {
      const where = { space, type: types.intern(name), entities: difference }
      add({ ...where, attribute: '', kind: '', instances: 0 })
      for (const { attribute, kind, instances } of facets) {
        add({ ...where, attribute, kind, instances: index === 0 ? difference * instances : 0 })
      }
    }
  }
  return rows.values()
}

function write(connection: Connection, { space, type, attribute, kind, entities, instances }: Row): void {
  if (entities === 0 && instances === 0) return
  const key = [space, type, attribute, kind] as const
  const add = `INSERT INTO facet (space, type, attribute, kind, entities, instances) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET entities = entities + excluded.entities, instances = instances + excluded.instances`
  connection.run(add, ...key, entities, instances)
  if (entities >= 0) return
  const clear = 'DELETE FROM facet WHERE space = ? AND type = ? AND attribute = ? AND kind = ? AND entities = 0'
  connection.run(clear, ...key)
}
