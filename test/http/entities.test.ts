import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  badRequestData,
  checkNoContent,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  invalidRequest,
  millisOf,
  notFound,
  property,
  read,
  readEntity,
  send,
} from './support.ts'

/** One attribute in its three representations. */
interface Forms {
  readonly kind: string
  readonly normalized: Json
  readonly concise: Json
  readonly simplified: Json
}

const point = { type: 'Point', coordinates: [-4.4948, 48.3829] }
const port = 'urn:ngsi-ld:Port:Brest'
const buoy = 'urn:ngsi-ld:Buoy:PierresNoires'
const time = '2026-11-22T09:30:00Z'

const kinds: readonly Forms[] = [
  { kind: 'Property (4.5.2)', normalized: property(4.2), concise: 4.2, simplified: 4.2 },
  {
    kind: 'Property with members (4.5.2)',
    normalized: property(4.2, { unitCode: 'MTR', observedAt: time, accuracy: property(0.01) }),
    concise: { value: 4.2, unitCode: 'MTR', observedAt: time, accuracy: 0.01 },
    simplified: 4.2,
  },
  { kind: 'Property, an array', normalized: property([1, 2, 1]), concise: [1, 2, 1], simplified: [1, 2, 1] },
  {
    kind: 'Property, an object',
    normalized: property({ street: 'Rue de Siam', number: 1 }),
    concise: { street: 'Rue de Siam', number: 1 },
    simplified: { street: 'Rue de Siam', number: 1 },
  },
  {
    kind: 'Property with valueType (5.2.5)',
    normalized: property('2026-11-22', { valueType: 'Date' }),
    concise: { value: '2026-11-22', valueType: 'Date' },
    simplified: '2026-11-22',
  },
  { kind: 'GeoProperty (4.7)', normalized: { type: 'GeoProperty', value: point }, concise: point, simplified: point },
  {
    kind: 'LanguageProperty (4.5.18)',
    normalized: { type: 'LanguageProperty', languageMap: { fr: 'Brest', br: ['Brest', 'Brest-Kêr'] } },
    concise: { languageMap: { fr: 'Brest', br: ['Brest', 'Brest-Kêr'] } },
    simplified: { languageMap: { fr: 'Brest', br: ['Brest', 'Brest-Kêr'] } },
  },
  {
    kind: 'VocabProperty (4.5.20)',
    normalized: { type: 'VocabProperty', vocab: ['rising', 'https://littoral.example/spring'] },
    concise: { vocab: ['rising', 'https://littoral.example/spring'] },
    simplified: { vocab: ['rising', 'https://littoral.example/spring'] },
  },
  {
    kind: 'JsonProperty (4.5.24)',
    normalized: { type: 'JsonProperty', json: { id: 7, type: 'x', '@weird': [null, { value: 1 }] } },
    concise: { json: { id: 7, type: 'x', '@weird': [null, { value: 1 }] } },
    simplified: { json: { id: 7, type: 'x', '@weird': [null, { value: 1 }] } },
  },
  {
    kind: 'ListProperty (4.5.21)',
    normalized: { type: 'ListProperty', valueList: [3, 1, 3] },
    concise: { valueList: [3, 1, 3] },
    simplified: [3, 1, 3],
  },
  {
    kind: 'Relationship (4.5.3)',
    normalized: { type: 'Relationship', object: port, objectType: 'Port' },
    concise: { object: port, objectType: 'Port' },
    simplified: port,
  },
  {
    kind: 'Relationship, several objects (4.5.3)',
    normalized: { type: 'Relationship', object: [port, buoy] },
    concise: { object: [port, buoy] },
    simplified: [port, buoy],
  },
  {
    kind: 'ListRelationship (4.5.22)',
    normalized: { type: 'ListRelationship', objectList: [{ object: port }, { object: buoy }] },
    concise: { objectList: [port, buoy] },
    simplified: [port, buoy],
  },
]

