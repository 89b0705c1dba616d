import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Geometry, GeoRelation, Operand, Path, Query, QueryKind } from '../../src/core/query/ast.ts'
import { compileQuery as compileForMongodb } from '../../src/store/mongodb/compile-query.ts'
import { compileQuery as compileForSqlite } from '../../src/store/sqlite/compile-query.ts'

const level: Path = { attribute: 'level', members: [], keys: [] }
const inside: Path = { attribute: 'address', members: [], keys: ['city'] }
const created: Path = { attribute: 'createdAt', members: [], keys: [] }
const ten: Operand = { kind: 'value', value: 10 }
const brest: Geometry = { type: 'Point', coordinates: [-4.49, 48.38] }
const exists: Query = { kind: 'exists', path: level }
const scope: Query = { kind: 'scope', levels: ['Brest'], descendants: true }
const link: Query = { kind: 'linked', path: level, types: [], of: exists }
const geo = (relation: GeoRelation): Query => ({ kind: 'geo', relation, geometry: brest, property: 'location' })
const greater = (path: Path): Query => ({ kind: 'order', path, operator: '>', operand: ten })
const equal = (operator: '==' | '!='): Query => ({ kind: 'equals', path: level, operator, operands: [ten] })

/** What docs/queries.md lists, in its words. */
const listed: Readonly<Record<QueryKind, readonly (readonly [string, Query])[]>> = {
  all: [['everything', { kind: 'all' }]],
  ids: [['`id=a,b`', { kind: 'ids', ids: ['urn:a'] }]],
  idPattern: [
    ['`idPattern` that begins with `^` and plain characters', { kind: 'idPattern', pattern: '^urn:ngsi-ld:Buoy:.*' }],
    ['any other `idPattern`', { kind: 'idPattern', pattern: 'Brest$' }],
  ],
  type: [['`type`', { kind: 'type', type: 'TideGauge' }]],
  attribute: [['`attrs`', { kind: 'attribute', name: 'level' }]],
  exists: [['`q=level`', exists]],
  equals: [
    ['`q=level==10`, `q=name=="Brest","Roscoff"`', equal('==')],
    ['`q=level!=10`', equal('!=')],
  ],
  range: [['`q=level==1..10`', { kind: 'range', path: level, operator: '==', from: ten, to: ten }]],
  order: [
    ['`q=level>10`', greater(level)],
    ['`q=address[city]>10`, `q=level.accuracy>10`', greater(inside)],
    ['`q=createdAt>…`, `q=modifiedAt>…`', greater(created)],
  ],
  pattern: [['`q=name~=^Br`', { kind: 'pattern', path: level, negated: false, pattern: '^Br' }]],
  linked: [['`q=isIn{level>10}`', link]],
  scope: [
    ['`scopeQ=/Brest`, `scopeQ=/Brest/#`', scope],
    ['`scopeQ=/Brest/+`', { kind: 'scope', levels: ['Brest', '+'], descendants: false }],
  ],
  geo: [
    ['`georel=within` and the others but `disjoint`, `georel=near;maxDistance==…`', geo({ name: 'within' })],
    ['`georel=disjoint`, `georel=near;minDistance==…`', geo({ name: 'disjoint' })],
  ],
  and: [
    ['`a;b` of exact ones', { kind: 'and', of: [{ kind: 'type', type: 'A' }, scope] }],
    ['`a;b` with a superset', { kind: 'and', of: [scope, geo({ name: 'within' })] }],
  ],
  or: [
    ['`a|b` of exact ones', { kind: 'or', of: [{ kind: 'type', type: 'A' }, scope] }],
    ['`a|b` with nothing said of b', { kind: 'or', of: [scope, { kind: 'not', of: link }] }],
  ],
  not: [
    ['the negation of an exact one', { kind: 'not', of: scope }],
    ['the negation of a superset', { kind: 'not', of: link }],
  ],
  // Over the log: not a query of entities.
  temporal: [],
}

const context = { space: 1, now: '2026-11-22T09:30:00.000000Z', typeNumber: () => 1 }

describe('the page on queries', () => {
  it('lists how well each store compiles each kind of query, and what it lists is true', () => {
    const rows = Object.values(listed)
      .flat()
      .map(([words, query]) => {
        const [sqlite, mongodb] = [compileForSqlite(query, context).precision, compileForMongodb(query, '').precision]
        return [words.replaceAll('|', '\\|'), sqlite, mongodb].join(' | ')
      })
    const page = readFileSync(new URL('../../docs/queries.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ')
    const wrong = rows.filter((row) => !page.includes(`| ${row} |`))
    expect(wrong).to.deep.equal([])
    expect(page.match(/^\| .* \| (?:exact|superset|none) \|$/gm)).to.have.length(rows.length)
  })
})
