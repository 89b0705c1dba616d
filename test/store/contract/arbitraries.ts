/** Random entities and query trees that meet often: small pools of names and values, every kind of node and attribute. */
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import type { Attribute, AttributeInstance, Entity } from '../../../src/core/model/entity.ts'
import type { GeometryType } from '../../../src/core/model/geometry.ts'
import type {
  Geometry,
  GeoRelation,
  Operand,
  OrderBy,
  Ordering,
  Path,
  Query,
  QueryKind,
} from '../../../src/core/query/ast.ts'
import { temporalKey } from '../../../src/core/query/temporal.ts'

/** Before, at and after the instant of the queries. */
const EXPIRIES = ['2026-11-22T09:00:00.000000Z', '2026-11-22T09:30:00Z', '2027-01-01T00:00:00Z'] as const
const IDS = [
  ...['urn:a', 'urn:ngsi-ld:TideGauge:Brest', 'urn:é', 'urn:\uFFFD', 'urn:\u{1F30A}', 'urn:z', 'urn:ngsi-ld:Buoy:1'],
  ...['urn:ngsi-ld:Buoy:2', 'urn:ngsi-ld:Buoy:10', 'https://estran.example/ids/%C3%A9'],
] as const
const TYPES = ['TideGauge', 'Buoy', 'https://estran.example/types#Ça'] as const
const NAMES = [
  ...['level', 'https://estran.example/sea.level', 'a"b\\c', 'héé', '$', 'toString', '__proto__'],
  ...['scope', 'createdAt', 'expiresAt'],
] as const
const attributeNames = NAMES.slice(0, 7)
const TEMPORAL = ['2026-11-22T09:30:00Z', '2026-11-22T09:30:00.5Z', '2026-11-22', '09:30:00Z', '09:30:00.25Z'] as const
const TEXTS = ['Brest', 'brest', '', 'Île', 'urn:a', '12', '\uD800', 'a\u0000b', ...TEMPORAL, 'n'.repeat(200)] as const
const SCOPES = ['/Brest', '/Brest/Port', 'Roscoff', '/Brest/Port/Quai/'] as const
const KEYS = ['level', 'city', 'fr', 'a.b', '@value'] as const
const POSITIONS = [
  [-4.49, 48.38],
  [-4.5, 48.4],
  [-3.98, 48.72],
  [180, 0],
  [-180, 0],
  [0, 90],
  [10, -90],
  [-4.49, 48.38001],
] as const

/** A few often, so that operands meet values; the odd ones now and then. */
const text = fc.oneof({ weight: 2, arbitrary: fc.constantFrom('Brest', 'urn:a') }, fc.constantFrom(...TEXTS))
const number = fc.constantFrom(0, -0.5, 12, 1e21, 0.1 + 0.2, 2 ** 60)
const scalar: fc.Arbitrary<string | number | boolean> = fc.oneof(text, number, fc.boolean())
const value: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.array(scalar, { minLength: 40, maxLength: 40 }),
  fc.dictionary(fc.constantFrom(...KEYS), fc.oneof(scalar, fc.dictionary(fc.constantFrom(...KEYS), scalar)), {
    maxKeys: 2,
  }),
  fc.record({ type: fc.constant('DateTime'), '@value': scalar }),
)

const position = fc.constantFrom(...POSITIONS).map(([x, y]): number[] => [x, y])
const box = fc.tuple(position, fc.constantFrom(0.001, 0.5, 30)).map(([[x = 0, y = 0], size]) => {
  const [west, east] = [Math.max(-180, x - size), Math.min(180, x + size)]
  const [south, north] = [Math.max(-90, y - size), Math.min(90, y + size)]
  return [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ]
})
const geometry: fc.Arbitrary<Geometry> = fc.oneof(
  position.map((coordinates) => ({ type: 'Point' as const, coordinates })),
  box.map((coordinates) => ({ type: 'Polygon' as const, coordinates })),
  fc.record({
    type: fc.constantFrom<GeometryType>('LineString', 'MultiPoint'),
    coordinates: fc.uniqueArray(position, { minLength: 2, maxLength: 3, selector: String }),
  }),
)

/** Optional members are there in one case of four. */
const sometimes = { freq: 3, nil: undefined }
const uri = fc.constantFrom(...IDS)

