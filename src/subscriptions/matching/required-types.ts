/** Of which types an entity must have at least one to fulfil a type selection: what the matcher's index goes by. */
import type { Query } from '../../core/query/ast.ts'

/** No type is required: an entity of any type may match. */
export const anyOf = 'any'

export type RequiredTypes = readonly string[] | typeof anyOf

/** An entity that matches has one of these types; not every one that has does match. */
export function typesOf(selection: Query): RequiredTypes {
  if (selection.kind === 'type') return [selection.type]
  if (selection.kind === 'or') return union(selection.of.map(typesOf))
  if (selection.kind === 'and') return narrowest(selection.of.map(typesOf))
  return anyOf
}

function union(members: readonly RequiredTypes[]): RequiredTypes {
  const types = new Set<string>()
  for (const member of members) {
    if (member === anyOf) return anyOf
    for (const type of member) types.add(type)
  }
  return [...types]
}

function narrowest(members: readonly RequiredTypes[]): RequiredTypes {
  return members.reduce((best, member) => (size(member) < size(best) ? member : best), anyOf)
}

function size(types: RequiredTypes): number {
  return types === anyOf ? Infinity : types.length
}