describeOnStores('entities: representations (4.5)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  const checkForms = async (name: string, { normalized, concise, simplified }: Forms): Promise<void> => {
    expect(await readEntity(broker, name)).to.deep.equal(gauge(name, { a: normalized }))
    expect(await readEntity(broker, name, '?format=concise')).to.deep.equal(gauge(name, { a: concise }))
    for (const query of ['?format=simplified', '?options=keyValues', '?format=simplified&options=normalized']) {
      expect(await readEntity(broker, name, query), query).to.deep.equal(gauge(name, { a: simplified }))
    }
  }

  for (const [index, forms] of kinds.entries()) {
    it(`${forms.kind}: sent normalized or concise, read in every format`, async () => {
      await create(broker, gauge(`Normalized${String(index)}`, { a: forms.normalized }))
      await checkForms(`Normalized${String(index)}`, forms)
      await create(broker, gauge(`Concise${String(index)}`, { a: forms.concise }))
      await checkForms(`Concise${String(index)}`, forms)
    })
  }

  it('a multi-attribute keeps its instances apart; "@none" is the default one and is not shown (4.5.5)', async () => {
    const other = { datasetId: 'urn:ngsi-ld:Dataset:shom' }
    const sent = [property(4.2, { datasetId: '@none' }), property(4.3, other)]
    await create(broker, gauge('Datasets', { level: sent }))
    expect(await readEntity(broker, 'Datasets')).to.deep.equal(
      gauge('Datasets', { level: [property(4.2), property(4.3, other)] }),
    )
    expect(await readEntity(broker, 'Datasets', '?format=simplified')).to.deep.equal(
      gauge('Datasets', { level: { dataset: { '@none': 4.2, [other.datasetId]: 4.3 } } }),
    )
  })

  it('one instance alone is shown as an object (4.5.5.1)', async () => {
    await create(broker, gauge('Single', { level: [property(4.2)] }))
    expect(await readEntity(broker, 'Single')).to.deep.equal(gauge('Single', { level: property(4.2) }))
  })

  it('scope and several types come back as they were sent (4.16, 4.18)', async () => {
    const members = { type: ['TideGauge', 'Device'], scope: ['/Finistere/Brest', '/SHOM'] }
    await create(broker, gauge('Scoped', members))
    expect(await readEntity(broker, 'Scoped')).to.deep.equal(gauge('Scoped', members))
    await create(broker, gauge('OneScope', { scope: '/Finistere' }))
    expect(await readEntity(broker, 'OneScope')).to.deep.equal(gauge('OneScope', { scope: '/Finistere' }))
  })

  it('@id and @type are accepted and never emitted (4.4)', async () => {
    await create(broker, { '@id': gaugeId('Keywords'), '@type': 'TideGauge', level: { '@type': 'Property', value: 1 } })
    expect(await readEntity(broker, 'Keywords')).to.deep.equal(gauge('Keywords', { level: property(1) }))
  })

  it('a geometry may come as JSON text (4.7.2)', async () => {
    await create(broker, gauge('GeoText', { location: { type: 'GeoProperty', value: JSON.stringify(point) } }))
    expect(await readEntity(broker, 'GeoText', '?format=simplified')).to.deep.equal(
      gauge('GeoText', { location: point }),
    )
  })

  it('a DateTime may have a comma and six digits (4.6.3)', async () => {
    await create(broker, gauge('Comma', { level: property(1, { observedAt: '2026-11-22T09:30:00,123456Z' }) }))
    const expected = gauge('Comma', { level: property(1, { observedAt: '2026-11-22T09:30:00.123456Z' }) })
    expect(await readEntity(broker, 'Comma')).to.deep.equal(expected)
  })

  it('published models call attributes "value" and "N-TOT": the former in entities, the latter where it has an IRI (4.6.2)', async () => {
    const context = { 'N-TOT': 'https://littoral.example/N-TOT' }
    await create(broker, { ...gauge('Published', { value: property(1), 'N-TOT': 2 }), '@context': context })
    const expected = gauge('Published', { value: property(1), [context['N-TOT']]: property(2) })
    expect(await readEntity(broker, 'Published')).to.deep.equal(expected)
    const path = `${ENTITIES}/${gaugeId('Published')}/attrs/value`
    checkNoContent(await send(broker, { method: 'patch', path }, { value: 3 }))
    expect(await readEntity(broker, 'Published', '?attrs=value')).to.deep.equal(
      gauge('Published', { value: property(3) }),
    )
  })

  it('text that looks like markup or code is stored and returned unchanged (6.3.14)', async () => {
    const text = `<b onload="x('')">;=()</b> é ☃ \u{1F30A} \u0000 "\\`
    await create(broker, gauge('Text', { note: property(text) }))
    expect(await readEntity(broker, 'Text')).to.deep.equal(gauge('Text', { note: property(text) }))
  })

  it('a true null is kept where it is said to be JSON; any other null is dropped (4.5.0)', async () => {
    const value = { kept: { type: '@json', '@value': null }, list: [1, null, 2], gone: null }
    await create(broker, gauge('Nulls', { a: property(value) }))
    const expected = gauge('Nulls', { a: property({ kept: { type: '@json', '@value': null }, list: [1, 2] }) })
    expect(await readEntity(broker, 'Nulls')).to.deep.equal(expected)
  })

  it('sysAttrs shows when the entity and its attributes were made; what a client says of it is ignored (4.8, 5.2.2)', async () => {
    const lie = { createdAt: '1969-07-21T02:56:00Z', modifiedAt: '1969-07-21T02:56:00Z' }
    const before = Date.now()
    await create(broker, gauge('Times', { ...lie, level: property(1, lie) }))
    expect(await readEntity(broker, 'Times')).to.deep.equal(gauge('Times', { level: property(1) }))
    const shown = (await readEntity(broker, 'Times', '?options=sysAttrs')) as JsonObject
    const { createdAt = null, modifiedAt = null } = shown
    expect(millisOf(createdAt)).to.be.at.least(before)
    expect(modifiedAt).to.equal(createdAt)
    expect(shown).to.deep.equal(
      gauge('Times', { createdAt, modifiedAt, level: property(1, { createdAt, modifiedAt }) }),
    )
  })
})

