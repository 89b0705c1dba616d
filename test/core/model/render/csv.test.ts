import { expect } from 'chai'
import type { Json, JsonObject } from '../../../../src/base/json.ts'
import { parseLang } from '../../../../src/core/model/language.ts'
import { createColumns, csvHeader, csvRow, rowOf } from '../../../../src/core/model/render/csv.ts'
import type { RenderOptions } from '../../../../src/core/model/render/options.ts'
import { BREST, GPS, normalized, point, simplified, stateOf } from './support.ts'

/** The lines of a table of entities. */
function table(entities: readonly JsonObject[], options: RenderOptions): readonly string[] {
  const columns = createColumns(options)
  const rows = entities.map((members) => rowOf(stateOf(members), options))
  for (const row of rows) columns.add(row)
  const names = columns.names()
  return [csvHeader(names), ...rows.map((row) => csvRow(names, row))]
}

/** The columns of one attribute and their cells. */
function cellsOf(value: Json, options: RenderOptions = normalized): Record<string, string> {
  return Object.fromEntries(rowOf(stateOf({ a: value }), options).get('a') ?? [])
}

const cells: readonly (readonly [string, Json, Record<string, string>])[] = [
  ['a number', -4.2, { a: '-4.2' }],
  ['a truth value', false, { a: 'false' }],
  ['a list is JSON', ['a', 1, true], { a: '["a",1,true]' }],
  [
    'an object has a column for each thing in it',
    { city: { name: 'Brest', zip: [] } },
    { 'a[city.name]': 'Brest', 'a[city.zip]': '[]' },
  ],
  [
    'a typed value is its content',
    { type: 'Property', value: { '@type': 'Date', '@value': '2026-11-22' } },
    { a: '2026-11-22' },
  ],
  [
    'keys that hold what paths are made of are quoted',
    { 'a.b': 1, a: { b: 2 }, 'c]': 3, '"': 4, '': 5 },
    { 'a["a.b"]': '1', 'a[a.b]': '2', 'a["c]"]': '3', 'a["\\""]': '4', 'a[""]': '5' },
  ],
  ['a true null is empty', { type: 'Property', value: { '@type': '@json', '@value': null } }, { a: '' }],
  [
    'members of an attribute',
    { value: 4, unitCode: 'MTR', observedAt: '2026-11-22T09:30:00Z', accuracy: { value: 0.1, method: 'radar' } },
    {
      a: '4',
      'a.unitCode': 'MTR',
      'a.observedAt': '2026-11-22T09:30:00Z',
      'a.accuracy': '0.1',
      'a.accuracy.method': 'radar',
    },
  ],
  [
    'several instances',
    [
      { type: 'Property', value: 4.2 },
      { type: 'Property', value: 4.3, datasetId: GPS, unitCode: 'MTR' },
    ],
    { a: '4.2', [`a[datasetId=${GPS}]`]: '4.3', [`a[datasetId=${GPS}].unitCode`]: 'MTR' },
  ],
  ['a geometry is WKT', { value: point, accuracy: 3 }, { a: 'POINT (-4.4952 48.3829)', 'a.accuracy': '3' }],
  [
    'a text in languages',
    { languageMap: { fr: 'port', en: ['port', 'harbour'] } },
    { 'a[fr]': 'port', 'a[en]': '["port","harbour"]' },
  ],
  ['a vocabulary name', { vocab: 'rising' }, { a: 'rising' }],
  ['raw JSON', { json: { type: 'raw', n: [null] } }, { 'a[type]': 'raw', 'a[n]': '[null]' }],
  ['a list of values', { valueList: [3, 1] }, { a: '[3,1]' }],
  ['a relationship', { object: 'urn:a:1', objectType: 'Port' }, { a: 'urn:a:1', 'a.objectType': 'Port' }],
  ['a list of relationships', { objectList: ['urn:a:2', 'urn:a:1'] }, { a: '["urn:a:2","urn:a:1"]' }],
]

describe('CSV: the cells of an attribute', () => {
  for (const [name, sent, expected] of cells) {
    it(name, () => {
      expect(cellsOf(sent)).to.deep.equal(expected)
    })
  }

  it('one language where lang asks for it (4.15)', () => {
    const options = { ...normalized, languages: parseLang('fr', 'lang') }
    expect(cellsOf({ languageMap: { fr: 'port' } }, options)).to.deep.equal({ a: 'port', 'a.lang': 'fr' })
  })

  it('simplified: values alone', () => {
    expect(cellsOf({ value: 4, unitCode: 'MTR', accuracy: 1 }, simplified)).to.deep.equal({ a: '4' })
  })

  it('a linked entity has its columns behind the relationship (4.5.23.2)', () => {
    const port = stateOf({ id: 'urn:p', type: 'Port', depth: 12 })
    const linked = { entityOf: () => port, levels: 1, within: new Set<string>() }
    expect(cellsOf({ object: 'urn:p' }, { ...normalized, linked })).to.deep.equal({
      ...{ a: 'urn:p', 'a.entity.id': 'urn:p', 'a.entity.type': 'Port', 'a.entity.depth': '12' },
    })
  })
})

describe('CSV: the table', () => {
  it('has a column for all that any entity has, id, type and scope first, what belongs together side by side', () => {
    expect(
      table(
        [
          { level: 4, name: 'Brest' },
          { id: 'urn:ngsi-ld:TideGauge:Roscoff', scope: '/Finistere', level: { value: 3, unitCode: 'MTR' } },
        ],
        normalized,
      ),
    ).to.deep.equal([
      'id,type,scope,level,level.unitCode,name\r\n',
      `${BREST},TideGauge,,4,,Brest\r\n`,
      'urn:ngsi-ld:TideGauge:Roscoff,TideGauge,/Finistere,3,MTR,\r\n',
    ])
  })

  it('has the columns that pick or attrs name, in their order, even where no entity has them', () => {
    const names = ['name', 'salinity', 'level']
    const picked = { ...normalized, pick: new Map(['id', ...names].map((name) => [name, undefined])) }
    expect(table([{ level: 4, name: 'Brest' }], picked)).to.deep.equal([
      'id,name,salinity,level\r\n',
      `${BREST},Brest,,4\r\n`,
    ])
    expect(table([{ level: 4 }], { ...normalized, attributes: new Set(names) })[0]).to.equal(
      'id,type,name,salinity,level\r\n',
    )
    expect(table([], picked)).to.deep.equal(['id,name,salinity,level\r\n'])
  })

  it('of nothing is a header all the same', () => {
    expect(table([], normalized)).to.deep.equal(['id,type\r\n'])
  })

  it('quotes what RFC 4180 wants quoted', () => {
    const [, row] = table([{ a: 'Brest, Penfeld', b: 'say "eau"', c: 'two\nlines', d: 'plain' }], normalized)
    expect(row).to.equal(`${BREST},TideGauge,"Brest, Penfeld","say ""eau""","two\nlines",plain\r\n`)
  })

  for (const [text, cell] of [
    ['=1+2', `'=1+2`],
    ['+33 2 98 00 00 00', `'+33 2 98 00 00 00`],
    ['-cmd', `'-cmd`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['\t=1', `'\t=1`],
    ['-4.2', '-4.2'],
    ['+33', '+33'],
    ['a=1', 'a=1'],
  ] as const) {
    it(`a spreadsheet runs no formula of ${JSON.stringify(text)}`, () => {
      expect(cellsOf(text)).to.deep.equal({ a: cell })
    })
  }
})
