import type { Query, QueryKind, QueryOf } from './ast.ts'

const names: { readonly [K in QueryKind]: (query: QueryOf<K>) => readonly string[] } = {
  all: () => [],
  and: ({ of }) => of.flatMap(attributesIn),
  or: ({ of }) => of.flatMap(attributesIn),
  not: ({ of }) => attributesIn(of),
  ids: () => [],
  idPattern: () => [],
  type: () => [],
  attribute: ({ name }) => [name],
  exists: ({ path }) => [path.attribute],
  equals: ({ path }) => [path.attribute],
  range: ({ path }) => [path.attribute],
  order: ({ path }) => [path.attribute],
  pattern: ({ path }) => [path.attribute],
  linked: ({ path }) => [path.attribute],
  scope: () => [],
  geo: ({ property }) => [property],
  temporal: () => [],
}

/** The attributes that a query is about, of the entity itself; system members such as `createdAt` are among them. */
export function attributesIn(query: Query): readonly string[] {
  // One entry per kind (the table's type says so); TypeScript cannot pair an entry with its own kind here.
  const find = names[query.kind] as (query: Query) => readonly string[]
  return find(query)
}
