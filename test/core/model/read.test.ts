import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readEntity } from '../../../src/core/model/read-entity.ts'
import { renderEntity } from '../../../src/core/model/render/entity.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'

const id = 'urn:ngsi-ld:Building:SaintMalo:Etoc'
const time = '2026-01-01T00:00:00.000000Z'
const point = { type: 'Point', coordinates: [-2.0256, 48.6493] }

function read(members: JsonObject): JsonObject {
  const { entity } = createEntity(undefined, readEntity(coreContext, { id, type: 'Building', ...members }), time)
  const { id: _id, type: _type, ...rest } = entity
  return rest
}

function refusal(members: JsonObject): NgsiError {
  try {
    read(members)
  } catch (error) {
    if (error instanceof NgsiError) return error
    throw error
  }
  throw new Error(`accepted: ${JSON.stringify(members)}`)
}

/** concise -> normalized: every kind (A2), and what has to be told apart. */
const kinds: readonly (readonly [string, Json, Json])[] = [
  ['Property from a number (4.5.2)', 4, { type: 'Property', value: 4 }],
  ['Property from a text', 'Étoc', { type: 'Property', value: 'Étoc' }],
  ['Property from false', false, { type: 'Property', value: false }],
  ['Property from a list', ['a', 'b'], { type: 'Property', value: ['a', 'b'] }],
  ['Property from an object', { city: 'Saint-Malo' }, { type: 'Property', value: { city: 'Saint-Malo' } }],
  [
    'Property with a sub-attribute',
    { value: 4, unitCode: 'MTR', accuracy: 1 },
    { type: 'Property', value: 4, unitCode: 'MTR', accuracy: { type: 'Property', value: 1 } },
  ],
  ['GeoProperty from a geometry (4.7)', point, { type: 'GeoProperty', value: point }],
  ['GeoProperty from {value}', { value: point }, { type: 'GeoProperty', value: point }],
  [
    'GeoProperty from JSON text (4.7.2)',
    { type: 'GeoProperty', value: JSON.stringify(point) },
    { type: 'GeoProperty', value: point },
  ],
  [
    'LanguageProperty (4.5.18)',
    { languageMap: { fr: 'Port', en: ['Harbour', 'Port'] } },
    { type: 'LanguageProperty', languageMap: { fr: 'Port', en: ['Harbour', 'Port'] } },
  ],
  ['VocabProperty (4.5.20)', { vocab: 'dwelling' }, { type: 'VocabProperty', vocab: 'dwelling' }],
  [
    'JsonProperty, untouched (4.5.24)',
    { json: { type: 'x', id: 4, a: null } },
    { type: 'JsonProperty', json: { type: 'x', id: 4, a: null } },
  ],
  ['ListProperty (4.5.21)', { valueList: [3, 1, 3] }, { type: 'ListProperty', valueList: [3, 1, 3] }],
  [
    'Relationship (4.5.3)',
    { object: 'urn:ngsi-ld:Parcel:1' },
    { type: 'Relationship', object: 'urn:ngsi-ld:Parcel:1' },
  ],
  [
    'Relationship to several',
    { object: ['urn:a:1', 'urn:a:2'], objectType: 'Parcel' },
    { type: 'Relationship', object: ['urn:a:1', 'urn:a:2'], objectType: 'Parcel' },
  ],
  [
    'ListRelationship (4.5.22), URIs',
    { objectList: ['urn:a:2', 'urn:a:1'] },
    { type: 'ListRelationship', objectList: [{ object: 'urn:a:2' }, { object: 'urn:a:1' }] },
  ],
  [
    'ListRelationship, objects',
    { objectList: [{ object: 'urn:a:2' }] },
    { type: 'ListRelationship', objectList: [{ object: 'urn:a:2' }] },
  ],
  [
    'an object whose type is no kind is a value',
    { type: 'PostalAddress', addressLocality: 'Saint-Malo' },
    { type: 'Property', value: { type: 'PostalAddress', addressLocality: 'Saint-Malo' } },
  ],
  [
    'a list of objects with a member value is a value',
    [
      { id: 0, value: 'Low' },
      { id: 1, value: 'High' },
    ],
    {
      type: 'Property',
      value: [
        { id: 0, value: 'Low' },
        { id: 1, value: 'High' },
      ],
    },
  ],
  ['datasetId @none is none (4.5.5.1)', { value: 1, datasetId: '@none' }, { type: 'Property', value: 1 }],
  [
    'read-only members are ignored (5.2.2)',
    { value: 1, createdAt: 'x', instanceId: 'y' },
    { type: 'Property', value: 1 },
  ],
  [
    'a comma before the fraction (4.6.3)',
    { value: 1, observedAt: '2026-01-01T00:00:00,5Z' },
    { type: 'Property', value: 1, observedAt: '2026-01-01T00:00:00.5Z' },
  ],
]

