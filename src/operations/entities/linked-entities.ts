import { NgsiError } from '../../core/errors.ts'
import type { Entity } from '../../core/model/entity.ts'
import type { ShownPart } from '../../core/model/links.ts'
import { linksOf } from '../../core/model/links.ts'
import type { Projection } from '../../core/model/member-tree.ts'
import { all } from '../../core/query/ast.ts'
import type { StoredEntity } from '../../store/port.ts'
import type { Call } from '../call.ts'
import { visibilityOf } from '../call.ts'

/** How far relationships are followed, and from where. */
export interface JoinRequest {
  /** How many in a row (joinLevel). */
  readonly levels: number
  /** Ids that are not to be retrieved: whoever asks has met them before. */
  readonly containedBy: ReadonlySet<string>
  /** What is shown of the entities that links start from: only relationships that are shown are followed. */
  readonly shown: ShownPart
}

/** An entity that a relationship led to. */
export interface LinkedEntity extends StoredEntity {
  /** What is to be shown of it, as the first link that led to it has it. */
  readonly projection: Projection
}

/** Entities that one request may bring along: beyond, the answer would be no answer but the store. */
export const MAX_LINKED = 10_000

const none: ReadonlyMap<string, LinkedEntity> = new Map()

interface Visit {
  readonly stored: StoredEntity
  readonly shown: ShownPart
}

/**
 * Linked Entity Retrieval (clause 4.5.23): the entities that the shown relationships of `roots` lead to, by id, level by level;
 * roots that are linked to are among them. All that is in this broker is retrieved; `objectType` would matter for others.
 * Throws TooManyResults beyond `MAX_LINKED`.
 */
export async function retrieveLinked(
  call: Call,
  roots: readonly StoredEntity[],
  join: JoinRequest | undefined,
): Promise<ReadonlyMap<string, LinkedEntity>> {
  if (join === undefined) return none
  const { levels, containedBy, shown } = join
  const known = new Map(roots.map((root) => [root.id, root]))
  const found = new Map<string, LinkedEntity>()
  const visited = createVisits()
  let visits: readonly Visit[] = roots.map((stored) => ({ stored, shown }))
  for (let level = 0; level < levels && visits.length > 0; level++) {
    const links = visits
      .flatMap(({ stored, shown: part }) => linksOf(JSON.parse(stored.text) as Entity, part))
      .filter(({ uri, projection }) => !containedBy.has(uri) && visited.isFirst(uri, projection))
    await fetchMissing(call, known, new Set(links.map(({ uri }) => uri)))
    visits = links.flatMap(({ uri, projection }) => {
      const stored = known.get(uri)
      if (stored === undefined) return []
      if (!found.has(uri)) found.set(uri, { ...stored, projection })
      return [{ stored, shown: partShown(shown, projection) }]
    })
    if (found.size > MAX_LINKED) throw tooManyLinked()
  }
  return found
}

/** `attrs` says nothing of linked entities; datasetId counts for all of an answer (clauses 6.4.3.2, 6.5.3.1). */
function partShown({ datasets }: ShownPart, projection: Projection): ShownPart {
  return datasets === undefined ? projection : { ...projection, datasets }
}

async function fetchMissing(call: Call, known: Map<string, StoredEntity>, ids: ReadonlySet<string>): Promise<void> {
  const missing = [...ids].filter((id) => !known.has(id))
  if (missing.length > MAX_LINKED) throw tooManyLinked()
  if (missing.length === 0) return
  const request = { space: call.space, filter: all, visibility: visibilityOf(call), now: call.time }
  for (const [id, stored] of await call.broker.store.entities.getMany(request, missing)) known.set(id, stored)
}

/** More linked entities than one answer may hold. */
export function tooManyLinked(): NgsiError {
  return new NgsiError(
    'TooManyResults',
    `join: more than ${String(MAX_LINKED)} linked entities; lower limit or joinLevel`,
  )
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
