import { expect } from 'chai'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { isObject } from '../../../src/base/json.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readEntity, readMergeFragment } from '../../../src/core/model/read-entity.ts'
import type { EntityState } from '../../../src/core/model/state.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'
import { mergeEntity } from '../../../src/core/model/write/merge.ts'
import type { MergeMode } from '../../../src/core/model/write/merge-attribute.ts'
import { compile } from '../context/compile.ts'

const T1 = '2026-01-01T00:00:00.000001Z'
const T2 = '2026-01-01T00:00:00.000002Z'
const NOON = '2026-11-22T12:00:00Z'
const MORNING = '2026-11-22T09:30:00Z'
const NULL = 'urn:ngsi-ld:null'
const id = 'urn:ngsi-ld:TideGauge:SaintMalo'
const north = 'urn:ngsi-ld:Dataset:north'
const point = { type: 'Point', coordinates: [-2.0256, 48.6493] }
const elsewhere = { type: 'Point', coordinates: [-4.49, 48.38] }

const level = {
  type: 'Property',
  value: 4.2,
  unitCode: 'MTR',
  accuracy: { type: 'Property', value: 0.01, method: { type: 'Property', value: 'radar' } },
}
const address = { type: 'Property', value: { street: 'Quai Solidor', city: { name: 'Saint-Malo', code: 35400 } } }
const names = { type: 'LanguageProperty', languageMap: { fr: 'Saint-Malo', br: 'Sant-Maloù' } }
const operator = {
  type: 'Relationship',
  object: 'urn:ngsi-ld:Organization:Shom',
  since: { type: 'Property', value: 1997 },
}
const state = { type: 'VocabProperty', vocab: 'working' }
const raw = { type: 'JsonProperty', json: { a: { b: 1, c: 2 } } }
const steps = { type: 'ListProperty', valueList: [1, 2, 3] }
const ports = { type: 'ListRelationship', objectList: [{ object: 'urn:a:1' }] }

type Parameters = Partial<Pick<MergeMode, 'simplified' | 'lang' | 'observedAt' | 'context'>>

function stored(members: JsonObject): EntityState {
  return createEntity(undefined, readEntity(coreContext, { id, type: 'TideGauge', ...members }), T1)
}

function merge(before: JsonObject, sent: JsonObject, parameters: Parameters = {}): EntityState {
  const mode = { context: coreContext, nullDeletes: true, simplified: false, ...parameters }
  return mergeEntity(mode, stored(before), readMergeFragment(mode.context, sent), T2)
}

function content({ entity }: EntityState): JsonObject {
  const { id: _id, type: _type, ...members } = entity
  return members
}

interface Case {
  readonly name: string
  readonly before: JsonObject
  readonly sent: JsonObject
  readonly after: JsonObject
  readonly parameters?: Parameters
}

function checkCases(cases: readonly Case[]): void {
  for (const { name, before, sent, after, parameters } of cases) {
    it(name, () => {
      expect(content(merge(before, sent, parameters))).to.deep.equal(after)
    })
  }
}

