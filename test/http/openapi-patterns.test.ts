import fc from 'fast-check'
import { expect } from 'chai'
import { timeKey } from '../../src/base/time.ts'
import { coreContext } from '../../src/core/context/compile.ts'
import { parseLang } from '../../src/core/model/language.ts'
import { checkDatasets, checkUris, isUri, readAttributeName, readTypeName } from '../../src/core/model/names.ts'
import { readLanguageTag } from '../../src/core/model/read-value.ts'
import { collatorOf } from '../../src/core/query/collator.ts'
import { parseGeoQ, readReference } from '../../src/core/query/parse-geo.ts'
import { parseMembers } from '../../src/core/query/parse-members.ts'
import { parseOrderBy } from '../../src/core/query/parse-order-by.ts'
import { parseQ } from '../../src/core/query/parse-q.ts'
import { parseScopeQ } from '../../src/core/query/parse-scope.ts'
import { parseTypeSelection } from '../../src/core/query/parse-type.ts'
import { attributeNames } from '../../src/http/ngsi-ld/entity-filter.ts'
import { linkedContext } from '../../src/http/headers.ts'
import type { Grammar, GrammarName } from '../../src/http/openapi/patterns.ts'
import { grammars } from '../../src/http/openapi/patterns.ts'
import { readList } from '../../src/http/parameters.ts'

/** The patterns of the API description are the grammars of the parsers. */

interface Case {
  readonly read: (text: string) => unknown
  /** What texts are made of. */
  readonly tokens: readonly string[]
}

const listed = (text: string): readonly string[] => readList(new URLSearchParams({ list: text }), 'list') ?? []
const names = ['a', 'Bé', 'urn:a', 'id', 'type', 'scope', 'value', 'object', 'x:y', 'http://x/y', 'urn:', '_', '-', '1']
const uris = ['urn:a', 'a:', 'a', ':', 'é', ' ', '"', '\u00a0', 'urn:ngsi-ld:null', '@none', '^', '1']
const origin = { orderFrom: [0, 0] }

