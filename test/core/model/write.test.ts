import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readEntity, readEntityFragment } from '../../../src/core/model/read-entity.ts'
import type { EntityState } from '../../../src/core/model/state.ts'
import { appendAttributes, appendMissingAttributes } from '../../../src/core/model/write/append.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'
import { partialUpdate } from '../../../src/core/model/write/partial-update.ts'
import { updateAttributes } from '../../../src/core/model/write/update.ts'
import { replaceOrCreate, updateOrCreate } from '../../../src/core/model/write/upsert.ts'

const T1 = '2026-01-01T00:00:00.000001Z'
const T2 = '2026-01-01T00:00:00.000002Z'
const id = 'urn:ngsi-ld:TideGauge:SaintMalo'

function stored(members: JsonObject): EntityState {
  return createEntity(undefined, readEntity(coreContext, { id, type: 'TideGauge', ...members }), T1)
}

/** What the entity holds after a write, without id and type. */
function content({ entity }: EntityState): JsonObject {
  const { id: _id, type: _type, ...members } = entity
  return members
}

function fragment(body: Json, nullDeletes = false): ReturnType<typeof readEntityFragment> {
  return readEntityFragment({ context: coreContext, nullDeletes }, body)
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof NgsiError) return error.name
    throw error
  }
  return 'accepted'
}

const north = 'urn:ngsi-ld:Dataset:north'
const level = { type: 'Property', value: 4.2, unitCode: 'MTR', accuracy: { type: 'Property', value: 0.01 } }

interface Case {
  readonly name: string
  readonly before: JsonObject
  readonly sent: JsonObject
  readonly after: JsonObject
}

function checkCases(cases: readonly Case[], write: (before: EntityState, sent: JsonObject) => EntityState): void {
  for (const { name, before, sent, after } of cases) {
    it(name, () => {
      expect(content(write(stored(before), sent))).to.deep.equal(after)
    })
  }
}

describe('Create Entity (5.6.1)', () => {
  it('stores what was sent; the client cannot set createdAt or modifiedAt (5.2.2)', () => {
    const { entity, times } = stored({ level, createdAt: '2019-01-01T00:00:00Z', modifiedAt: '2019-01-01T00:00:00Z' })
    expect(entity).to.deep.equal({ id, type: 'TideGauge', level })
    expect(times).to.deep.equal({ created: T1, modified: T1 })
  })

  it('refuses an id that is taken', () => {
    const again = readEntity(coreContext, { id, type: 'TideGauge' })
    expect(refusal(() => createEntity(stored({}), again, T2))).to.equal('AlreadyExists')
  })
})

describe('Append Attributes (5.6.3)', () => {
  checkCases(
    [
      { name: 'adds what is missing', before: {}, sent: { level }, after: { level } },
      {
        name: 'replaces what is there, sub-attributes included',
        before: { level },
        sent: { level: 5 },
        after: { level: { type: 'Property', value: 5 } },
      },
      {
        name: 'touches only the instance with the datasetId sent (4.5.5)',
        before: { level: [level, { ...level, datasetId: north }] },
        sent: { level: { type: 'Property', value: 9, datasetId: north } },
        after: { level: [level, { type: 'Property', value: 9, datasetId: north }] },
      },
      {
        name: 'adds an instance beside the default one',
        before: { level },
        sent: { level: { ...level, datasetId: north } },
        after: { level: [level, { ...level, datasetId: north }] },
      },
      {
        name: 'replaces the scope',
        before: { scope: '/Bretagne' },
        sent: { scope: '/Normandie' },
        after: { scope: '/Normandie' },
      },
    ],
    (before, sent) => appendAttributes(before, fragment(sent), T2),
  )

  it('keeps createdAt of what it replaces, and marks only that as modified (4.8)', () => {
    const { times } = appendAttributes(stored({ level, name: 'Naye' }), fragment({ level: 5, depth: 7 }), T2)
    expect(times).to.deep.equal({
      created: T1,
      modified: T2,
      attributes: { level: { '@none': [T1, T2] }, depth: { '@none': [T2, T2] } },
    })
  })

  it('only ever adds types (4.16, 5.5.8)', () => {
    const { entity } = appendAttributes(stored({}), fragment({ type: 'Sensor' }), T2)
    expect(entity.type).to.deep.equal(['TideGauge', 'Sensor'])
  })

  it('with noOverwrite leaves what is there and says so; scopes are united', () => {
    const before = stored({ level, scope: '/Bretagne' })
    const { state, notUpdated } = appendMissingAttributes(
      before,
      fragment({ level: 5, depth: 7, scope: '/Manche' }),
      T2,
    )
    expect(notUpdated).to.deep.equal(['level'])
    expect(content(state)).to.deep.equal({
      level,
      depth: { type: 'Property', value: 7 },
      scope: ['/Bretagne', '/Manche'],
    })
  })

  it('with noOverwrite leaves an expiresAt that is there (4.22), and nothing written is nothing modified', () => {
    const expiring = { expiresAt: '2099-01-01T00:00:00Z' }
    const before = stored({ level, ...expiring, scope: '/a' })
    const sent = fragment({ level: 5, expiresAt: '2098-01-01T00:00:00Z', scope: '/a' })
    expect(appendMissingAttributes(before, sent, T2).state).to.equal(before)
    expect(content(appendMissingAttributes(stored({}), fragment(expiring), T2).state)).to.deep.equal(expiring)
  })

  it('does not change what it was given', () => {
    const before = stored({ level })
    const copy = structuredClone(before)
    appendAttributes(before, fragment({ level: 5, type: 'Sensor', scope: '/Bretagne' }), T2)
    expect(before).to.deep.equal(copy)
  })
})