describe('Merge Entity (5.5.12, 5.6.17): attributes', () => {
  checkCases([
    {
      name: 'appends what is missing',
      before: { level },
      sent: { trend: 'rising' },
      after: { level, trend: { type: 'Property', value: 'rising' } },
    },
    {
      name: 'changes the value and leaves the sub-attributes',
      before: { level },
      sent: { level: { type: 'Property', value: 5 } },
      after: { level: { ...level, value: 5 } },
    },
    {
      name: 'takes a bare value for the kind that is stored',
      before: { level, operator },
      sent: { level: 5, operator: 'urn:ngsi-ld:Organization:Ifremer' },
      after: { level: { ...level, value: 5 }, operator: { ...operator, object: 'urn:ngsi-ld:Organization:Ifremer' } },
    },
    {
      name: 'takes a fragment without a value',
      before: { level },
      sent: { level: { type: 'Property', unitCode: 'CMT' } },
      after: { level: { ...level, unitCode: 'CMT' } },
    },
    {
      name: 'knows a concise fragment without a value by its members',
      before: { level },
      sent: { level: { observedAt: NOON } },
      after: { level: { ...level, observedAt: NOON } },
    },
    {
      name: 'merges into sub-attributes of sub-attributes',
      before: { level },
      sent: { level: { accuracy: { type: 'Property', value: 0.02 } } },
      after: { level: { ...level, accuracy: { ...level.accuracy, value: 0.02 } } },
    },
    {
      name: 'appends a sub-attribute',
      before: { level },
      sent: { level: { value: 5, source: { object: 'urn:a:1' } } },
      after: { level: { ...level, value: 5, source: { type: 'Relationship', object: 'urn:a:1' } } },
    },
    {
      name: 'deletes an attribute by the NGSI-LD Null, short form',
      before: { level, address },
      sent: { level: NULL },
      after: { address },
    },
    {
      name: 'deletes an attribute by the NGSI-LD Null, long form',
      before: { level, address },
      sent: { level: { type: 'Property', value: NULL } },
      after: { address },
    },
    {
      name: 'deletes a Relationship and a LanguageProperty by their forms of null',
      before: { operator, names, level },
      sent: { operator: { object: NULL }, names: { languageMap: { '@none': NULL } } },
      after: { level },
    },
    {
      name: 'deletes members and sub-attributes by the NGSI-LD Null',
      before: { level },
      sent: { level: { unitCode: NULL, accuracy: { method: NULL, value: 0.02 } } },
      after: { level: { type: 'Property', value: 4.2, accuracy: { type: 'Property', value: 0.02 } } },
    },
    {
      name: 'a null for what is absent adds nothing',
      before: { level },
      sent: { trend: NULL, level: { accuracy: { source: NULL } } },
      after: { level },
    },
    {
      name: 'merges the instance with its datasetId alone (4.5.5)',
      before: { level: [level, { ...level, datasetId: north }] },
      sent: { level: { value: 9, datasetId: north } },
      after: { level: [level, { ...level, value: 9, datasetId: north }] },
    },
    {
      name: 'merges several instances at once, appends and deletes',
      before: { level: [level, { ...level, datasetId: north }] },
      sent: {
        level: [
          { type: 'Property', value: NULL },
          { value: 7, datasetId: 'urn:d:s' },
        ],
      },
      after: {
        level: [
          { ...level, datasetId: north },
          { type: 'Property', value: 7, datasetId: 'urn:d:s' },
        ],
      },
    },
    {
      name: 'merges one instance of a sub-attribute',
      before: {
        level: {
          ...level,
          accuracy: [
            { type: 'Property', value: 1 },
            { type: 'Property', value: 2, datasetId: north },
          ],
        },
      },
      sent: { level: { accuracy: { value: 3, datasetId: north } } },
      after: {
        level: {
          ...level,
          accuracy: [
            { type: 'Property', value: 1 },
            { type: 'Property', value: 3, datasetId: north },
          ],
        },
      },
    },
    {
      name: 'names of prototypes are names',
      before: {},
      sent: { constructor: 1, toString: { value: 2, hasOwnProperty: 3 } },
      after: {
        constructor: { type: 'Property', value: 1 },
        toString: { type: 'Property', value: 2, hasOwnProperty: { type: 'Property', value: 3 } },
      },
    },
  ])

  it('keeps createdAt of what it merges into, and marks only that as modified (4.8)', () => {
    const { times } = merge({ level, address }, { level: 5, trend: 'rising' })
    expect(times).to.deep.equal({
      created: T1,
      modified: T2,
      attributes: { level: { '@none': [T1, T2] }, trend: { '@none': [T2, T2] } },
    })
  })

  it('a fragment that changes nothing leaves the entity as it is, modifiedAt too', () => {
    const before = stored({ level })
    const mode = { context: coreContext, nullDeletes: true, simplified: false }
    expect(mergeEntity(mode, before, readMergeFragment(coreContext, { id, trend: NULL }), T2)).to.equal(before)
  })

  it('does not change what it was given', () => {
    const before = stored({ level, address, names })
    const copy = structuredClone(before)
    const mode = { context: coreContext, nullDeletes: true, simplified: false }
    const sent = {
      type: 'Sensor',
      level: { accuracy: { value: 1 } },
      address: { value: { city: { code: NULL } } },
      names: { languageMap: { fr: NULL } },
    }
    mergeEntity(mode, before, readMergeFragment(coreContext, sent), T2)
    expect(before).to.deep.equal(copy)
  })
})

