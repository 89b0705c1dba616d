import { expect } from 'chai'
import type { Json } from '../../../../src/base/json.ts'
import { concise, GPS, normalized, point, show, showMembers, simplified } from './support.ts'

const names = { fr: 'Brest', en: 'Brest' }

/** As sent; the last version that falls back, and the first that does not (tables 4.3.6.8-1 to 4.3.6.8-3). */
const fallbacks: readonly (readonly [string, Json, number, Json])[] = [
  ['LanguageProperty', { languageMap: names }, 3, { type: 'Property', value: names }],
  ['JsonProperty', { json: { type: 'raw', id: 7 } }, 7, { type: 'Property', value: { type: 'raw', id: 7 } }],
  ['VocabProperty', { vocab: 'rising' }, 7, { type: 'Property', value: 'rising' }],
  ['ListProperty', { valueList: [3, 1] }, 7, { type: 'Property', value: [3, 1] }],
  ['ListRelationship', { objectList: ['urn:a:1'] }, 7, { type: 'Relationship', object: ['urn:a:1'] }],
  ['objectType', { object: 'urn:a:1', objectType: 'Port' }, 7, { type: 'Relationship', object: 'urn:a:1' }],
  ['valueType', { value: 4, valueType: 'Height' }, 8, { type: 'Property', value: 4 }],
  ['unitCode', { value: 4, unitCode: 'MTR' }, 2, { type: 'Property', value: 4 }],
  ['observedAt', { value: 4, observedAt: '2026-11-22T09:30:00Z' }, 2, { type: 'Property', value: 4 }],
  [
    'sub-attributes',
    { value: 4, trend: { vocab: 'rising' } },
    7,
    { type: 'Property', value: 4, trend: { type: 'Property', value: 'rising' } },
  ],
  [
    'several instances: the default one is left',
    [
      { type: 'Property', value: 4.3, datasetId: GPS },
      { type: 'Property', value: 4.2 },
    ],
    2,
    { type: 'Property', value: 4.2 },
  ],
  [
    'several instances without a default one: the first',
    [
      { type: 'Property', value: 4.3, datasetId: GPS },
      { type: 'Property', value: 4.4, datasetId: 'urn:other' },
    ],
    2,
    { type: 'Property', value: 4.3 },
  ],
]

describe('Prefer: ngsi-ld=1.x, what the version shows (4.3.6.8)', () => {
  for (const [name, sent, last, expected] of fallbacks) {
    it(`${name}, up to 1.${String(last)}`, () => {
      const today = showMembers({ a: sent }, normalized)
      for (let version = 0; version <= 9; version += 1) {
        const shown = showMembers({ a: sent }, { ...normalized, version })
        // What is older falls back in more than one way at times; the table tells of one.
        if (version === last) expect(shown, `1.${String(version)}`).to.deep.equal({ a: expected })
        if (version <= last) expect(shown, `1.${String(version)}`).to.not.deep.equal(today)
        else expect(shown, `1.${String(version)}`).to.deep.equal(today)
      }
    })
  }

  it('scope is there from 1.4, several types from 1.3, expiresAt from 1.9', () => {
    const sent = { type: ['TideGauge', 'Device'], scope: '/Brest', expiresAt: '2099-01-01T00:00:00Z' }
    const at = (version: number): unknown => show(sent, { ...normalized, sysAttrs: true, version })
    expect(at(2)).to.have.property('type', 'TideGauge')
    expect(at(3)).to.have.property('type').that.deep.equals(['TideGauge', 'Device'])
    expect(at(3)).to.not.have.property('scope')
    expect(at(4)).to.have.property('scope', '/Brest')
    expect(at(8)).to.not.have.property('expiresAt')
    expect(at(9)).to.have.property('expiresAt')
  })

  it('is the same in the other formats', () => {
    const sent = { trend: { vocab: 'rising' }, level: { value: 4, datasetId: GPS }, location: point }
    expect(showMembers(sent, { ...concise, version: 2 })).to.deep.equal({ trend: 'rising', level: 4, location: point })
    expect(showMembers(sent, { ...simplified, version: 2 })).to.deep.equal({
      trend: 'rising',
      level: 4,
      location: point,
    })
  })
})
