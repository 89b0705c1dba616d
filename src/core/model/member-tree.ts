/**
 * The members that `pick` or `omit` names (ETSI GS CIM 009 V1.9.1, clause 4.21): `id`, `type`, `scope` and attributes, by core
 * name. What is beside a relationship's name is for the entity that it leads to (`rel{b,c}`).
 */
export type MemberTree = ReadonlyMap<string, MemberTree | undefined>

/** What an entity shows: all that is picked (absent: everything) and not omitted. */
export interface Projection {
  readonly pick?: MemberTree
  readonly omit?: MemberTree
}

/** True when the projection shows the member. A name with members of the linked entity beside it is not omitted itself. */
export function shows({ pick, omit }: Projection, member: string): boolean {
  if (pick !== undefined && !pick.has(member)) return false
  return omit === undefined || !omit.has(member) || omit.get(member) !== undefined
}

/**
 * The projection of the entity that a relationship leads to: what stands in its braces, else the same as of this entity, for
 * pick and omit apply to all entities of an answer (clauses 6.4.3.2, 6.5.3.1).
 */
export function linkedProjection({ pick, omit }: Projection, relationship: string): Projection {
  const inner = { pick: pick?.get(relationship) ?? pick, omit: omit?.get(relationship) ?? omit }
  return {
    ...(inner.pick !== undefined && { pick: inner.pick }),
    ...(inner.omit !== undefined && { omit: inner.omit }),
  }
}