describe('Merge Entity (5.5.12): values', () => {
  checkCases([
    {
      name: 'goes into objects to any depth',
      before: { address },
      sent: { address: { value: { city: { code: NULL, dept: 35 } } } },
      after: {
        address: { type: 'Property', value: { street: 'Quai Solidor', city: { name: 'Saint-Malo', dept: 35 } } },
      },
    },
    {
      name: 'takes an object that is no attribute for a value',
      before: { address },
      sent: { address: { street: 'Sillon' } },
      after: { address: { type: 'Property', value: { ...address.value, street: 'Sillon' } } },
    },
    {
      name: 'replaces lists whole (RFC 7396)',
      before: { a: { type: 'Property', value: { list: [1, 2] } } },
      sent: { a: { value: { list: [3] } } },
      after: { a: { type: 'Property', value: { list: [3] } } },
    },
    {
      name: 'replaces an object by a number, and a number by an object without its nulls',
      before: { address, level: 1 },
      sent: { address: 7, level: { value: { a: NULL, b: 1 } } },
      after: { address: { type: 'Property', value: 7 }, level: { type: 'Property', value: { b: 1 } } },
    },
    {
      name: 'drops the nulls of a value that is new',
      before: {},
      sent: { address: { value: { street: 'Sillon', city: NULL } } },
      after: { address: { type: 'Property', value: { street: 'Sillon' } } },
    },
    {
      name: 'does not mix typed values',
      before: { a: { type: 'Property', value: { '@type': 'DateTime', '@value': MORNING } } },
      sent: { a: { value: { '@type': 'Date', '@value': '2026-11-22' } } },
      after: { a: { type: 'Property', value: { type: 'Date', '@value': '2026-11-22' } } },
    },
    {
      name: 'merges a languageMap by its tags',
      before: { names },
      sent: { names: { languageMap: { br: NULL, en: 'Saint Malo' } } },
      after: { names: { type: 'LanguageProperty', languageMap: { fr: 'Saint-Malo', en: 'Saint Malo' } } },
    },
    {
      name: 'merges raw JSON, its names untouched (4.5.24)',
      before: { raw },
      sent: { raw: { json: { a: { c: NULL, type: 'x' } } } },
      after: { raw: { type: 'JsonProperty', json: { a: { b: 1, type: 'x' } } } },
    },
    {
      name: 'replaces geometries, and merges into them',
      before: { location: point, place: point },
      sent: { location: elsewhere, place: { value: { coordinates: [-1, 48] } } },
      after: {
        location: { type: 'GeoProperty', value: elsewhere },
        place: { type: 'GeoProperty', value: { type: 'Point', coordinates: [-1, 48] } },
      },
    },
    {
      name: 'replaces vocabularies, lists and lists of relationships',
      before: { state, steps, ports },
      sent: { state: { vocab: ['working', 'tested'] }, steps: { valueList: [9] }, ports: { objectList: ['urn:a:2'] } },
      after: {
        state: { type: 'VocabProperty', vocab: ['working', 'tested'] },
        steps: { type: 'ListProperty', valueList: [9] },
        ports: { type: 'ListRelationship', objectList: [{ object: 'urn:a:2' }] },
      },
    },
  ])

  it('deletes in a value by the names and coercions of the @context that came with it (5.5.7)', async () => {
    const context = await compile({
      opened: { '@id': 'https://littoral.example/opened', '@type': 'https://uri.etsi.org/ngsi-ld/DateTime' },
      keeper: { '@id': 'https://littoral.example/keeper', '@type': '@id' },
      state: { '@id': 'https://littoral.example/state', '@type': '@vocab' },
      log: { '@id': 'https://littoral.example/log', '@container': '@list' },
      raw: { '@id': 'https://littoral.example/raw', '@type': '@json' },
    })
    const names = ['opened', 'keeper', 'state', 'log', 'raw']
    const before = {
      facts: {
        type: 'Property',
        value: { ...Object.fromEntries(names.map((name) => [`https://littoral.example/${name}`, 1])), rest: 3 },
      },
    }
    const nulls = Object.fromEntries(names.map((name) => [name, NULL]))
    const after = content(merge(before, { facts: { value: nulls } }, { context }))
    expect(after).to.deep.equal({ facts: { type: 'Property', value: { rest: 3 } } })
  })

  it('deletes the id inside a value, not what has that id (5.5.12)', () => {
    const inside = { keeper: { id: 'urn:a:1', since: 1987 }, list: { '@list': [1], since: 1987 } }
    const patch = { keeper: { id: NULL }, list: { '@list': [NULL] } }
    const left = { keeper: { since: 1987 }, list: { since: 1987 } }
    const before = { facts: { type: 'Property', value: inside }, raw: { type: 'JsonProperty', json: inside } }
    const after = content(merge(before, { facts: { value: patch }, raw: { json: patch } }))
    expect(after).to.deep.equal({
      facts: { type: 'Property', value: left },
      raw: { type: 'JsonProperty', json: left },
    })
  })
})

