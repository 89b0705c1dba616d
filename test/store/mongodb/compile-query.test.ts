import { expect } from 'chai'
import type { Geometry, Path, Query } from '../../../src/core/query/ast.ts'
import { compileQuery } from '../../../src/store/mongodb/compile-query.ts'

const level: Path = { attribute: 'level', members: [], keys: [] }
const created: Path = { ...level, attribute: 'createdAt' }
const brest: Geometry = { type: 'Point', coordinates: [-4.49, 48.38] }
const geo = (relation: Extract<Query, { kind: 'geo' }>['relation']): Query => ({
  kind: 'geo',
  relation,
  geometry: brest,
  property: 'location',
})
const exists = { kind: 'exists', path: level } as const
const type = { kind: 'type', type: 'TideGauge' } as const

/** HOUSE 4: what the filter promises. The exact ones are listed in docs/queries.md; that list only grows. */
const precisions: readonly [string, Query, string][] = [
  ['all', { kind: 'all' }, 'exact'],
  ['ids', { kind: 'ids', ids: ['urn:a'] }, 'exact'],
  ['type', type, 'exact'],
  ['attribute', { kind: 'attribute', name: 'level' }, 'exact'],
  ['scope', { kind: 'scope', levels: ['Brest'], descendants: false }, 'exact'],
  ['scope with all below', { kind: 'scope', levels: ['Brest'], descendants: true }, 'exact'],
  ['and of exact ones', { kind: 'and', of: [type, { kind: 'all' }] }, 'exact'],
  ['or of exact ones', { kind: 'or', of: [type, { kind: 'all' }] }, 'exact'],
  ['not of an exact one', { kind: 'not', of: type }, 'exact'],
  ['an empty or', { kind: 'or', of: [] }, 'exact'],
  ['scope with +', { kind: 'scope', levels: ['Brest', '+'], descendants: false }, 'superset'],
  ['a comparison', { kind: 'order', path: level, operator: '>', operand: { kind: 'value', value: 1 } }, 'superset'],
  ['exists', exists, 'superset'],
  ['a pattern of ids with a fixed beginning', { kind: 'idPattern', pattern: '^urn:ngsi-ld:Tide.*' }, 'superset'],
  ['near', geo({ name: 'near', maxDistance: 100 }), 'superset'],
  ['within', geo({ name: 'within' }), 'superset'],
  ['and with a superset', { kind: 'and', of: [type, exists] }, 'superset'],
  ['or with a superset', { kind: 'or', of: [type, exists] }, 'superset'],
  ['not of a superset', { kind: 'not', of: exists }, 'none'],
  ['a system member of the entity', { kind: 'exists', path: created }, 'none'],
  ['another pattern of ids', { kind: 'idPattern', pattern: 'Brest$' }, 'none'],
  ['an alternative of ids', { kind: 'idPattern', pattern: '^urn:a|urn:b' }, 'none'],
  ['disjoint', geo({ name: 'disjoint' }), 'superset'],
  ['near without maximum', geo({ name: 'near', minDistance: 100 }), 'superset'],
  ['temporal', { kind: 'temporal', property: 'observedAt' }, 'none'],
  ['or with none', { kind: 'or', of: [type, { kind: 'not', of: exists }] }, 'none'],
]

describe('a query compiled for MongoDB', () => {
  for (const [name, query, precision] of precisions) {
    it(`is ${precision} for ${name}`, () => {
      expect(compileQuery(query, '').precision).to.equal(precision)
    })
  }

  const path = level
  const time = { kind: 'time', time: '2026-11-22T09:30:00.500000Z', text: '2026-11-22T09:30:00.5Z' } as const
  const comparisons: readonly [string, Query, readonly unknown[]][] = [
    [
      'a number',
      { kind: 'order', path, operator: '>=', operand: { kind: 'value', value: 20 } },
      [{ $in: [null] }, { $gte: 20 }],
    ],
    [
      'texts',
      {
        kind: 'equals',
        path,
        operator: '==',
        operands: [{ kind: 'value', value: 'Brest', vocab: 'https://x.example/Brest' }],
      },
      [{ $in: ['Brest', 'https://x.example/Brest', null] }],
    ],
    [
      'a time, to the second',
      { kind: 'order', path, operator: '<', operand: time },
      [{ $in: [null] }, { $lt: '2026-11-22T09:30:00\uFFFF' }],
    ],
    [
      'a range',
      { kind: 'range', path, operator: '==', from: { kind: 'value', value: 1 }, to: { kind: 'value', value: 2 } },
      [{ $in: [null] }, { $gte: 1, $lte: 2 }],
    ],
    [
      'what has no order',
      { kind: 'order', path, operator: '<', operand: { kind: 'value', value: true } },
      [{ $in: [null] }],
    ],
  ]
  for (const [name, query, conditions] of comparisons) {
    it(`looks for values by ${name}, and for what is marked (4.9)`, () => {
      const having = conditions.map((v) => ({ values: { $elemMatch: { k: 'level', v } } }))
      expect(compileQuery(query, '').filter).to.deep.equal(having.length === 1 ? having[0] : { $or: having })
    })
  }

  const beginnings: readonly [string, object][] = [
    ['^urn:a', { _id: { $gte: 'brest/urn:a', $lt: 'brest/urn:b' } }],
    ['^urn:ab?c', { _id: { $gte: 'brest/urn:a', $lt: 'brest/urn:b' } }],
    ['^urn:ab{0}', { _id: { $gte: 'brest/urn:a', $lt: 'brest/urn:b' } }],
    ['^urn:a.c', { _id: { $gte: 'brest/urn:a', $lt: 'brest/urn:b' } }],
    ['^u*', {}],
    ['^(?i)urn', {}],
    ['urn', {}],
    ['', {}],
  ]
  for (const [pattern, filter] of beginnings) {
    it(`sends no client's pattern to the database: ${pattern}`, () => {
      expect(compileQuery({ kind: 'idPattern', pattern }, 'brest').filter).to.deep.equal(filter)
    })
  }
})