const instance: fc.Arbitrary<AttributeInstance> = fc
  .tuple(
    fc.oneof<fc.Arbitrary<AttributeInstance>[]>(
      fc.record({ type: fc.constant('Property' as const), value: scalar }),
      fc.record({ type: fc.constant('Property' as const), value }),
      fc.record({ type: fc.constant('JsonProperty' as const), json: value }),
      fc.record({
        type: fc.constant('Relationship' as const),
        object: fc.oneof(uri, fc.array(uri, { minLength: 1, maxLength: 2 })),
      }),
      fc.record({
        type: fc.constant('ListRelationship' as const),
        objectList: fc.array(
          uri.map((object): JsonObject => ({ object })),
          { minLength: 1, maxLength: 2 },
        ),
      }),
      fc.record({ type: fc.constant('VocabProperty' as const), vocab: text }),
      fc.record({
        type: fc.constant('LanguageProperty' as const),
        languageMap: fc.dictionary(fc.constantFrom('fr', 'br', 'FR'), text),
      }),
      fc.record({
        type: fc.constant('ListProperty' as const),
        valueList: fc.array(scalar, { minLength: 1, maxLength: 3 }),
      }),
      geometry.map((of): AttributeInstance => ({ type: 'GeoProperty', value: { ...of } })),
    ),
    fc.option(fc.constantFrom(...EXPIRIES), { freq: 5, nil: undefined }),
    fc.option(fc.record({ type: fc.constant('Property' as const), value: scalar }), sometimes),
    fc.option(fc.constantFrom(...TEMPORAL.slice(0, 2)), sometimes),
  )
  .map(([base, expiresAt, level, observedAt]): AttributeInstance => ({
    ...base,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(level !== undefined && { level }),
    ...(observedAt !== undefined && { observedAt }),
  }))

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  { weight: 4, arbitrary: instance },
  {
    weight: 1,
    arbitrary: fc
      .tuple(instance, instance)
      .map(([first, second]): Attribute => [first, { ...second, datasetId: 'urn:ngsi-ld:dataset:2' }]),
  },
)

/** Up to ten entities with ids of their own. */
export const entities: fc.Arbitrary<readonly Entity[]> = fc.uniqueArray(
  fc
    .tuple(
      uri,
      fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 2 }),
      fc.uniqueArray(fc.tuple(fc.constantFrom(...attributeNames), attribute), {
        maxLength: 5,
        selector: ([name]) => name,
      }),
      fc.option(fc.oneof(fc.constantFrom(...SCOPES), fc.constant<string[]>([...SCOPES])), sometimes),
      fc.option(fc.constantFrom(...EXPIRIES), { freq: 6, nil: undefined }),
    )
    .map(([id, types, attributes, scope, expiresAt]): Entity => {
      const [first = ''] = types
      const head = { id, type: types.length === 1 ? first : types }
      // Entries and not a literal: an attribute may be called __proto__.
      const members = Object.fromEntries<Json>(attributes)
      return Object.defineProperties(
        { ...head, ...(scope !== undefined && { scope }), ...(expiresAt !== undefined && { expiresAt }) },
        Object.getOwnPropertyDescriptors(members),
      )
    }),
  { selector: ({ id }) => id, minLength: 6, maxLength: IDS.length },
)

const path: fc.Arbitrary<Path> = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.array(fc.constantFrom('level', 'modifiedAt', 'observedAt'), { maxLength: 1 }),
    fc.array(fc.constantFrom(...KEYS, '*'), { maxLength: 2 }),
    fc.option(fc.array(fc.constantFrom(...KEYS), { maxLength: 2 }), { freq: 2, nil: undefined }),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([name, members, keys, rawKeys, plain]) =>
    // Most paths lead to an attribute's own value.
    plain > 0
      ? { attribute: name, members: [], keys: [] }
      : { attribute: name, members, keys, ...(rawKeys !== undefined && { rawKeys }) },
  )

const vocab = fc.option(text, { freq: 2, nil: undefined })
const compared = fc.oneof({ weight: 2, arbitrary: text }, scalar)
const operand: fc.Arbitrary<Operand> = fc.oneof(
  fc.tuple(compared, vocab).map(([of, name]): Operand => ({
    kind: 'value',
    value: of,
    ...(typeof of === 'string' && name !== undefined && { vocab: name }),
  })),
  fc
    .tuple(uri, vocab)
    .map(([of, name]): Operand => ({ kind: 'uri', uri: of, ...(name !== undefined && { vocab: name }) })),
  fc.constantFrom(...TEMPORAL).map((of): Operand => ({ kind: 'time', time: temporalKey(of) ?? '', text: of })),
)