/** RFC 7396, section 2, with the NGSI-LD Null where it has null. */
function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const merged = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === NULL) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value))
  }
  return Object.fromEntries(merged)
}

const leaf = fc.constantFrom<Json>(0, 1, true, 'x', [], [1, { a: 2 }])
const values = fc.letrec<{ stored: Json; patch: Json; object: Json }>((tie) => {
  const objectOf = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), value, { maxKeys: 3 })
  return {
    stored: fc.oneof({ maxDepth: 4 }, leaf, objectOf(tie('stored'))),
    patch: fc.oneof({ maxDepth: 4 }, leaf, fc.constant(NULL), objectOf(tie('patch'))),
    object: objectOf(tie('patch')),
  }
})

it('merges any value as RFC 7396 does (5.5.12)', () => {
  const merged = fc.property(values.stored, values.object, (value, patch) => {
    const after = content(merge({ a: { type: 'Property', value } }, { a: patch }, { simplified: true }))
    expect(after).to.deep.equal({ a: { type: 'Property', value: mergePatch(value, patch) } })
  })
  fc.assert(merged, { numRuns: 2000 })
})

describe('Merge Entity (5.6.17): members of the entity', () => {
  it('only ever adds types (4.16)', () => {
    expect(merge({}, { type: ['Sensor', 'TideGauge'] }).entity.type).to.deep.equal(['TideGauge', 'Sensor'])
  })
  checkCases([
    {
      name: 'sets a scope, and replaces one (4.18)',
      before: { scope: '/a' },
      sent: { scope: ['/b', '/c'] },
      after: { scope: ['/b', '/c'] },
    },
    { name: 'takes the scope away by the NGSI-LD Null', before: { scope: '/a' }, sent: { scope: NULL }, after: {} },
    {
      name: 'sets expiresAt (4.22)',
      before: { level },
      sent: { expiresAt: NOON, level: { expiresAt: NOON } },
      after: { level: { ...level, expiresAt: NOON }, expiresAt: NOON },
    },
    {
      name: 'takes expiresAt away by the NGSI-LD Null',
      before: { expiresAt: NOON, level: { ...level, expiresAt: NOON } },
      sent: { expiresAt: NULL, level: { expiresAt: NULL } },
      after: { level },
    },
  ])
})

