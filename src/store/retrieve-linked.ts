/** Linked Entity Retrieval from a store (ETSI GS CIM 009 V1.9.1, clause 4.5.23): what answers and notifications bring along. */
import type { Entity } from '../core/model/entity.ts'
import type { ShownPart } from '../core/model/links.ts'
import { linksOf } from '../core/model/links.ts'
import type { Projection } from '../core/model/member-tree.ts'
import type { Linked, LinkedEntity } from '../core/model/render/linked.ts'
import type { EntityRequest, EntityStore, StoredEntity } from './port.ts'

/** How far relationships are followed, and from where. */
export interface JoinRequest {
  /** How many in a row (joinLevel). */
  readonly levels: number
  /** Ids that are not to be retrieved: whoever asks has met them before. */
  readonly containedBy: ReadonlySet<string>
  /** What is shown of the entities that links start from: only relationships that are shown are followed. */
  readonly shown: ShownPart
  /** How many entities are read at most. */
  readonly most: number
}

/** Where linked entities are read. */
export interface LinkSource {
  readonly entities: Pick<EntityStore, 'getMany'>
  readonly request: EntityRequest
}

export interface Retrieved {
  /** Roots that are linked to are among them. */
  readonly linked: Linked
  /** True when there would have been more than `most`: those met first are there. */
  readonly isCut: boolean
}

interface Visit {
  readonly stored: StoredEntity
  readonly shown: ShownPart
}

/**
 * The entities that the shown relationships of `roots` lead to, level by level. All that is in this broker is retrieved;
 * `objectType` would matter for others.
 */
export async function retrieveLinked(
  source: LinkSource,
  roots: readonly StoredEntity[],
  { levels, containedBy, shown, most }: JoinRequest,
): Promise<Retrieved> {
  const reading: Reading = { source, known: new Map(roots.map((root) => [root.id, root])), room: most, isCut: false }
  const linked = new Map<string, LinkedEntity>()
  const visited = createVisits()
  let visits: readonly Visit[] = roots.map((stored) => ({ stored, shown }))
  for (let level = 0; level < levels && visits.length > 0; level++) {
    const links = visits
      .flatMap(({ stored, shown: part }) => linksOf(JSON.parse(stored.text) as Entity, part))
      .filter(({ uri, projection }) => !containedBy.has(uri) && visited.isFirst(uri, projection))
    await readMissing(reading, new Set(links.map(({ uri }) => uri)))
    visits = links.flatMap(({ uri, projection }) => {
      const stored = reading.known.get(uri)
      if (stored === undefined) return []
      if (!linked.has(uri)) linked.set(uri, { ...stored, projection })
      return [{ stored, shown: partShown(shown, projection) }]
    })
  }
  return { linked, isCut: reading.isCut }
}

/** `attrs` says nothing of linked entities; datasetId counts for all of an answer (clauses 6.4.3.2, 6.5.3.1). */
function partShown({ datasets }: ShownPart, projection: Projection): ShownPart {
  return datasets === undefined ? projection : { ...projection, datasets }
}

interface Reading {
  readonly source: LinkSource
  readonly known: Map<string, StoredEntity>
  /** Entities that may still be read. */
  room: number
  isCut: boolean
}

async function readMissing(reading: Reading, ids: ReadonlySet<string>): Promise<void> {
  const { source, known } = reading
  const missing = [...ids].filter((id) => !known.has(id))
  const taken = missing.slice(0, reading.room)
  if (taken.length < missing.length) reading.isCut = true
  if (taken.length === 0) return
  for (const [id, stored] of await source.entities.getMany(source.request, taken)) {
    known.set(id, stored)
    reading.room -= 1
  }
}

interface Visits {
  /** False when an entity was met with the same projection before: links that go round end there. */
  readonly isFirst: (id: string, projection: Projection) => boolean
}

function createVisits(): Visits {
  const seen = new Map<string, Projection[]>()
  return {
    isFirst: (id, projection) => {
      const before = seen.get(id) ?? []
      // Projections are parts of one tree, so that the same ones are the same objects.
      if (before.some(({ pick, omit }) => pick === projection.pick && omit === projection.omit)) return false
      seen.set(id, [...before, projection])
      return true
    },
  }
}
