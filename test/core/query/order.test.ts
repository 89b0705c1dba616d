import { expect } from 'chai'
import type { JsonObject } from '../../../src/base/json.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readEntity } from '../../../src/core/model/read-entity.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'
import { compareBy } from '../../../src/core/query/order.ts'
import type { OrderOptions } from '../../../src/core/query/parse-order-by.ts'
import { parseOrderBy } from '../../../src/core/query/parse-order-by.ts'
import type { Subject } from '../../../src/core/query/targets.ts'
import { compile } from '../context/compile.ts'

const time = '2026-03-20T08:00:00.000000Z'

function subjectOf(id: string, attributes: JsonObject, created = time): Subject {
  const entity = { id: `urn:${id}`, type: 'Buoy', ...attributes }
  return createEntity(undefined, readEntity(coreContext, entity), created)
}

/** The ids, without `urn:`, of entities given by id in the order asked for. */
function ordered(
  orderBy: string,
  entities: Readonly<Record<string, JsonObject>>,
  options: OrderOptions = {},
): string[] {
  const subjects = Object.entries(entities).map(([id, attributes]) => subjectOf(id, attributes))
  return sorted(orderBy, subjects, options)
}

function sorted(orderBy: string, subjects: readonly Subject[], options: OrderOptions = {}): string[] {
  const compare = compareBy(parseOrderBy(coreContext, orderBy, options))
  const forwards = subjects.toSorted(compare)
  // A total order knows no order of arrival.
  expect(subjects.toReversed().toSorted(compare)).to.deep.equal(forwards)
  return forwards.map(({ entity }) => entity.id.slice('urn:'.length))
}

/** Names in order; the entities' ids are in the order that they are given in. */
function namesIn(names: readonly string[], options: OrderOptions = {}): (string | undefined)[] {
  const entities = Object.fromEntries(names.map((name, index) => [String(index), { name }]))
  return ordered('name', entities, options).map((index) => names[Number(index)])
}

