/** Discovery: a few rows of the counters (`facets.ts`), whatever the number of entities. */
import { isAttributeKind } from '../../core/model/kinds.ts'
import type { Space } from '../../core/model/space.ts'
import type { DiscoveryStore, TypedAttribute, TypedAttributesRequest } from '../port.ts'
import type { Connection, Row, Values } from './connection.ts'
import { answer } from './connection.ts'
import type { Tables } from './entity-writes.ts'
import { spaceNumber } from './names.ts'

export function createDiscovery(tables: Pick<Tables, 'connection' | 'spaces' | 'types'>): DiscoveryStore {
  const { connection, spaces, types } = tables
  const number = (space: Space): number => spaceNumber(spaces, space)
  // The number of no type is 0.
  const typeNumber = (type: string): number => types.find(type) ?? 0
  return {
    types: (space) =>
      answer(() => {
        const sql = "SELECT type FROM facet WHERE space = ? AND attribute = ''"
        return connection.all(sql, number(space)).map(([type]) => types.nameOf(Number(type)))
      }),
    attributes: (space) =>
      answer(() => {
        const sql = "SELECT DISTINCT attribute FROM facet WHERE space = ? AND attribute > ''"
        return connection.all(sql, number(space)).map(([attribute]) => String(attribute))
      }),
    typedAttributes: (request) =>
      answer(() => {
        const rows = typedRows(connection, request, { space: number(request.space), typeNumber })
        return rows.flatMap(([type, attribute, kind]): TypedAttribute[] =>
          isAttributeKind(kind) ? [{ type: types.nameOf(Number(type)), attribute: String(attribute), kind }] : [],
        )
      }),
    countEntities: (space, type) =>
      answer(() => {
        const sql = "SELECT entities FROM facet WHERE space = ? AND type = ? AND attribute = '' AND kind = ''"
        return firstNumber(connection, sql, number(space), typeNumber(type))
      }),
    countInstances: (space, attribute) =>
      answer(() => {
        const sql = "SELECT sum(instances) FROM facet WHERE space = ? AND attribute = ? AND kind > ''"
        return firstNumber(connection, sql, number(space), attribute)
      }),
  }
}

interface Numbers {
  readonly space: number
  readonly typeNumber: (type: string) => number
}

function typedRows(
  connection: Connection,
  { type, attribute }: TypedAttributesRequest,
  { space, typeNumber }: Numbers,
): readonly Row[] {
  const conditions: readonly (readonly [string, Values])[] = [
    ["space = ? AND attribute > ''", [space]],
    ...(type === undefined ? [] : [['type = ?', [typeNumber(type)]] as const]),
    ...(attribute === undefined ? [] : [['attribute = ?', [attribute]] as const]),
  ]
  const where = conditions.map(([condition]) => condition).join(' AND ')
  const sql = `SELECT type, attribute, kind FROM facet WHERE ${where}`
  return connection.all(sql, ...conditions.flatMap(([, values]) => values))
}

function firstNumber(connection: Connection, sql: string, ...values: Values): number {
  return Number(connection.get(sql, ...values)?.[0] ?? 0)
}
