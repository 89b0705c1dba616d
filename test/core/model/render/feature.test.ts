import { expect } from 'chai'
import type { JsonObject } from '../../../../src/base/json.ts'
import { renderFeature } from '../../../../src/core/model/render/feature.ts'
import type { RenderOptions } from '../../../../src/core/model/render/options.ts'
import { BREST, concise, GPS, normalized, point, simplified, stateOf } from './support.ts'

const other = { type: 'Point', coordinates: [-4.5, 48.4] }

function feature(members: JsonObject, options: RenderOptions, geometryProperty = 'location'): JsonObject {
  return renderFeature(stateOf(members), geometryProperty, options)
}

describe('GeoJSON features (4.5.16, 4.5.17)', () => {
  it('have the members of RFC 7946; the GeoProperty stays in the properties (4.5.16.2)', () => {
    expect(feature({ level: 4, location: point }, normalized)).to.deep.equal({
      id: BREST,
      type: 'Feature',
      geometry: point,
      properties: {
        type: 'TideGauge',
        level: { type: 'Property', value: 4 },
        location: { type: 'GeoProperty', value: point },
      },
    })
  })

  it('have concise and simplified properties where that is asked for (4.5.17.1)', () => {
    const sent = { level: { value: 4, unitCode: 'MTR' }, location: point }
    expect(feature(sent, concise)['properties']).to.deep.equal({ type: 'TideGauge', ...sent })
    expect(feature(sent, simplified)['properties']).to.deep.equal({ type: 'TideGauge', level: 4, location: point })
  })

  it('take the geometry from geometryProperty (6.3.15)', () => {
    expect(
      feature({ location: point, observationSpace: other }, normalized, 'observationSpace')['geometry'],
    ).to.deep.equal(other)
  })

  for (const [name, location] of [
    ['without the GeoProperty', undefined],
    ['with a Property that holds no geometry', 'Brest'],
    ['with a Relationship', { object: 'urn:a:1' }],
  ] as const) {
    it(`${name} the geometry is null (4.5.16.1)`, () => {
      expect(feature(location === undefined ? {} : { location }, normalized)['geometry']).to.equal(null)
    })
  }

  const several = [
    { type: 'GeoProperty', value: point },
    { type: 'GeoProperty', value: other, datasetId: GPS },
  ]
  for (const [name, location, datasets, geometry] of [
    ['the default instance', several, undefined, point],
    ['the instance that datasetId chooses', several, [GPS], other],
    ['the default instance of those that datasetId chooses', several, [GPS, '@none'], point],
    ['no instance that datasetId does not choose', several, ['urn:other'], null],
    ['the only instance', [several[1] ?? {}], undefined, other],
    [
      'none of several where no default one is',
      [several[1] ?? {}, { ...several[1], datasetId: 'urn:b' }],
      undefined,
      null,
    ],
  ] as const) {
    it(`the geometry is that of ${name} (4.5.16.1)`, () => {
      const options = datasets === undefined ? normalized : { ...normalized, datasets: new Set(datasets) }
      expect(feature({ location: [...location] }, options)['geometry']).to.deep.equal(geometry)
    })
  }

  it('keep id and geometry whatever pick says, and drop type where it does (4.21)', () => {
    const shown = feature({ level: 4, location: point }, { ...simplified, pick: new Map([['level', undefined]]) })
    expect(shown).to.deep.equal({ id: BREST, type: 'Feature', geometry: point, properties: { level: 4 } })
  })

  it('close the rings of a polygon that was sent open (RFC 7946, 3.1.6)', () => {
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
    ]
    const open = { type: 'Polygon', coordinates: [ring] }
    const closed = { type: 'Polygon', coordinates: [[...ring, [0, 0]]] }
    expect(feature({ location: open }, normalized)).to.deep.include({ geometry: closed })
    expect(feature({ location: closed }, normalized)).to.deep.include({ geometry: closed })
    const multi = (...parts: JsonObject[]): JsonObject => ({
      type: 'MultiPolygon',
      coordinates: parts.map((part) => part['coordinates'] ?? []),
    })
    expect(feature({ location: multi(open, closed) }, normalized)).to.deep.include({ geometry: multi(closed, closed) })
  })
})
