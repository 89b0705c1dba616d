import { expect } from 'chai'
import type { Json, JsonObject } from '../../../../src/base/json.ts'
import { parseLang } from '../../../../src/core/model/language.ts'
import type { RenderOptions } from '../../../../src/core/model/render/options.ts'
import { compile } from '../../context/compile.ts'
import { BREST, concise, GPS, normalized, point, show, showMembers, simplified, stateOf } from './support.ts'
import { renderEntity } from '../../../../src/core/model/render/entity.ts'

const names = { languageMap: { fr: 'Marégraphe de Brest', en: ['Brest gauge', 'Penfeld gauge'] } }

/** As sent, normalized, concise, simplified: every kind (A2). */
const kinds: readonly (readonly [string, Json, Json, Json, Json])[] = [
  ['Property (4.5.2)', 4.2, { type: 'Property', value: 4.2 }, 4.2, 4.2],
  [
    'Property with a unit and a sub-attribute',
    { value: 4.2, unitCode: 'MTR', accuracy: { value: 0.1, method: 'radar' } },
    {
      type: 'Property',
      value: 4.2,
      unitCode: 'MTR',
      accuracy: { type: 'Property', value: 0.1, method: { type: 'Property', value: 'radar' } },
    },
    { value: 4.2, unitCode: 'MTR', accuracy: { value: 0.1, method: 'radar' } },
    4.2,
  ],
  [
    'Property with a valueType',
    { value: '4.20', valueType: 'http://www.w3.org/2001/XMLSchema#decimal' },
    { type: 'Property', value: '4.20', valueType: 'http://www.w3.org/2001/XMLSchema#decimal' },
    { value: '4.20', valueType: 'http://www.w3.org/2001/XMLSchema#decimal' },
    '4.20',
  ],
  ['GeoProperty (4.7)', point, { type: 'GeoProperty', value: point }, point, point],
  [
    'GeoProperty with a sub-attribute',
    { value: point, accuracy: 3 },
    { type: 'GeoProperty', value: point, accuracy: { type: 'Property', value: 3 } },
    { value: point, accuracy: 3 },
    point,
  ],
  ['LanguageProperty (4.5.18)', names, { type: 'LanguageProperty', ...names }, names, names],
  [
    'VocabProperty (4.5.20)',
    { vocab: ['rising', 'spring'] },
    { type: 'VocabProperty', vocab: ['rising', 'spring'] },
    { vocab: ['rising', 'spring'] },
    { vocab: ['rising', 'spring'] },
  ],
  [
    'JsonProperty (4.5.24)',
    { json: { type: 'raw', id: 7 } },
    { type: 'JsonProperty', json: { type: 'raw', id: 7 } },
    { json: { type: 'raw', id: 7 } },
    { json: { type: 'raw', id: 7 } },
  ],
  [
    'ListProperty (4.5.21)',
    { valueList: [3, 1, 3] },
    { type: 'ListProperty', valueList: [3, 1, 3] },
    { valueList: [3, 1, 3] },
    [3, 1, 3],
  ],
  [
    'Relationship (4.5.3)',
    { object: 'urn:ngsi-ld:Port:Brest', objectType: 'Port' },
    { type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest', objectType: 'Port' },
    { object: 'urn:ngsi-ld:Port:Brest', objectType: 'Port' },
    'urn:ngsi-ld:Port:Brest',
  ],
  [
    'Relationship to several',
    { object: ['urn:a:2', 'urn:a:1'] },
    { type: 'Relationship', object: ['urn:a:2', 'urn:a:1'] },
    { object: ['urn:a:2', 'urn:a:1'] },
    ['urn:a:2', 'urn:a:1'],
  ],
  [
    'ListRelationship (4.5.22)',
    { objectList: ['urn:a:2', 'urn:a:1'] },
    { type: 'ListRelationship', objectList: [{ object: 'urn:a:2' }, { object: 'urn:a:1' }] },
    { objectList: ['urn:a:2', 'urn:a:1'] },
    ['urn:a:2', 'urn:a:1'],
  ],
  [
    'several instances (4.5.5.1)',
    [
      { type: 'Property', value: 4.2 },
      { type: 'Property', value: 4.3, datasetId: GPS },
    ],
    [
      { type: 'Property', value: 4.2 },
      { type: 'Property', value: 4.3, datasetId: GPS },
    ],
    [{ value: 4.2 }, { value: 4.3, datasetId: GPS }],
    { dataset: { '@none': 4.2, [GPS]: 4.3 } },
  ],
  [
    'one instance that is not the default one (4.5.4)',
    { type: 'Property', value: 4.3, datasetId: GPS },
    { type: 'Property', value: 4.3, datasetId: GPS },
    { value: 4.3, datasetId: GPS },
    { dataset: { [GPS]: 4.3 } },
  ],
  [
    'the default instance by its name: @none is never shown (4.5.5.1)',
    { type: 'Property', value: 4.2, datasetId: '@none' },
    { type: 'Property', value: 4.2 },
    4.2,
    4.2,
  ],
  [
    'a value that would read back as something else (6.3.7: lossless)',
    { value: { object: 'urn:a:1' } },
    { type: 'Property', value: { object: 'urn:a:1' } },
    { value: { object: 'urn:a:1' } },
    { object: 'urn:a:1' },
  ],
  [
    'a Property with a geometry: it keeps its type (6.3.7: lossless)',
    { type: 'Property', value: point },
    { type: 'Property', value: point },
    { type: 'Property', value: point },
    point,
  ],
]

describe('the representations of a kind (4.5)', () => {
  for (const [name, sent, inNormalized, inConcise, inSimplified] of kinds) {
    it(name, () => {
      expect(showMembers({ a: sent }, normalized)).to.deep.equal({ a: inNormalized })
      expect(showMembers({ a: sent }, concise)).to.deep.equal({ a: inConcise })
      expect(showMembers({ a: sent }, simplified)).to.deep.equal({ a: inSimplified })
    })
  }

  it('are in the words of the context of the request; what it does not know is a whole IRI (5.5.7)', async () => {
    const shore = await compile({ level: 'https://shore.example/level', rising: 'https://shore.example/rising' })
    const state = stateOf({ level: { value: 4, trend: { vocab: 'rising' } } }, shore)
    const shown = renderEntity(state.entity, state.times, { ...concise, context: shore })
    expect(shown['level']).to.deep.equal({ value: 4, trend: { vocab: 'rising' } })
    expect(renderEntity(state.entity, state.times, concise)['https://shore.example/level']).to.deep.equal({
      value: 4,
      trend: { vocab: 'https://shore.example/rising' },
    })
  })
})

describe('sysAttrs (6.3.11)', () => {
  const sent = { level: { value: 4, expiresAt: '2099-01-01T00:00:00Z' }, expiresAt: '2099-02-01T00:00:00Z' }
  const created = { createdAt: '2026-11-22T09:30:00.000Z', modifiedAt: '2026-11-22T09:30:00.000Z' }

  it('are shown of entity and attribute, expiresAt with them (4.22)', () => {
    expect(showMembers(sent, { ...normalized, sysAttrs: true })).to.deep.equal({
      ...created,
      expiresAt: '2099-02-01T00:00:00Z',
      level: { type: 'Property', value: 4, expiresAt: '2099-01-01T00:00:00Z', ...created },
    })
  })

  it('are shown beside the value in concise form', () => {
    expect(showMembers({ level: 4 }, { ...concise, sysAttrs: true })['level']).to.deep.equal({ value: 4, ...created })
  })

  it('of a sub-attribute: its expiresAt, for its timestamps are not known (4.8)', () => {
    const accuracy = { type: 'Property', value: 1, expiresAt: '2099-01-01T00:00:00Z' }
    const shown = showMembers({ level: { value: 4, accuracy } }, { ...normalized, sysAttrs: true })
    expect(shown['level']).to.deep.include({ accuracy })
  })

  it('without them nothing of it is seen (4.22)', () => {
    expect(showMembers(sent, normalized)).to.deep.equal({ level: { type: 'Property', value: 4 } })
    expect(showMembers(sent, concise)).to.deep.equal({ level: 4 })
  })
})

const tree = (
  ...entries: (readonly [string, NonNullable<RenderOptions['pick']>?])[]
): NonNullable<RenderOptions['pick']> => new Map(entries.map(([name, inner]) => [name, inner]))

describe('pick and omit (4.21)', () => {
  const sent: JsonObject = { scope: '/Finistere/Brest', level: 4, trend: { vocab: 'rising' } }

  it('pick shows what it names, which may leave out id and type', () => {
    expect(show(sent, { ...concise, pick: tree(['level']) })).to.deep.equal({ level: 4 })
    expect(show(sent, { ...concise, pick: tree(['id'], ['scope']) })).to.deep.equal({
      id: BREST,
      scope: '/Finistere/Brest',
    })
  })

  it('omit shows all but what it names', () => {
    expect(show(sent, { ...concise, omit: tree(['level'], ['type'], ['scope']) })).to.deep.equal({
      id: BREST,
      trend: { vocab: 'rising' },
    })
  })

  it('what sysAttrs asks for is shown with both', () => {
    expect(show(sent, { ...concise, pick: tree(['id']), sysAttrs: true })).to.have.all.keys(
      'id',
      'createdAt',
      'modifiedAt',
    )
  })

  it('attrs shows attributes, and id, type and scope with them', () => {
    const shown = show(sent, { ...concise, attributes: new Set(['level']) })
    expect(shown).to.deep.equal({ id: BREST, type: 'TideGauge', scope: '/Finistere/Brest', level: 4 })
  })
})

describe('datasetId (4.5.5.1)', () => {
  const level = [
    { type: 'Property', value: 4.2 },
    { type: 'Property', value: 4.3, datasetId: GPS },
  ]

  for (const [datasets, shown] of [
    [['@none'], { level: 4.2, trend: 'rising' }],
    [[GPS], { level: { value: 4.3, datasetId: GPS } }],
    [['@none', GPS], { level: [{ value: 4.2 }, { value: 4.3, datasetId: GPS }], trend: 'rising' }],
    [['urn:other'], {}],
  ] as const) {
    it(`${datasets.join(',')}: attributes without such an instance are left out`, () => {
      expect(showMembers({ level, trend: 'rising' }, { ...concise, datasets: new Set(datasets) })).to.deep.equal(shown)
    })
  }
})

describe('lang (4.15)', () => {
  const languages = parseLang('en', 'lang')
  const sent = { name: { ...names, note: { languageMap: { fr: 'au port' } } } }

  it('turns a LanguageProperty into a Property with its language, sub-attributes too', () => {
    expect(showMembers(sent, { ...normalized, languages })).to.deep.equal({
      name: {
        type: 'Property',
        value: ['Brest gauge', 'Penfeld gauge'],
        lang: 'en',
        note: { type: 'Property', value: 'au port', lang: 'fr' },
      },
    })
  })

  it('concise keeps lang beside the value, simplified shows the bare text', () => {
    const french = parseLang('fr', 'lang')
    expect(showMembers({ name: names }, { ...concise, languages: french })).to.deep.equal({
      name: { value: 'Marégraphe de Brest', lang: 'fr' },
    })
    expect(showMembers({ name: names }, { ...simplified, languages: french })).to.deep.equal({
      name: 'Marégraphe de Brest',
    })
  })
})

describe('join=inline (4.5.23.2)', () => {
  const port = stateOf({
    id: 'urn:ngsi-ld:Port:Brest',
    type: 'Port',
    depth: 12,
    gauge: { object: BREST },
    sea: { object: 'urn:sea' },
  })
  const sea = stateOf({ id: 'urn:sea', type: 'Sea', salt: 35 })
  const known = new Map([port, sea, stateOf({})].map((state) => [state.entity.id, state]))
  const linked = (levels: number, within: readonly string[] = []): NonNullable<RenderOptions['linked']> => ({
    entityOf: (id) => known.get(id),
    levels,
    within: new Set(within),
  })
  const sent: JsonObject = {
    port: { object: 'urn:ngsi-ld:Port:Brest' },
    ports: { object: ['urn:ngsi-ld:Port:Brest', 'urn:nowhere', 'urn:sea'] },
    route: { objectList: ['urn:sea', 'urn:nowhere'] },
  }
  const seaShown = { id: 'urn:sea', type: 'Sea', salt: 35 }
  const portShown = { id: 'urn:ngsi-ld:Port:Brest', type: 'Port', depth: 12, gauge: BREST, sea: 'urn:sea' }

  it('normalized: entity beside object, an array beside an array, entityList beside objectList', () => {
    const { port: one, ports, route } = showMembers(sent, { ...normalized, linked: linked(1) })
    expect(one).to.have.nested.property('entity.depth.value', 12)
    expect(ports).to.have.nested.property('entity[1].salt.value', 35)
    expect(ports).to.have.property('entity').with.length(2)
    expect(route).to.have.nested.property('entityList[0].id', 'urn:sea')
    expect(route).to.have.property('objectList').with.length(2)
  })

  it('simplified: the entity in place of its URI, which stays where it leads nowhere (4.5.4)', () => {
    expect(showMembers(sent, { ...simplified, linked: linked(1) })).to.deep.equal({
      port: portShown,
      ports: [portShown, 'urn:nowhere', seaShown],
      route: [seaShown, 'urn:nowhere'],
    })
  })

  it('goes as deep as joinLevel, and never back to an entity that is around', () => {
    const { port: shown } = showMembers(sent, { ...simplified, linked: linked(2) })
    expect(shown).to.deep.equal({ ...portShown, sea: seaShown })
  })

  it('does not follow what containedBy names', () => {
    const { port: one, route } = showMembers(sent, { ...simplified, linked: linked(1, ['urn:ngsi-ld:Port:Brest']) })
    expect(one).to.equal('urn:ngsi-ld:Port:Brest')
    expect(route).to.deep.equal([seaShown, 'urn:nowhere'])
  })

  it('what stands in braces is for the linked entity, other names for all entities (6.5.3.1)', () => {
    const options = { ...simplified, linked: linked(2) }
    expect(showMembers(sent, { ...options, pick: tree(['port', tree(['depth'])]) })).to.deep.equal({
      port: { depth: 12 },
    })
    expect(
      showMembers(sent, { ...options, omit: tree(['port', tree(['depth'], ['sea'])], ['type'], ['ports'], ['route']) }),
    ).to.deep.equal({
      port: { id: 'urn:ngsi-ld:Port:Brest', type: 'Port', gauge: BREST },
    })
    expect(show(sent, { ...options, pick: tree(['id'], ['port']) })).to.deep.equal({
      id: BREST,
      port: { id: 'urn:ngsi-ld:Port:Brest' },
    })
  })

  it('attrs is for the entity itself: linked ones are shown whole', () => {
    const options = { ...simplified, linked: linked(1), attributes: new Set(['route']) }
    expect(showMembers(sent, options)).to.deep.equal({ route: [seaShown, 'urn:nowhere'] })
  })
})
