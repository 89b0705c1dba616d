/** Random entities and query trees that meet often: small pools of names and values, every kind of node that has one. */
import fc from 'fast-check'
import type { Attribute, AttributeInstance, Entity } from '../../../src/core/model/entity.ts'
import type { Operand, Path, Query, QueryKind } from '../../../src/core/query/ast.ts'
import type { Json } from '../../../src/base/json.ts'

/** Before, at and after the instant of the queries. */
const EXPIRIES = ['2026-11-22T09:00:00.000000Z', '2026-11-22T09:30:00Z', '2027-01-01T00:00:00Z'] as const
const IDS = ['urn:a', 'urn:ngsi-ld:TideGauge:Brest', 'urn:é', 'urn:\uFFFD', 'urn:\u{1F30A}', 'urn:z'] as const
const TYPES = ['TideGauge', 'Buoy', 'https://estran.example/types#Ça'] as const
const NAMES = [
  'level',
  'https://estran.example/sea.level',
  'a"b\\c',
  'héé',
  'scope',
  'createdAt',
  '$',
  'toString',
] as const
const attributeNames = NAMES.filter((name) => name !== 'scope' && name !== 'createdAt')
const TEXTS = ['Brest', 'brest', '', 'Île', '2026-11-22T09:30:00Z', 'urn:a', '12'] as const
const SCOPES = ['/Brest', '/Brest/Port', 'Roscoff'] as const

const text = fc.constantFrom(...TEXTS)
const scalar: fc.Arbitrary<string | number | boolean> = fc.oneof(text, fc.constantFrom(0, -0.5, 12, 1e21), fc.boolean())
const value: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('level', 'city'), scalar, { maxKeys: 2 }),
)

/** Optional members are there in one case of four. */
const sometimes = { freq: 3, nil: undefined }

const instance: fc.Arbitrary<AttributeInstance> = fc
  .tuple(
    fc.oneof(
      fc.record({ type: fc.constant('Property' as const), value }),
      fc.record({ type: fc.constant('JsonProperty' as const), json: value }),
      fc.record({ type: fc.constant('Relationship' as const), object: fc.constantFrom(...IDS) }),
      fc.record({ type: fc.constant('VocabProperty' as const), vocab: text }),
      fc.record({
        type: fc.constant('LanguageProperty' as const),
        languageMap: fc.dictionary(fc.constantFrom('fr', 'br'), text),
      }),
      fc.record({
        type: fc.constant('ListProperty' as const),
        valueList: fc.array(scalar, { minLength: 1, maxLength: 3 }),
      }),
    ),
    fc.option(fc.constantFrom(...EXPIRIES), { freq: 5, nil: undefined }),
    fc.option(fc.record({ type: fc.constant('Property' as const), value: scalar }), sometimes),
  )
  .map(([base, expiresAt, level]): AttributeInstance => ({
    ...base,
    ...(expiresAt && { expiresAt }),
    ...(level && { level }),
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

/** Up to six entities with ids of their own. */
export const entities: fc.Arbitrary<readonly Entity[]> = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom(...IDS),
      fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 2 }),
      fc.dictionary(fc.constantFrom(...attributeNames), attribute, { maxKeys: 4 }),
      fc.option(fc.oneof(fc.constantFrom(...SCOPES), fc.constant<string[]>([...SCOPES])), sometimes),
      fc.option(fc.constantFrom(...EXPIRIES), { freq: 6, nil: undefined }),
    )
    .map(([id, types, attributes, scope, expiresAt]): Entity => {
      const [first = ''] = types
      const type = types.length === 1 ? first : types
      return { id, type, ...(scope && { scope }), ...(expiresAt && { expiresAt }), ...attributes }
    }),
  { selector: ({ id }) => id, maxLength: IDS.length },
)

const path: fc.Arbitrary<Path> = fc.record({
  attribute: fc.constantFrom(...NAMES),
  members: fc.array(fc.constantFrom('level', 'modifiedAt'), { maxLength: 1 }),
  keys: fc.array(fc.constantFrom('level', 'city', 'fr'), { maxLength: 1 }),
})

const operand: fc.Arbitrary<Operand> = fc.oneof(
  fc.record({ kind: fc.constant('value' as const), value: scalar }),
  fc.constantFrom(...IDS).map((uri): Operand => ({ kind: 'uri', uri })),
  fc.constant<Operand>({ kind: 'time', time: '2026-11-22T09:30:00.000000Z', text: '2026-11-22T09:30:00Z' }),
)

const equality = fc.constantFrom('==' as const, '!=' as const)
const pattern = fc.constantFrom('B.*t$', '^urn:[az]', 'Î', '')

/** Kinds that `evaluate` does not know yet are not drawn. */
type DrawnKind = Exclude<QueryKind, 'linked' | 'geo' | 'temporal'>

/** A query tree. */
export const query: fc.Arbitrary<Query> = fc.letrec<Record<'tree', Query>>((tie) => {
  const trees = fc.array(tie('tree'), { maxLength: 3 })
  const nodes: Readonly<Record<DrawnKind, fc.Arbitrary<Query>>> = {
    all: fc.constant<Query>({ kind: 'all' }),
    and: trees.map((of): Query => ({ kind: 'and', of })),
    or: trees.map((of): Query => ({ kind: 'or', of })),
    not: tie('tree').map((of): Query => ({ kind: 'not', of })),
    ids: fc.array(fc.constantFrom(...IDS), { maxLength: 3 }).map((ids): Query => ({ kind: 'ids', ids })),
    idPattern: pattern.map((text): Query => ({ kind: 'idPattern', pattern: text })),
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
      .tuple(fc.array(fc.constantFrom('Brest', 'Port', '+', 'Roscoff'), { maxLength: 2 }), fc.boolean())
      .map(([levels, descendants]): Query => ({ kind: 'scope', levels, descendants })),
  }
  return {
    tree: fc.oneof({ maxDepth: 4, depthIdentifier: 'tree' }, nodes.attribute, nodes.type, ...Object.values(nodes)),
  }
}).tree