describe('Update Attributes (5.6.2)', () => {
  checkCases(
    [
      {
        name: 'replaces the whole attribute: sub-attributes are lost',
        before: { level },
        sent: { level: { type: 'Property', value: 5 } },
        after: { level: { type: 'Property', value: 5 } },
      },
      { name: 'appends what is missing', before: {}, sent: { level }, after: { level } },
      {
        name: 'deletes by the NGSI-LD Null, short form',
        before: { level },
        sent: { level: 'urn:ngsi-ld:null' },
        after: {},
      },
      {
        name: 'deletes one instance by the NGSI-LD Null and datasetId',
        before: { level: [level, { ...level, datasetId: north }] },
        sent: { level: { type: 'Property', value: 'urn:ngsi-ld:null', datasetId: north } },
        after: { level },
      },
      {
        name: 'deletes a LanguageProperty by its null form',
        before: { name: { type: 'LanguageProperty', languageMap: { fr: 'Naye' } } },
        sent: { name: { type: 'LanguageProperty', languageMap: { '@none': 'urn:ngsi-ld:null' } } },
        after: {},
      },
      { name: 'takes a null for what is absent as done', before: {}, sent: { level: 'urn:ngsi-ld:null' }, after: {} },
      {
        name: 'changes a scope that is there',
        before: { scope: '/a' },
        sent: { scope: ['/b', '/c'] },
        after: { scope: ['/b', '/c'] },
      },
      {
        name: 'leaves out the members and sub-attributes that are the NGSI-LD Null (5.4, example 2)',
        before: { level },
        sent: { level: { value: 5, unitCode: 'urn:ngsi-ld:null', accuracy: 'urn:ngsi-ld:null' } },
        after: { level: { type: 'Property', value: 5 } },
      },
      {
        name: 'takes expiresAt and the scope away by the NGSI-LD Null (5.5.8)',
        before: { scope: '/a', expiresAt: '2099-01-01T00:00:00Z' },
        sent: { scope: 'urn:ngsi-ld:null', expiresAt: 'urn:ngsi-ld:null' },
        after: {},
      },
      { name: 'ignores the scope when the entity has none', before: {}, sent: { scope: '/a' }, after: {} },
    ],
    (before, sent) => updateAttributes(before, fragment(sent, true), T2),
  )
})