describe('orderings (4.23)', () => {
  it('ascending unless said otherwise (4.23.3)', () => {
    const entities = { a: { level: 10 }, b: { level: 9 }, c: { level: -1.5 } }
    expect(ordered('level', entities)).to.deep.equal(['c', 'b', 'a'])
    expect(ordered('level;asc', entities)).to.deep.equal(['c', 'b', 'a'])
    expect(ordered('level;desc', entities)).to.deep.equal(['a', 'b', 'c'])
  })

  it('the criteria apply in turn, then the id (4.23.3)', () => {
    const entities = {
      d: { name: 'Naye', level: 1 },
      c: { name: 'Naye', level: 2 },
      b: { name: 'Naye', level: 2 },
      a: { name: 'Zoe', level: 9 },
    }
    expect(ordered('name,level;desc', entities)).to.deep.equal(['b', 'c', 'd', 'a'])
    expect(ordered('name;desc,level', entities)).to.deep.equal(['a', 'd', 'b', 'c'])
  })

  it('ids that nothing tells apart are in UTF-8 byte order (4.23)', () => {
    const entities = { '\ud83c\udf0a': {}, '\uffee': {}, z: {}, Z: {}, zz: {}, é: {} }
    expect(ordered('level', entities)).to.deep.equal(['Z', 'z', 'zz', 'é', '\uffee', '\ud83c\udf0a'])
  })

  const mixed: Record<string, JsonObject> = {
    i: { other: 1 },
    h: { level: { '@type': '@json', '@value': null } },
    g: { level: '2026-03-20T08:00:00Z' },
    f: { level: '2026-03-20' },
    e: { level: '08:00:00Z' },
    d: { level: true },
    c: { level: [1, 2] },
    b: { level: { value: { inner: 1 } } },
    a: { level: 'text' },
    0: { level: 3 },
  }

  it('values of different types are in the order of types, what is missing last (4.23.2)', () => {
    expect(ordered('level', mixed)).to.deep.equal(['0', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
  })

  it('descending turns the values round, not the types (4.23.2)', () => {
    expect(ordered('level;desc', mixed)).to.deep.equal(['0', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
    const entities = { a: { level: 1 }, b: { level: 2 }, c: { level: 'x' }, d: { level: 'y' }, e: {} }
    expect(ordered('level;desc', entities)).to.deep.equal(['b', 'a', 'd', 'c', 'e'])
  })

  it('arrays, booleans and times by their values (4.23.1)', () => {
    expect(ordered('level', { a: { level: [1, 10] }, b: { level: [1, 9] }, c: { level: [1] } })).to.deep.equal(['c', 'b', 'a']) // prettier-ignore
    expect(ordered('level', { a: { level: true }, b: { level: false } })).to.deep.equal(['b', 'a'])
    expect(
      ordered('level', { a: { level: '2026-03-20T08:00:00.5Z' }, b: { level: '2026-03-20T08:00:00Z' } }),
    ).to.deep.equal(['b', 'a'])
  })

  it('relationships by their target objects (4.23.1)', () => {
    const entities = { a: { port: { object: 'urn:b' } }, b: { port: { object: 'urn:a' } } }
    expect(ordered('port', entities)).to.deep.equal(['b', 'a'])
  })

  it('sub-attributes, timestamps and parts of values (4.23.3)', () => {
    const entities = {
      a: { level: { value: 1, observedAt: '2026-03-21T00:00:00Z' }, address: { city: 'Brest' } },
      b: { level: { value: 2, observedAt: '2026-03-20T00:00:00Z' }, address: { city: 'Cancale' } },
    }
    expect(ordered('level.observedAt', entities)).to.deep.equal(['b', 'a'])
    expect(ordered('address[city];desc', entities)).to.deep.equal(['b', 'a'])
    const subjects = [subjectOf('a', {}, '2026-03-21T00:00:00.000000Z'), subjectOf('b', {})]
    expect(sorted('createdAt', subjects)).to.deep.equal(['b', 'a'])
  })

  it('the entity id and type (4.23.3)', () => {
    const entities = { b: { type: 'Buoy' }, c: { type: 'Anchor' }, a: { type: 'Buoy' } }
    expect(ordered('id;desc', entities)).to.deep.equal(['c', 'b', 'a'])
    expect(ordered('type,id', entities)).to.deep.equal(['c', 'a', 'b'])
  })

  it('of several instances or languages the one that comes first (4.23.1)', () => {
    const instances = [
      { type: 'Property', value: 5 },
      { type: 'Property', value: 1, datasetId: 'urn:d:1' },
    ]
    expect(ordered('level', { a: { level: 2 }, b: { level: instances } })).to.deep.equal(['b', 'a'])
    expect(ordered('level;desc', { a: { level: 2 }, b: { level: instances } })).to.deep.equal(['b', 'a'])
    const languages = { a: { name: { languageMap: { en: 'M', fr: 'A' } } }, b: { name: { languageMap: { en: 'B' } } } }
    expect(ordered('name', languages)).to.deep.equal(['a', 'b'])
    expect(ordered('name[en]', languages)).to.deep.equal(['b', 'a'])
  })

  it('texts by the root collation (4.23.1)', () => {
    expect(namesIn(['Zoe', 'étoile', 'eau', 'Eau', 'fin'])).to.deep.equal(['eau', 'Eau', 'étoile', 'fin', 'Zoe'])
    expect(namesIn(['b', 'B', 'a'], { collation: 'und-x-icu' })).to.deep.equal(['a', 'b', 'B'])
  })

  it('texts by the collation asked for (4.23.3)', () => {
    expect(namesIn(['Ärger', 'Afrika', 'Az'], { collation: 'de-u-co-phonebk' })).to.deep.equal([
      'Ärger',
      'Afrika',
      'Az',
    ])
    expect(namesIn(['Ärger', 'Afrika', 'Az'])).to.deep.equal(['Afrika', 'Ärger', 'Az'])
    expect(namesIn(['zebra', 'öl'], { collation: 'sv' })).to.deep.equal(['zebra', 'öl'])
    // Primary strength: what differs by case alone is told apart by the id.
    expect(namesIn(['B', 'b', 'a'], { collation: 'und-u-ks-level1' })).to.deep.equal(['a', 'B', 'b'])
    expect(namesIn(['n10', 'n9'], { collation: 'und-u-kn-true' })).to.deep.equal(['n9', 'n10'])
  })
})

describe('orders by distance (4.23)', () => {
  const at = (x: number, y: number): JsonObject => ({
    location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [x, y] } },
  })
  const entities: Record<string, JsonObject> = {
    near: at(-2, 48.1),
    far: at(3, 42),
    middle: at(-4.5, 48.4),
    text: { location: { type: 'Property', value: 'Brest' } },
    none: {},
  }

  it('from a point, what is no GeoProperty behind those that are (4.23.2)', () => {
    expect(ordered('location;dist-asc', entities, { orderFrom: [-2, 48] })).to.deep.equal(['near', 'middle', 'far', 'text', 'none']) // prettier-ignore
    expect(ordered('location;dist-desc', entities, { orderFrom: '[-2,48]' })).to.deep.equal(['far', 'middle', 'near', 'text', 'none']) // prettier-ignore
  })

  it('from any geometry (4.23.3)', () => {
    const line = { orderFrom: '[[3,43],[3,41]]', orderGeometry: 'LineString' }
    expect(ordered('location;dist-asc', entities, line)).to.deep.equal(['far', 'near', 'middle', 'text', 'none'])
  })
})

describe('parameters of orderings (4.23)', () => {
  it('names are expanded with the context (4.23.3, 5.5.7)', async () => {
    const context = await compile({ hauteur: 'https://example.org/hauteur' })
    expect(parseOrderBy(context, 'hauteur;desc')).to.deep.equal({
      by: [
        { kind: 'path', path: { attribute: 'https://example.org/hauteur', members: [], keys: [] }, descending: true },
      ],
    })
  })

  const bad: readonly (readonly [orderBy: string, options: OrderOptions, named: string])[] = [
    ...['', ',', 'a,', 'a;', 'a;up', 'a;ASC', 'a b', 'a;asc;desc', 'a{b}', 'id;dist', '__proto__'].map(
      (orderBy) => [orderBy, {}, 'orderBy'] as const,
    ),
    ['a.b;dist-asc', { orderFrom: [0, 0] }, 'orderBy'],
    ['a[b];dist-asc', { orderFrom: [0, 0] }, 'orderBy'],
    ['type;dist-desc', { orderFrom: [0, 0] }, 'orderBy'],
    ['location;dist-asc', {}, 'orderFrom'],
    ['location;dist-asc', { orderFrom: '8,40' }, 'orderFrom'],
    ['location;dist-asc', { orderFrom: '[[8,40]]' }, 'orderFrom'],
    ['location;dist-asc', { orderFrom: '[8,40]', orderGeometry: 'Circle' }, 'orderGeometry'],
    ...['', 'xx', 'klingon', 'de_DE', 'de-u-co-none', 'und-u-ks-strong', 'a'.repeat(1000), '__proto__'].map(
      (collation) => ['name', { collation }, 'collation'] as const,
    ),
  ]
  for (const [orderBy, options, parameter] of bad) {
    it(`'${orderBy}' with ${JSON.stringify(options).slice(0, 60)} is refused, naming ${parameter} (4.23)`, () => {
      expect(() => parseOrderBy(coreContext, orderBy, options))
        .to.throw(NgsiError, new RegExp(`^${parameter}: `))
        .with.property('name', 'BadRequestData')
    })
  }
})