describe('Merge Entity (5.6.17, 6.5.3.4): its parameters', () => {
  const observed = { ...level, observedAt: MORNING }
  const simplified = { simplified: true }
  checkCases([
    {
      name: 'observedAt refreshes what had one, and nothing else',
      before: { level: observed, depth: 7, trend: observed },
      sent: { level: 5, depth: 8 },
      parameters: { observedAt: NOON },
      after: {
        level: { ...observed, value: 5, observedAt: NOON },
        depth: { type: 'Property', value: 8 },
        trend: observed,
      },
    },
    {
      name: 'an observedAt of the body goes before the parameter',
      before: { level: observed },
      sent: { level: { value: 5, observedAt: '2026-11-22T11:00:00Z' } },
      parameters: { observedAt: NOON },
      after: { level: { ...observed, value: 5, observedAt: '2026-11-22T11:00:00Z' } },
    },
    {
      name: 'an observedAt that the body deletes stays away',
      before: { level: observed },
      sent: { level: { observedAt: NULL } },
      parameters: { observedAt: NOON },
      after: { level },
    },
    {
      name: 'observedAt is not for sub-attributes',
      before: { level: { ...level, accuracy: observed } },
      sent: { level: { accuracy: { value: 1 } } },
      parameters: { observedAt: NOON },
      after: { level: { ...level, accuracy: { ...observed, value: 1 } } },
    },
    {
      name: 'lang picks the key of a text',
      before: { names },
      sent: { names: 'Saint Malo' },
      parameters: { lang: 'en' },
      after: { names: { type: 'LanguageProperty', languageMap: { ...names.languageMap, en: 'Saint Malo' } } },
    },
    {
      name: 'lang picks the key of a list of texts, in the object form too',
      before: { names },
      sent: { names: { type: 'LanguageProperty', languageMap: ['Saint-Malo', 'Intra-Muros'] } },
      parameters: { lang: 'fr' },
      after: {
        names: { type: 'LanguageProperty', languageMap: { ...names.languageMap, fr: ['Saint-Malo', 'Intra-Muros'] } },
      },
    },
    {
      name: 'lang makes no LanguageProperty of what is none',
      before: { level },
      sent: { level: 'high', trend: 'rising' },
      parameters: { lang: 'en' },
      after: { level: { ...level, value: 'high' }, trend: { type: 'Property', value: 'rising' } },
    },
    {
      name: 'simplified keeps the kind of every attribute',
      before: { level, operator, names, state, steps, ports, raw, location: point },
      sent: {
        level: 5,
        operator: 'urn:a:9',
        names: { languageMap: { en: 'Saint Malo' } },
        state: { vocab: 'tested' },
        steps: [4],
        ports: ['urn:a:3'],
        raw: { json: { d: 1 } },
        location: elsewhere,
      },
      parameters: simplified,
      after: {
        level: { ...level, value: 5 },
        operator: { ...operator, object: 'urn:a:9' },
        names: { type: 'LanguageProperty', languageMap: { ...names.languageMap, en: 'Saint Malo' } },
        state: { type: 'VocabProperty', vocab: 'tested' },
        steps: { type: 'ListProperty', valueList: [4] },
        ports: { type: 'ListRelationship', objectList: [{ object: 'urn:a:3' }] },
        raw: { type: 'JsonProperty', json: { a: { b: 1, c: 2 }, d: 1 } },
        location: { type: 'GeoProperty', value: elsewhere },
      },
    },
    {
      name: 'simplified appends by the look of the value',
      before: {},
      sent: { level: 5, names: { languageMap: { fr: 'x' } }, state: { vocab: 'x' }, raw: { json: 1 }, location: point },
      parameters: simplified,
      after: {
        level: { type: 'Property', value: 5 },
        names: { type: 'LanguageProperty', languageMap: { fr: 'x' } },
        state: { type: 'VocabProperty', vocab: 'x' },
        raw: { type: 'JsonProperty', json: 1 },
        location: { type: 'GeoProperty', value: point },
      },
    },
    {
      name: 'simplified takes any object for a value',
      before: { address },
      sent: { address: { type: 'Property', value: 7 } },
      parameters: simplified,
      after: { address: { type: 'Property', value: { ...address.value, type: 'Property', value: 7 } } },
    },
    {
      name: 'simplified tells instances apart under dataset (4.5.4)',
      before: { level: [level, { ...level, datasetId: north }] },
      sent: { level: { dataset: { '@none': 1, [north]: 2, 'urn:d:s': 3 } } },
      parameters: simplified,
      after: {
        level: [
          { ...level, value: 1 },
          { ...level, value: 2, datasetId: north },
          { type: 'Property', value: 3, datasetId: 'urn:d:s' },
        ],
      },
    },
    {
      name: 'simplified deletes by the NGSI-LD Null',
      before: { level: [level, { ...level, datasetId: north }], names },
      sent: { level: { dataset: { [north]: NULL } }, names: NULL },
      parameters: simplified,
      after: { level },
    },
  ])
})

const refusals: readonly (readonly [name: string, sent: JsonObject, says: string, parameters?: Parameters])[] = [
  ['another kind', { level: { type: 'Relationship', object: 'urn:a:1' } }, 'level.type'],
  ["another kind's value member", { level: { object: 'urn:a:1' } }, 'level.object'],
  ['another kind of a sub-attribute', { level: { accuracy: { object: 'urn:a:1' } } }, 'level.accuracy.object'],
  ['a type that is no kind', { level: { type: NULL, value: 1 } }, 'level.type'],
  ['a datasetId nulled away (5.5.12)', { level: { value: 1, datasetId: NULL } }, 'level.datasetId'],
  ['a fragment without a value for what is not there', { trend: { observedAt: NOON } }, 'trend'],
  ['a normalized one too', { trend: { type: 'Property', unitCode: 'MTR' } }, "trend: a Property needs 'value'"],
  ['JSON null (4.5.0)', { level: null }, 'level'],
  ['JSON null as a value', { level: { value: null } }, 'level.value'],
  ['a null in a list in a value (5.5.4)', { address: { value: { list: [{ a: NULL }] } } }, 'address.value'],
  ['the type of an entity nulled away', { type: NULL }, 'type'],
  ['the id of an entity nulled away', { id: NULL }, 'id'],
  ['a text for a languageMap without lang', { names: 'Saint-Malo' }, 'lang'],
  ['what is no text for a languageMap', { names: 7 }, 'names', { lang: 'fr' }],
  [
    'two default instances (4.5.5.1)',
    {
      level: [
        { type: 'Property', value: 1 },
        { type: 'Property', value: 2 },
      ],
    },
    'level',
  ],
  ['a geometry that is none any more', { location: { value: { coordinates: [700, 48] } } }, 'location.value'],
  [
    'a wrapper of another kind in simplified form (6.5.3.4)',
    { level: { languageMap: { fr: 'x' } } },
    'level',
    { simplified: true },
  ],
  [
    'a datasetId that is no URI in simplified form',
    { level: { dataset: { north: 1 } } },
    'level.datasetId',
    { simplified: true },
  ],
]