const cases: Readonly<Partial<Record<GrammarName, Case>>> = {
  uri: {
    read: (text) => {
      if (!isUri(text) || text === 'urn:ngsi-ld:null') throw new Error(text)
    },
    tokens: uris,
  },
  uriList: { read: (text) => checkUris('ids', listed(text)), tokens: [...uris, ',', ', '] },
  datasetList: { read: (text) => checkDatasets(listed(text)), tokens: [...uris, ',', ', '] },
  attribute: { read: (text) => readAttributeName(coreContext, text, 'name'), tokens: names },
  attributeList: {
    read: (text) => attributeNames(coreContext, listed(text), 'attrs'),
    tokens: [...names, ',', ', ', ' '],
  },
  type: { read: (text) => readTypeName(coreContext, text, 'type'), tokens: [...names, 'urn:ngsi-ld:null'] },
  types: {
    read: (text) => parseTypeSelection(coreContext, text),
    tokens: [...names, ',', ';', '|', '(', ')', '*', 'urn:ngsi-ld:null', '(a', ')'],
  },
  scopes: {
    read: (text) => parseScopeQ(text),
    tokens: ['a', 'é1', '/', '/', '#', '+', '"', '(', ')', ',', ';', '|', '1'],
  },
  property: {
    read: (text) =>
      parseGeoQ(coreContext, { georel: 'within', geometry: 'Point', coordinates: [0, 0], geoproperty: text }),
    tokens: [...names, '__proto__', '=', ' '],
  },
  q: {
    read: (text) => parseQ(coreContext, text),
    tokens: [
      ...[
        ...names,
        '.',
        '[',
        ']',
        '==',
        '!=',
        '>=',
        '<',
        '~=',
        '!~=',
        '..',
        ',',
        ';',
        '|',
        '"',
        '\\',
        '\\u00e9',
        'true',
      ],
      ...['2026-02-29', '2024-02-29', '2026-03-20T06:12:00Z', '2026-03-20T06:12:00+01', '06:12:00Z', '26:12:00Z', 'T'],
      ...['a[urn:b.', '"c"]', 'urn:b.c]', '1.5', '-2e3', '1e999', '(', ')', '{', '}', ' '],
    ],
  },
  members: {
    read: (text) => parseMembers(coreContext, text, 'pick'),
    tokens: [...names, ',', '|', '{', '}', ' '],
  },
  orderBy: {
    read: (text) => parseOrderBy(coreContext, text, origin),
    tokens: [...names, ';asc', ';desc', ';dist-asc', ';dist-desc', ',', '.', '[', ']', 'a[b]'],
  },
  georel: {
    read: (text) => parseGeoQ(coreContext, { georel: text, geometry: 'Point', coordinates: [0, 0] }),
    tokens: [
      'within',
      'near',
      ';',
      'near;maxDistance==',
      'minDistance',
      '==',
      '0',
      '00',
      '1',
      '.',
      '.5',
      'e3',
      'E-2',
      '-',
    ],
  },
  coordinates: {
    read: (text) => {
      for (const type of ['Point', 'MultiPoint', 'MultiLineString', 'MultiPolygon']) {
        try {
          return readReference(type, text, { geometry: 'geometry', coordinates: 'coordinates' })
        } catch {
          // Perhaps one of another type.
        }
      }
      throw new Error(text)
    },
    tokens: [
      '[',
      ']',
      '[0,0]',
      '[-180.0, 90]',
      '[181,0]',
      '0',
      '1.5',
      ',',
      ' ',
      '[[0,0],[1,1]]',
      '[[0,0],[1,1],[2,0]]',
    ],
  },
  collation: {
    read: (text) => collatorOf(text),
    tokens: ['und', 'fr', 'pt', '-', '-BR', '-XX', '-u-ks-level1', '-u-ks-level4', '-x-icu', 'xx'],
  },
  languages: {
    read: (text) => parseLang(text, 'lang'),
    tokens: ['fr', 'fr-CH', '*', ',', ';', 'q=', 'Q = ', '0', '0.5', '1', '1.000', '1.5', ' ', 'é', '-', 'abcdefghi'],
  },
  language: { read: (text) => readLanguageTag(text, 'lang'), tokens: ['fr', '-', 'CH', '1', ' ', 'abcdefghi'] },
  dateTime: {
    read: (text) => {
      if (timeKey(text) === undefined) throw new Error(text)
    },
    tokens: [
      ...['2026-02-29T', '2024-02-29T', '1900-02-29T', '2000-02-29T', '2026-04-31T', '2026-12-31T', '2026-13-01T'],
      ...['2024-02-29T23:59:59Z', '23:59:59Z', '24:00:00Z', '23:59:59', '.123456Z', ',5Z', '.1234567Z', '+01:00'],
    ],
  },
  links: {
    read: (text) => linkedContext({ headers: { link: text } }),
    tokens: ['<', '>', 'a', ',', ' ', ';', '<a>', 'rel="next"', '"'],
  },
}

function accepts({ read }: Case, text: string): boolean {
  try {
    read(text)
    return true
  } catch {
    return false
  }
}

describe('the patterns of the API description', () => {
  for (const [name, given] of Object.entries(cases)) {
    const { pattern, narrower }: Grammar = grammars[name as GrammarName]
    const expression = new RegExp(pattern, 'u')
    it(`${name}: what fits is read${narrower === undefined ? ', and nothing else is' : ''}`, () => {
      const texts = fc
        .array(fc.constantFrom(...given.tokens), { minLength: 1, maxLength: 8 })
        .map((parts) => parts.join(''))
      let fitting = 0
      fc.assert(
        fc.property(texts, (text) => {
          const fits = expression.test(text)
          if (fits) fitting += 1
          if (fits || narrower === undefined) expect(accepts(given, text), `${name} ${text}`).to.equal(fits)
        }),
        { numRuns: 3_000 },
      )
      expect(fitting, 'how many were tried').to.be.greaterThan(5)
    })
  }
})