describeOnStores('entities: create, retrieve, delete (5.6.1, 5.7.1, 5.6.6)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  it('a creation answers 201 with a relative Location, where the entity is', async () => {
    const response = await broker.request.post(ENTITIES).send(gauge('Brest'))
    expect(response.status).to.equal(201)
    expect(response.headers['location']).to.equal(`${ENTITIES}/${gaugeId('Brest')}`)
    expect(response.text).to.equal('')
    expect(await read(broker, String(response.headers['location']))).to.deep.equal(gauge('Brest'))
  })

  it('the Location of an id that a path cannot hold as it is leads there too', async () => {
    const id = 'https://littoral.example/maregraphe/1?port=Sète#100%25'
    const response = await broker.request.post(ENTITIES).send({ id, type: 'TideGauge' })
    expect(response.status, response.text).to.equal(201)
    expect(await read(broker, String(response.headers['location']))).to.have.property('id', id)
  })

  it('an id that is taken is refused, whatever the type (4.16)', async () => {
    await create(broker, gauge('Taken', { level: property(1) }))
    const response = await broker.request.post(ENTITIES).send(gauge('Taken', { type: 'Buoy' }))
    checkProblem(response, { status: 409, name: 'AlreadyExists', says: gaugeId('Taken') })
    expect(await readEntity(broker, 'Taken')).to.deep.equal(gauge('Taken', { level: property(1) }))
  })

  it('a deletion answers 204; then the entity is gone, and its id free', async () => {
    await create(broker, gauge('Gone', { level: property(1) }))
    checkNoContent(await broker.request.delete(`${ENTITIES}/${gaugeId('Gone')}`))
    for (const method of ['get', 'delete'] as const) {
      checkProblem(await broker.request[method](`${ENTITIES}/${gaugeId('Gone')}`), notFound(gaugeId('Gone')))
    }
    await create(broker, gauge('Gone'))
    expect(await readEntity(broker, 'Gone')).to.deep.equal(gauge('Gone'))
  })

  it('trailing slashes, which the specification itself writes, are accepted (6.2)', async () => {
    const response = await broker.request.post(`${ENTITIES}/`).send(gauge('Slash'))
    expect(response.status).to.equal(201)
    expect(await read(broker, `${ENTITIES}/${gaugeId('Slash')}/`)).to.deep.equal(gauge('Slash'))
  })

  it('type must match as well, attrs must be there in part, and format beats options (6.5.3.1, 6.3.7)', async () => {
    await create(broker, gauge('Selected', { level: property(1), trend: property('rising') }))
    expect(await readEntity(broker, 'Selected', '?type=Buoy,TideGauge')).to.have.property('level')
    const shown = gauge('Selected', { level: property(1) })
    expect(await readEntity(broker, 'Selected', '?attrs=level,salinity')).to.deep.equal(shown)
    const concise = gauge('Selected', { level: 1, trend: 'rising' })
    expect(await readEntity(broker, 'Selected', '?format=concise&options=normalized')).to.deep.equal(concise)
    for (const query of ['?type=Buoy', '?attrs=salinity']) {
      checkProblem(
        await broker.request.get(`${ENTITIES}/${gaugeId('Selected')}${query}`),
        notFound(gaugeId('Selected')),
      )
    }
  })

  it('what is no URI is no entity id (5.7.1)', async () => {
    for (const method of ['get', 'delete'] as const) {
      checkProblem(await broker.request[method](`${ENTITIES}/Brest`), badRequestData('Brest'))
    }
  })
})