describe('Partial Attribute Update (5.6.4)', () => {
  const mode = { context: coreContext, nullDeletes: true }
  const update = (before: EntityState, raw: Json): EntityState =>
    partialUpdate(mode, before, { name: 'level', written: 'level', raw }, T2)
  const partialCases = [
    { name: 'changes the value alone', sent: { value: 5 }, after: { ...level, value: 5 } },
    { name: 'takes a bare value', sent: 5, after: { ...level, value: 5 } },
    {
      name: 'changes a sub-attribute alone',
      sent: { accuracy: 0.5 },
      after: { ...level, accuracy: { type: 'Property', value: 0.5 } },
    },
    {
      name: 'adds a member',
      sent: { observedAt: '2026-01-01T00:00:00Z' },
      after: { ...level, observedAt: '2026-01-01T00:00:00Z' },
    },
  ]
  for (const { name, sent, after } of partialCases) {
    it(name, () => {
      expect(content(update(stored({ level }), sent))).to.deep.equal({ level: after })
    })
  }

  it('changes one instance of a sub-attribute (5.5.8)', () => {
    const two = [
      { type: 'Property', value: 1 },
      { type: 'Property', value: 2, datasetId: north },
    ]
    const after = content(
      update(stored({ level: { ...level, accuracy: two } }), { accuracy: { value: 3, datasetId: north } }),
    )
    expect(after).to.deep.equal({ level: { ...level, accuracy: [two[0], { ...two[1], value: 3 }] } })
  })

  it('takes a bare geometry for the value of a GeoProperty (C.2.2)', () => {
    const [brest, sein] = [
      { type: 'Point', coordinates: [-4.49, 48.38] },
      { type: 'Point', coordinates: [-4.86, 48.04] },
    ]
    const after = content(update(stored({ level: { type: 'GeoProperty', value: brest, unitCode: 'X' } }), sein))
    expect(after).to.deep.equal({ level: { type: 'GeoProperty', value: sein, unitCode: 'X' } })
  })

  it('removes sub-members by the NGSI-LD Null', () => {
    const after = content(update(stored({ level }), { unitCode: 'urn:ngsi-ld:null', accuracy: 'urn:ngsi-ld:null' }))
    expect(after).to.deep.equal({ level: { type: 'Property', value: 4.2 } })
  })

  const refused: readonly (readonly [string, Json, string])[] = [
    ['another kind', { type: 'Relationship', object: 'urn:ngsi-ld:Port:SaintMalo' }, 'BadRequestData'],
    ["another kind's value member", { object: 'urn:ngsi-ld:Port:SaintMalo' }, 'BadRequestData'],
    ['an unknown datasetId', { value: 1, datasetId: north }, 'ResourceNotFound'],
    ['a datasetId nulled away', { value: 1, datasetId: 'urn:ngsi-ld:null' }, 'BadRequestData'],
    ['null', null, 'BadRequestData'],
    ['several instances', [level, { ...level, datasetId: north }], 'BadRequestData'],
    ['a null inside a value (5.5.4)', { value: { a: 'urn:ngsi-ld:null' } }, 'BadRequestData'],
  ]
  for (const [what, sent, error] of refused) {
    it(`refuses ${what}`, () => {
      expect(refusal(() => update(stored({ level }), sent))).to.equal(error)
    })
  }

  it('refuses an attribute that is not there', () => {
    expect(refusal(() => update(stored({}), { value: 1 }))).to.equal('ResourceNotFound')
  })
})

describe('Upsert (5.6.8)', () => {
  const entity = readEntity(coreContext, { id, type: 'Buoy', depth: 7 })

  it('replace mode swaps all, types too, and keeps createdAt', () => {
    const { entity: after, times } = replaceOrCreate(stored({ level, depth: 6 }), entity, T2)
    expect(after).to.deep.equal({ id, type: 'Buoy', depth: { type: 'Property', value: 7 } })
    expect(times).to.deep.equal({ created: T1, modified: T2, attributes: { depth: { '@none': [T1, T2] } } })
  })

  it('update mode keeps the rest and adds the type', () => {
    const { entity: after } = updateOrCreate(stored({ level }), entity, T2)
    expect(after).to.deep.equal({ id, type: ['TideGauge', 'Buoy'], level, depth: { type: 'Property', value: 7 } })
  })

  it('creates what is not there', () => {
    for (const upsert of [replaceOrCreate, updateOrCreate]) {
      expect(upsert(undefined, entity, T2).times).to.deep.equal({ created: T2, modified: T2 })
    }
  })
})