describe('attribute kinds read (4.5)', () => {
  for (const [name, sent, normalized] of kinds) {
    it(name, () => {
      expect(read({ a: sent })).to.deep.equal({ a: normalized })
    })
  }

  it('reads back what it renders, in normalized and concise form', () => {
    for (const [, sent] of kinds) {
      const state = createEntity(undefined, readEntity(coreContext, { id, type: 'Building', a: sent }), time)
      for (const format of ['normalized', 'concise'] as const) {
        const rendered = renderEntity(state.entity, state.times, { context: coreContext, format, sysAttrs: false })
        expect(read({ a: rendered['a'] ?? null }), format).to.deep.equal({ a: state.entity['a'] })
      }
    }
  })
})

const refusals: readonly (readonly [string, JsonObject, string])[] = [
  ['JSON null (4.5.0)', { height: null }, 'height'],
  ['null as a value', { height: { type: 'Property', value: null } }, 'height.value'],
  ['the NGSI-LD Null outside fragments (5.5.4)', { height: 'urn:ngsi-ld:null' }, 'height'],
  ['an unknown kind', { height: { type: 'string', value: 'x' } }, 'height'],
  ['a kind without its value member', { height: { type: 'Property', unitCode: 'MTR' } }, 'height'],
  ['a foreign value member (4.5.2.2)', { height: { type: 'Property', value: 1, object: 'urn:a:1' } }, 'height.object'],
  ['unitCode on a Relationship', { owner: { object: 'urn:a:1', unitCode: 'MTR' } }, 'owner.unitCode'],
  ['objectType on a Property', { height: { value: 1, objectType: 'A' } }, 'height.objectType'],
  ['an object that is no URI', { owner: { type: 'Relationship', object: 'not a uri' } }, 'owner.object'],
  [
    'GeometryCollection (4.7.1)',
    { location: { type: 'GeoProperty', value: { type: 'GeometryCollection', geometries: [] } } },
    'location.value',
  ],
  ['Lambert-93 metres', { location: { type: 'Point', coordinates: [329000, 6850000] } }, 'location.coordinates'],
  ['a position of text', { location: { type: 'Point', coordinates: ['-2', '48'] } }, 'location.coordinates'],
  [
    'two default instances (4.5.5.1)',
    {
      height: [
        { type: 'Property', value: 1 },
        { type: 'Property', value: 2 },
      ],
    },
    'height',
  ],
  [
    'an offset in a DateTime (4.6.3)',
    { height: { value: 1, observedAt: '2026-01-01T00:00:00+02:00' } },
    'height.observedAt',
  ],
  [
    'seven fraction digits (4.6.3)',
    { height: { value: 1, observedAt: '2026-01-01T00:00:00.1234567Z' } },
    'height.observedAt',
  ],
  ['30 February', { height: { value: 1, observedAt: '2026-02-30T00:00:00Z' } }, 'height.observedAt'],
  ['an illegal name (4.6.2)', { 'a b': 1 }, 'a b'],
  ['a name with angle brackets', { '<script>': 1 }, '<script>'],
  ['a member name as attribute', { unitCode: 'MTR' }, 'unitCode'],
  [
    'an @context in an attribute (4.5.1)',
    { height: { value: 1, '@context': 'https://example.org/c' } },
    'height.@context',
  ],
  ['a language tag that is none', { name: { languageMap: { 'not a tag': 'x' } } }, 'name.languageMap'],
  ['a bad scope (4.19)', { scope: '/a//b' }, 'scope'],
]

describe('what is no entity is refused, naming the member', () => {
  for (const [name, sent, member] of refusals) {
    it(name, () => {
      const error = refusal(sent)
      expect(error.name).to.equal('BadRequestData')
      expect(error.detail).to.include(member)
    })
  }

  it('id and type are needed', () => {
    expect(() => readEntity(coreContext, { type: 'Building' })).to.throw(NgsiError, 'id')
    expect(() => readEntity(coreContext, { id })).to.throw(NgsiError, 'type')
    expect(() => readEntity(coreContext, { id: 'Building 1', type: 'Building' })).to.throw(NgsiError, 'id')
  })
})

describe('simplified representation (4.5.4)', () => {
  it('keeps the wrappers of languageMap, vocab and json, and tells instances apart under dataset', () => {
    const entity = readEntity(coreContext, {
      id,
      type: 'Building',
      name: { languageMap: { fr: 'Étoc' } },
      usage: { vocab: 'dwelling' },
      raw: { json: [1] },
      location: point,
      height: [
        { type: 'Property', value: 1 },
        { type: 'Property', value: 2, datasetId: 'urn:d:lidar' },
      ],
      parcels: { objectList: ['urn:a:1'] },
    })
    const { entity: stored, times } = createEntity(undefined, entity, time)
    expect(renderEntity(stored, times, { context: coreContext, format: 'simplified', sysAttrs: false })).to.deep.equal({
      id,
      type: 'Building',
      name: { languageMap: { fr: 'Étoc' } },
      usage: { vocab: 'dwelling' },
      raw: { json: [1] },
      location: point,
      height: { dataset: { '@none': 1, 'urn:d:lidar': 2 } },
      parcels: ['urn:a:1'],
    })
  })
})
