import { expect } from 'chai'
import type { Json } from '../../../src/base/json.ts'
import { wktOf } from '../../../src/core/model/wkt.ts'

const cases: readonly (readonly [type: string, coordinates: Json, wkt: string])[] = [
  ['Point', [-4.4952, 48.3829], 'POINT (-4.4952 48.3829)'],
  ['Point', [-4.4952, 48.3829, 12], 'POINT Z (-4.4952 48.3829 12)'],
  ['Point', [-4.4952, 48.3829, 12, 7], 'POINT Z (-4.4952 48.3829 12)'],
  [
    'MultiPoint',
    [
      [1, 2],
      [3, 4],
    ],
    'MULTIPOINT ((1 2), (3 4))',
  ],
  [
    'LineString',
    [
      [1, 2],
      [3, 4],
    ],
    'LINESTRING (1 2, 3 4)',
  ],
  [
    'MultiLineString',
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ],
    'MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))',
  ],
  [
    'Polygon',
    [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
    'POLYGON ((0 0, 1 0, 1 1, 0 0))',
  ],
  [
    'Polygon',
    [
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    ],
    'POLYGON ((0 0, 1 0, 1 1, 0 0))',
  ],
  [
    'MultiPolygon',
    [
      [
        [
          [0, 0, 5],
          [1, 0, 5],
          [1, 1, 5],
        ],
      ],
    ],
    'MULTIPOLYGON Z (((0 0 5, 1 0 5, 1 1 5, 0 0 5)))',
  ],
]

describe('Well-Known Text of a geometry', () => {
  for (const [type, coordinates, wkt] of cases) {
    it(wkt, () => {
      expect(wktOf({ type, coordinates })).to.equal(wkt)
    })
  }
})