describeOnStores('entities: what is refused (4.5, 4.6, 5.5.4)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  const a = (attribute: Json): JsonObject => ({ a: attribute })
  const refusals: readonly (readonly [clause: string, members: JsonObject, says: string | RegExp])[] = [
    ['5.2.4: an id', { id: 7 }, 'id'],
    ['5.2.4: an id that is a URI', { id: 'Brest' }, 'id'],
    ['5.2.4: a type that is text', { type: 7 }, 'type'],
    ['5.2.4: a type', { type: [] }, 'type'],
    ['4.6.2: illegal characters in a type', { type: 'Tide Gauge' }, 'type'],
    ['4.6.2: illegal characters in a name', { 'water level': property(1) }, 'water level'],
    ['4.6.2: a name that is markup', { '<script>': property(1) }, '<script>'],
    ['4.6.2: the empty name', { '': property(1) }, "''"],
    ['4.6.2: illegal characters in a sub-attribute', a(property(1, { 'x y': property(1) })), 'a.x y'],
    ['4.6.2: a hyphen, where no @context gives the name an IRI', { 'N-TOT': property(1) }, 'N-TOT'],
    ['4.5: a member by its IRI', a(property(1, { 'https://uri.etsi.org/ngsi-ld/hasValue': property(2) })), 'a.https'],
    ['4.5: a member is no attribute', { datasetId: property(1) }, 'datasetId'],
    ['4.5.1: @context inside an attribute', a(property(1, { '@context': {} })), 'a.@context'],
    ['4.5.0: null as an attribute', a(null), 'a'],
    ['4.5.0: null as a value', a(property(null)), 'a.value'],
    ['5.5.4: the NGSI-LD Null', a('urn:ngsi-ld:null'), 'a'],
    ['5.5.4: the NGSI-LD Null as a value', a(property('urn:ngsi-ld:null')), 'a'],
    ['4.5.2.2: a foreign value member', a({ type: 'Property', value: 1, object: port }), 'a.object'],
    ['4.5.2.2: no value', a({ type: 'Property' }), 'a'],
    ['4.5.2: an unknown kind', a({ type: 'string', value: 1 }), 'a'],
    ['4.5.3: an object that is no URI', a({ type: 'Relationship', object: 'Brest' }), 'a.object'],
    ['4.5.3: no objects', a({ type: 'Relationship', object: [] }), 'a.object'],
    ['4.5.3: a unit', a({ type: 'Relationship', object: port, unitCode: 'MTR' }), 'a.unitCode'],
    ['4.5.5: two default instances', a([property(1), property(2, { datasetId: '@none' })]), 'a'],
    ['4.5.5: a datasetId that is no URI', a(property(1, { datasetId: 'shom' })), 'a.datasetId'],
    [
      '4.5.18: a tag that is none',
      a({ type: 'LanguageProperty', languageMap: { 'pas une langue': 'x' } }),
      'a.languageMap',
    ],
    ['4.5.18: text that is none', a({ type: 'LanguageProperty', languageMap: { fr: 7 } }), 'a.languageMap.fr'],
    ['4.5.20: a vocab that is no text', a({ type: 'VocabProperty', vocab: 7 }), 'a.vocab'],
    ['4.5.21: a list that is none', a({ type: 'ListProperty', valueList: 7 }), 'a.valueList'],
    ['4.5.22: objects that are none', a({ type: 'ListRelationship', objectList: [7] }), 'a.objectList[0]'],
    ['4.6.3: an offset', a(property(1, { observedAt: '2026-11-22T09:30:00+01:00' })), 'a.observedAt'],
    ['4.6.3: seven digits', a(property(1, { observedAt: '2026-11-22T09:30:00.1234567Z' })), 'a.observedAt'],
    ['4.6.3: a day that never was', a(property(1, { observedAt: '2026-02-30T09:30:00Z' })), 'a.observedAt'],
    ['4.22: an expiry that is no DateTime', { expiresAt: 'tomorrow' }, 'expiresAt'],
    [
      '4.7.1: a GeometryCollection',
      a({ type: 'GeoProperty', value: { type: 'GeometryCollection', geometries: [] } }),
      'a.value',
    ],
    [
      '4.7: a position off the Earth',
      a({ type: 'GeoProperty', value: { type: 'Point', coordinates: [181, 0] } }),
      'a.value',
    ],
    ['4.18: a scope that is none', { scope: '/Finistère/../x' }, 'scope'],
    ['4.18: no scopes', { scope: [] }, 'scope'],
  ]

  for (const [clause, members, says] of refusals) {
    it(clause, async () => {
      const entity = gauge('Refused', members)
      checkProblem(await send(broker, { method: 'post', path: ENTITIES }, entity), badRequestData(says))
      checkProblem(await broker.request.get(`${ENTITIES}/${gaugeId('Refused')}`), notFound(gaugeId('Refused')))
    })
  }

  for (const member of ['id', 'type']) {
    it(`5.2.4: an entity without ${member}`, async () => {
      const entity = Object.fromEntries(Object.entries(gauge('Refused')).filter(([name]) => name !== member))
      checkProblem(await send(broker, { method: 'post', path: ENTITIES }, entity), badRequestData(member))
    })
  }
})

