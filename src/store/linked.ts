/** What filters on linked entities need: the entities that relationships lead to, read in one go for a slice of candidates. */
import { asArray } from '../base/json.ts'
import type { Query, QueryOf } from '../core/query/ast.ts'
import type { Subject } from '../core/query/targets.ts'
import { targetsOf } from '../core/query/targets.ts'

type LinkedNode = QueryOf<'linked'>

/** Subjects by id: as far as there are such entities, and the caller may see them. */
export type ReadSubjects = (ids: readonly string[]) => Promise<ReadonlyMap<string, Subject>>

/** The outermost filters on linked entities in a query. */
export function linkedNodes(query: Query): readonly LinkedNode[] {
  if (query.kind === 'linked') return [query]
  if (query.kind === 'not') return linkedNodes(query.of)
  return query.kind === 'and' || query.kind === 'or' ? query.of.flatMap(linkedNodes) : []
}

/** A filter on linked entities, and the subjects whose relationships it follows. */
interface Step {
  readonly node: LinkedNode
  readonly subjects: readonly Subject[]
}

/**
 * Reads level by level, as deep as the query goes, and each entity once. The subjects that the answer finds can go on from
 * there: they carry it themselves.
 */
export async function followLinks(
  nodes: readonly LinkedNode[],
  subjects: readonly Subject[],
  read: ReadSubjects,
): Promise<(id: string) => Subject | undefined> {
  const known = new Map<string, Subject | undefined>()
  const entityOf = (id: string): Subject | undefined => known.get(id)
  let steps: readonly Step[] = nodes.map((node) => ({ node, subjects }))
  while (steps.length > 0) {
    const missing = new Set(steps.flatMap(targetIds).filter((id) => !known.has(id)))
    const found = missing.size === 0 ? undefined : await read([...missing])
    for (const id of missing) {
      const subject = found?.get(id)
      known.set(id, subject && { ...subject, entityOf })
    }
    steps = steps.flatMap((step) => stepsBelow(step, entityOf))
  }
  return entityOf
}

function targetIds({ node, subjects }: Step): readonly string[] {
  return subjects.flatMap((subject) => idsAt(subject, node))
}

function idsAt(subject: Subject, { path }: LinkedNode): readonly string[] {
  return targetsOf(subject, path).flatMap(({ value, isUri }) =>
    isUri ? asArray(value).filter((id) => typeof id === 'string') : [],
  )
}

function stepsBelow(step: Step, entityOf: (id: string) => Subject | undefined): readonly Step[] {
  const nodes = linkedNodes(step.node.of)
  if (nodes.length === 0) return []
  const subjects = [...new Set(targetIds(step))].flatMap((id) => entityOf(id) ?? [])
  return subjects.length === 0 ? [] : nodes.map((node) => ({ node, subjects }))
}