const equality = fc.constantFrom('==' as const, '!=' as const)
const pattern = fc.constantFrom('B.*t$', '^urn:[az]', '^urn:ngsi-ld:Buoy:1?', 'Î', '')
const relation: fc.Arbitrary<GeoRelation> = fc.oneof(
  fc
    .constantFrom('within' as const, 'contains', 'intersects', 'equals', 'disjoint', 'overlaps')
    .map((name): GeoRelation => ({ name })),
  fc.constantFrom(1, 5000, 200_000, 2e7).map((maxDistance): GeoRelation => ({ name: 'near', maxDistance })),
  fc.constantFrom(0, 5000).map((minDistance): GeoRelation => ({ name: 'near', minDistance })),
)

/** A query over the log is not one over entities. */
type DrawnKind = Exclude<QueryKind, 'temporal'>

/** A query tree. */
export const query: fc.Arbitrary<Query> = fc.letrec<Record<'tree', Query>>((tie) => {
  const trees = fc.array(tie('tree'), { maxLength: 3 })
  const nodes: Readonly<Record<DrawnKind, fc.Arbitrary<Query>>> = {
    all: fc.constant<Query>({ kind: 'all' }),
    and: trees.map((of): Query => ({ kind: 'and', of })),
    or: trees.map((of): Query => ({ kind: 'or', of })),
    not: tie('tree').map((of): Query => ({ kind: 'not', of })),
    ids: fc.array(uri, { maxLength: 3 }).map((ids): Query => ({ kind: 'ids', ids })),
    idPattern: pattern.map((of): Query => ({ kind: 'idPattern', pattern: of })),
    type: fc.constantFrom(...TYPES, 'Unheard').map((type): Query => ({ kind: 'type', type })),
    attribute: fc.constantFrom(...NAMES, 'type').map((name): Query => ({ kind: 'attribute', name })),
    exists: path.map((at): Query => ({ kind: 'exists', path: at })),
    equals: fc
      .tuple(path, equality, fc.array(operand, { minLength: 1, maxLength: 2 }))
      .map(([at, operator, operands]): Query => ({ kind: 'equals', path: at, operator, operands })),
    range: fc
      .tuple(path, equality, operand, operand)
      .map(([at, operator, from, to]): Query => ({ kind: 'range', path: at, operator, from, to })),
    order: fc
      .tuple(path, fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const), operand)
      .map(([at, operator, by]): Query => ({ kind: 'order', path: at, operator, operand: by })),
    pattern: fc
      .tuple(path, fc.boolean(), pattern)
      .map(([at, negated, by]): Query => ({ kind: 'pattern', path: at, negated, pattern: by })),
    scope: fc
      .tuple(fc.array(fc.constantFrom('Brest', 'Port', '+', 'Roscoff'), { maxLength: 3 }), fc.boolean())
      .map(([levels, descendants]): Query => ({ kind: 'scope', levels, descendants })),
    geo: fc
      .tuple(relation, geometry, fc.constantFrom(...attributeNames))
      .map(([of, reference, property]): Query => ({ kind: 'geo', relation: of, geometry: reference, property })),
    linked: fc
      .tuple(path, fc.array(fc.constantFrom(...TYPES), { maxLength: 1 }), tie('tree'))
      .map(([at, types, of]): Query => ({ kind: 'linked', path: at, types, of })),
  }
  return {
    tree: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'tree' },
      ...[nodes.attribute, nodes.type, nodes.equals, nodes.equals, nodes.order, nodes.range],
      ...Object.values(nodes),
    ),
  }
}).tree

const orderBy: fc.Arbitrary<OrderBy> = fc.oneof(
  fc.record({ kind: fc.constant('path' as const), path, descending: fc.boolean() }),
  fc.record({ kind: fc.constant('id' as const), descending: fc.boolean() }),
  fc.record({ kind: fc.constant('type' as const), descending: fc.boolean() }),
  fc.record({
    kind: fc.constant('distance' as const),
    property: fc.constantFrom(...attributeNames),
    from: geometry,
    descending: fc.boolean(),
  }),
)

/** An order of entities. */
export const ordering: fc.Arbitrary<Ordering> = fc.record({ by: fc.array(orderBy, { minLength: 1, maxLength: 2 }) })