describe('Merge Entity (5.6.17) refuses, naming the member,', () => {
  for (const [name, sent, says, parameters] of refusals) {
    it(name, () => {
      const act = (): unknown => merge({ level, address, names, location: point }, sent, parameters)
      expect(act).to.throw(NgsiError, says).with.property('name', 'BadRequestData')
    })
  }
})

describe('ngsildproof (4.5.2.2, C.11)', () => {
  const proof: JsonObject = {
    type: 'Property',
    value: { type: 'DataIntegrityProof', proofValue: 'z3Xr' },
    entityIdSealed: id,
    entityTypeSealed: 'TideGauge',
  }
  const create = (members: JsonObject): JsonObject => content(stored(members))

  it('holds the sealed members, in an attribute and in an entity', () => {
    const members = { level: { ...level, ngsildproof: proof }, ngsildproof: proof }
    expect(create(members)).to.deep.equal(members)
  })

  it('can be merged into', () => {
    const { entity } = merge(
      { level: { ...level, ngsildproof: proof } },
      { level: { ngsildproof: { type: 'Property', entityTypeSealed: 'Buoy' } } },
    )
    expect(entity['level']).to.deep.equal({ ...level, ngsildproof: { ...proof, entityTypeSealed: 'Buoy' } })
  })

  const refused: readonly (readonly [name: string, members: JsonObject, says: string])[] = [
    ['entityIdSealed elsewhere', { level: { value: 1, entityIdSealed: id } }, 'level.entityIdSealed'],
    ['entityTypeSealed elsewhere', { level: { value: 1, entityTypeSealed: 'A' } }, 'level.entityTypeSealed'],
    [
      'a sealed member inside an attribute of the proof',
      { level: { value: 1, ngsildproof: { ...proof, by: { value: 1, entityIdSealed: id } } } },
      'entityIdSealed',
    ],
    ['a sealed member of the entity', { entityIdSealed: id }, 'entityIdSealed'],
    ['a sealed id that is no URI', { ngsildproof: { ...proof, entityIdSealed: 7 } }, 'ngsildproof.entityIdSealed'],
    ['a proof that is no object', { ngsildproof: { type: 'Property', value: 'z3Xr' } }, 'ngsildproof'],
    ['a proof of another kind', { level: { value: 1, ngsildproof: { object: 'urn:a:1' } } }, 'level.ngsildproof'],
  ]
  for (const [name, members, says] of refused) {
    it(`refuses ${name}`, () => {
      expect(() => create(members))
        .to.throw(NgsiError, says)
        .with.property('name', 'BadRequestData')
    })
  }
})

const nulls: readonly (readonly [name: string, sent: Json, says: string])[] = [
  ['inside the value of a Property', { value: { a: { b: NULL } } }, 'level.value'],
  ['in the list form inside a value', { value: { a: [NULL] } }, 'level.value'],
  ['inside a bare value', { a: NULL }, 'level'],
  ['in a ListProperty', { valueList: [{ a: NULL }] }, 'level.valueList'],
  ['among URIs', { object: ['urn:a:1', NULL] }, 'level.object'],
  ['in a languageMap', { languageMap: { fr: NULL, br: 'x' } }, 'level.languageMap'],
  ['as a unitCode', { value: 1, unitCode: NULL }, 'level.unitCode'],
  ['as a valueType', { value: 1, valueType: NULL }, 'level.valueType'],
  ['as a sub-attribute', { value: 1, accuracy: NULL }, 'level.accuracy'],
]

describe('the NGSI-LD Null is refused outside of fragments (5.5.4)', () => {
  for (const [name, sent, says] of nulls) {
    it(name, () => {
      expect(() => stored({ level: sent }))
        .to.throw(NgsiError, says)
        .with.property('name', 'BadRequestData')
    })
  }

  for (const member of ['type', 'scope', 'expiresAt']) {
    it(`as the ${member} of an entity`, () => {
      expect(() => stored({ [member]: NULL }))
        .to.throw(NgsiError, member)
        .with.property('name', 'BadRequestData')
    })
  }
})
