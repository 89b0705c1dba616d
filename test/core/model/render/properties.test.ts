/** What must hold of every representation, whatever the entity. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/base/json.ts'
import { asArray, isObject } from '../../../../src/base/json.ts'
import { parseLang } from '../../../../src/core/model/language.ts'
import { createColumns, csvHeader, csvRow, rowOf } from '../../../../src/core/model/render/csv.ts'
import { renderEntity } from '../../../../src/core/model/render/entity.ts'
import type { RenderOptions } from '../../../../src/core/model/render/options.ts'
import type { EntityState } from '../../../../src/core/model/state.ts'
import { concise, GPS, normalized, point, show, simplified, stateOf } from './support.ts'

const RUNS = { numRuns: 400, seed: 20261122 }

/** Words with which a value can be taken for something else. */
const texts = fc.constantFrom('Property', 'GeoProperty', 'Point', 'TideGauge', 'Brest', 'urn:a:1', '', '=1', 'a,"b"\n')
const keys = fc.constantFrom(
  'type',
  'value',
  'object',
  'vocab',
  'json',
  'languageMap',
  'datasetId',
  'coordinates',
  'city',
)
const value = fc.letrec<{ any: Json; object: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.constantFrom<Json[]>(0, -4.2, true, point),
    fc.array(tie('any'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(keys, tie('any'), { maxKeys: 3 }),
})).any

const uri = fc.constantFrom('urn:a:1', 'urn:a:2')
const kinds: readonly fc.Arbitrary<JsonObject>[] = [
  fc.record({ type: fc.constant('Property'), value }),
  fc.record({ type: fc.constant('GeoProperty'), value: fc.constant(point) }),
  fc.record({
    type: fc.constant('LanguageProperty'),
    languageMap: fc.dictionary(fc.constantFrom('fr', 'br', 'fr-CH', '@none'), texts, { minKeys: 1, maxKeys: 2 }),
  }),
  fc.record({ type: fc.constant('VocabProperty'), vocab: fc.constantFrom<Json[]>('rising', ['rising', 'spring']) }),
  fc.record({ type: fc.constant('JsonProperty'), json: value }),
  fc.record({ type: fc.constant('ListProperty'), valueList: fc.array(value, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    type: fc.constant('Relationship'),
    object: fc.oneof(uri, fc.array(uri, { minLength: 1, maxLength: 3 })),
  }),
  fc.record({ type: fc.constant('ListRelationship'), objectList: fc.array(uri, { minLength: 1, maxLength: 3 }) }),
]
const more = fc.record(
  {
    observedAt: fc.constant('2026-11-22T09:30:00Z'),
    note: fc.oneof(...kinds),
    remark: fc.oneof(texts, fc.constant({ value: 1, source: { object: 'urn:a:1' } })),
  },
  { requiredKeys: [] },
)
const instance = fc
  .tuple(fc.oneof(...kinds), fc.option(more, { nil: {} }))
  .map(([kind, rest]) => ({ ...kind, ...rest }))
const attribute: fc.Arbitrary<Json> = fc.oneof(
  instance,
  instance.map((one) => ({ ...one, datasetId: GPS })),
  fc.tuple(instance, instance).map(([one, other]) => [one, { ...other, datasetId: GPS }]),
)
const entity: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom('level', 'trend', 'location', 'toString'),
  attribute,
  {
    minKeys: 1,
    maxKeys: 3,
  },
)

/** The entity as the broker holds it; what the broker refuses is not asked about. */
function accepted(members: JsonObject): EntityState {
  try {
    return stateOf(members)
  } catch {
    fc.pre(false)
    throw new Error('not reached')
  }
}

function forAll(check: (state: EntityState) => void): void {
  fc.assert(
    fc.property(entity, (members) => {
      check(accepted(members))
    }),
    RUNS,
  )
}

function shown({ entity: stored, times }: EntityState, options: RenderOptions): JsonObject {
  return renderEntity(stored, times, options)
}

/** Clause 4.5.4 over again, from the normalized form. */
function simplifiedFrom(member: Json): Json {
  const instances = asArray(member).filter(isObject)
  const values = instances.map((one) => [one['datasetId'] ?? '@none', simplifiedInstance(one)] as const)
  const [first] = values
  return values.length === 1 && first?.[0] === '@none'
    ? first[1]
    : { dataset: Object.fromEntries(values) as JsonObject }
}

function simplifiedInstance(one: JsonObject): Json {
  for (const bare of ['value', 'object', 'valueList']) if (one[bare] !== undefined) return one[bare]
  for (const name of ['languageMap', 'vocab', 'json']) if (one[name] !== undefined) return { [name]: one[name] }
  return asArray(one['objectList'] ?? []).map((item) => (isObject(item) ? (item['object'] ?? null) : item))
}

/** The cells of RFC 4180, read by its grammar. */
function cellsOf(line: string): readonly string[] {
  const cells = Array.from(line.replace(/\r\n$/, ',').matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*)),/g))
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}

describe('every representation', () => {
  it('concise and normalized read back as the same entity (4.5.2.3, 6.3.7: lossless)', () => {
    forAll((state) => {
      for (const options of [normalized, concise]) {
        expect(stateOf(shown(state, options)).entity).to.deep.equal(state.entity)
      }
    })
  })

  it('simplified is what clause 4.5.4 makes of normalized', () => {
    forAll((state) => {
      const { id, type, ...members } = shown(state, normalized)
      const expected = Object.fromEntries(
        Object.entries(members).map(([name, member]) => [name, simplifiedFrom(member)]),
      )
      expect(shown(state, simplified)).to.deep.equal({ id, type, ...expected })
    })
  })

  it('of an older version is what that version shows of it again (4.3.6.8)', () => {
    forAll((state) => {
      for (let version = 0; version <= 9; version += 1) {
        const options = { ...normalized, version }
        const once = shown(state, options)
        expect(show(once, options)).to.deep.equal(once)
        for (const format of [concise, simplified]) shown(state, { ...format, version })
      }
    })
  })

  it('with lang has no LanguageProperty left (4.15)', () => {
    forAll((state) => {
      const options = { ...normalized, languages: parseLang('br,fr;q=0.5', 'lang') }
      expect(JSON.stringify(shown(state, options))).to.not.contain('"LanguageProperty"')
    })
  })

  it('as CSV has a cell for each column, and every text unchanged but for formulas', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), entity, (text, members) => {
        const row = rowOf(accepted({ ...members, remark: text }), normalized)
        const columns = createColumns(normalized)
        columns.add(row)
        const header = cellsOf(csvHeader(columns.names()))
        const cells = cellsOf(csvRow(columns.names(), row))
        expect(cells).to.have.length(header.length)
        expect(cells[header.indexOf('remark')]?.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '')).to.equal(text)
      }),
      RUNS,
    )
  })
})