describeOnStores('entities: query (5.7.2)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    await create(broker, gauge('Brest', { level: property(4), name: property('Brest') }))
    await create(broker, gauge('LeHavre', { level: property(6) }))
    await create(broker, gauge('Marseille', { type: ['TideGauge', 'Museum'], name: property('Marégraphe') }))
    await create(broker, { id: buoy, type: 'Buoy', salinity: property(35) })
  })

  const ids: Readonly<Record<string, string>> = {
    brest: gaugeId('Brest'),
    lehavre: gaugeId('LeHavre'),
    marseille: gaugeId('Marseille'),
    buoy,
  }
  const queries: readonly (readonly [query: string, found: readonly string[]])[] = [
    ['type=TideGauge', ['brest', 'lehavre', 'marseille']],
    ['type=TideGauge,Buoy', ['buoy', 'brest', 'lehavre', 'marseille']],
    ['type=Museum%7CBuoy', ['buoy', 'marseille']],
    ['type=(TideGauge;Museum)', ['marseille']],
    ['type=(TideGauge;Museum),Buoy', ['buoy', 'marseille']],
    ['type=*', ['buoy', 'brest', 'lehavre', 'marseille']],
    ['type=Ferry', []],
    ['local=true', ['buoy', 'brest', 'lehavre', 'marseille']],
    ['attrs=level', ['brest', 'lehavre']],
    ['attrs=salinity,name', ['buoy', 'brest', 'marseille']],
    [`type=TideGauge&id=${gaugeId('Brest')},${gaugeId('Nowhere')},${buoy}`, ['brest']],
    [`type=TideGauge&id=${gaugeId('Brest')}&idPattern=.*LeHavre`, ['brest']],
    ['type=TideGauge&idPattern=:(Brest%7CMarseille)$', ['brest', 'marseille']],
    ['type=https://uri.etsi.org/ngsi-ld/default-context/Buoy', ['buoy']],
  ]

  for (const [query, found] of queries) {
    it(`?${query} finds ${found.join(', ') || 'nothing'}`, async () => {
      const entities = (await read(broker, `${ENTITIES}?${query}`)) as JsonObject[]
      expect(entities.map(({ id }) => id)).to.deep.equal(found.map((name) => ids[name]))
    })
  }

  it('attrs shows these attributes alone; formats are those of one entity', async () => {
    expect(await read(broker, `${ENTITIES}?attrs=level`)).to.deep.equal([
      gauge('Brest', { level: property(4) }),
      gauge('LeHavre', { level: property(6) }),
    ])
    expect(await read(broker, `${ENTITIES}?attrs=level&format=simplified`)).to.deep.equal([
      gauge('Brest', { level: 4 }),
      gauge('LeHavre', { level: 6 }),
    ])
  })

  const tooWide: readonly (readonly [query: string, says: string])[] = [
    ['', 'type'],
    [`?id=${gaugeId('Brest')}`, 'type'],
    ['?idPattern=.*', 'type'],
    ['?options=sysAttrs', 'type'],
    ['?local=false', 'type'],
    ['?type=*&local=false', 'type'],
    ['?type=', 'type'],
    ['?type=(TideGauge', 'type'],
    ['?type=Tide%20Gauge', 'type'],
    ['?type=TideGauge&id=Brest', 'id'],
    ['?type=TideGauge&idPattern=(', 'idPattern'],
    ['?attrs=', 'attrs'],
    ['?attrs=level,,name', 'attrs'],
    ['?attrs=scope', 'attrs'],
    ['?local=perhaps', 'local'],
  ]
  for (const [query, says] of tooWide) {
    it(`GET /entities${query} is refused (5.7.2.4)`, async () => {
      checkProblem(await broker.request.get(`${ENTITIES}${query}`), badRequestData(says))
    })
  }

  for (const query of ['format=ngsi', 'options=sysAttr', 'format=']) {
    it(`?${query} is implausible (6.3.14)`, async () => {
      const response = await broker.request.get(`${ENTITIES}?type=TideGauge&${query}`)
      checkProblem(response, invalidRequest(query.split('=')[0] ?? ''))
    })
  }
})
