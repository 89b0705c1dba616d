/** The parsers of query expressions on texts that mean harm, or nothing. */
import { expect } from 'chai'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readerOf } from '../../../src/core/query/lexer.ts'
import { parseGeoQ } from '../../../src/core/query/parse-geo.ts'
import { parseMembers } from '../../../src/core/query/parse-members.ts'
import { parseOrderBy } from '../../../src/core/query/parse-order-by.ts'
import { parseQ, readQ } from '../../../src/core/query/parse-q.ts'
import { parseScopeQ } from '../../../src/core/query/parse-scope.ts'
import { parseTypeSelection } from '../../../src/core/query/parse-type.ts'

const parsers: readonly ((text: string) => unknown)[] = [
  (text) => parseQ(coreContext, text),
  (text) => parseScopeQ(text),
  (text) => parseTypeSelection(coreContext, text),
  (text) => parseGeoQ(coreContext, { georel: 'within', geometry: 'Polygon', coordinates: text }),
  (text) => parseGeoQ(coreContext, { georel: text, geometry: 'Point', coordinates: '[8,40]', geoproperty: text }),
  (text) => parseMembers(coreContext, text, 'pick'),
  (text) => parseOrderBy(coreContext, text, { orderFrom: '[8,40]' }),
  (text) => parseOrderBy(coreContext, 'name', { collation: text }),
]

/** What the grammars are made of, well and badly. */
const fragments = [
  ...['level', 'a.b', 'a[b.c]', 'name[*]', 'name[en-GB]', 'rel{', 'rel{Device:', 'rel{A,B:', '}', '(', ')', '[', ']'],
  ...['==', '!=', '>=', '<=', '>', '<', '~=', '!~=', ';', '|', ',', '..', '.', ':', '=', '!', '~', '/', '#', '+', '-'],
  ...['"', '""', '"a"', '"\\u0000"', '"\\', '\\', '"\ud800"', 'true', 'false', 'null', '1', '-0', '1e999', '1e-999'],
  ...['2026-03-20', '2026-02-30', '08:00:00Z', '2026-03-20T08:00:00.123456Z', '2026-03-20T25:00:00Z', '99:99:99Z'],
  ...['urn:a:b', 'https://example.org/a?b=c#d', 'ex:Male', '@type', '@context', 'id', 'type', 'scope', '__proto__'],
  ...['constructor', 'toString', 'hasOwnProperty', 'createdAt', 'near;maxDistance==5', 'asc', 'desc', ';dist-asc'],
  ...[
    '^(a+)+$',
    '[a-',
    '(?<x>',
    '{1,2}',
    '.*',
    '(?=a)',
    '\\d',
    'ë',
    '日本',
    '\u0301',
    '\ud83c\udf0a',
    '\udc00',
    '\u0000',
  ],
  ...[
    '[[0,0],[1,1]',
    '[[[0,0],[1,1],[0,1]]]',
    '{"a":1}',
    'de-u-co-phonebk',
    'und-u-ks-level1',
    '-u-co-',
    ' ',
    '\n',
    '%20',
  ],
]

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}

/** Whole terms, of which most texts of two or three can be read. */
const terms = [
  'level>1',
  'a.b=="x"',
  'a[b.c]!=1..2',
  'rel{Device:a}<2',
  'name~=^a(b|c)',
  '/a/+',
  '/a/#',
  'rel{b|c}',
  'T',
]

function randomText(random: (below: number) => number): string {
  const isTame = random(2) === 0
  const words = isTame ? [...terms, ';', '|', ','] : fragments
  const parts = Array.from({ length: 1 + random(isTame ? 4 : 9) }, () => words[random(words.length)] ?? '')
  // Noise: one character of any kind, anywhere.
  if (random(4) === 0) parts.splice(random(parts.length), 0, String.fromCharCode(random(0x10000)))
  return parts.join('')
}

describe('query expressions that mean harm (4.9, 4.10, 4.17, 4.19, 4.21, 4.23)', () => {
  it('100,000 random texts are read or refused as bad requests, nothing else', function () {
    this.timeout(60_000)
    const random = seeded(4_090)
    let read = 0
    for (let round = 0; round < 100_000; round += 1) {
      const text = randomText(random)
      const parse = parsers[random(parsers.length)]
      try {
        parse?.(text)
        read += 1
      } catch (error) {
        if (!(error instanceof NgsiError) || error.name !== 'BadRequestData') {
          throw new Error(`${JSON.stringify(text)} fails with ${String(error)}`, { cause: error })
        }
      }
    }
    // Enough of them must have got through for the test to have gone deep.
    expect(read).to.be.greaterThan(3_000)
  })

  const growing: readonly (readonly [title: string, textOf: (size: number) => string])[] = [
    ['names', (size) => 'a'.repeat(size)],
    ['paths', (size) => `a${'.b'.repeat(size)}`],
    ['keys', (size) => `a[${Array.from({ length: size }, () => 'b').join('.')}]`],
    ['lists', (size) => `a==${Array.from({ length: size }, (_, index) => String(index)).join(',')}`],
    ['numbers', (size) => `a==${'1'.repeat(size)}x`],
    ['fractions', (size) => `a==1.${'1'.repeat(size)}x`],
    ['quoted texts', (size) => `a=="${'b'.repeat(size)}"`],
    ['texts never closed', (size) => `a=="${'\\"'.repeat(size)}`],
    ['bare words', (size) => `a==${'b.'.repeat(size)}`],
    ['bare patterns', (size) => `a~=${'(b)'.repeat(size / 10)}`],
    ['patterns never closed', (size) => `a~=${'[('.repeat(size)}`],
    ['URIs', (size) => `urn:${'a:'.repeat(size)}`],
    ['type hints', (size) => `a{${'B,'.repeat(size)}B:c}`],
  ]
  for (const [title, textOf] of growing) {
    it(`reading ${title} takes steps in proportion to their length (4.9)`, () => {
      const [once, twice] = [stepsOf(textOf(1000)), stepsOf(textOf(2000))]
      expect(twice).to.be.lessThan(2.2 * once + 50)
    })
  }

  const bounded: readonly (readonly [title: string, parse: () => unknown])[] = [
    ['parentheses nested deeply', () => parseQ(coreContext, `${'('.repeat(50_000)}a`)],
    ['braces nested deeply', () => parseQ(coreContext, `${'a{'.repeat(50_000)}a`)],
    ['types nested deeply', () => parseTypeSelection(coreContext, '('.repeat(50_000))],
    ['scopes nested deeply', () => parseScopeQ('('.repeat(50_000))],
    ['members nested deeply', () => parseMembers(coreContext, 'a{'.repeat(49_000), 'omit')],
    ['coordinates nested deeply', () => parsers[3]?.('['.repeat(50_000) + ']'.repeat(50_000))],
    ['more than 500 terms', () => parseQ(coreContext, 'a;'.repeat(500) + 'a')],
    ['very long texts', () => parseQ(coreContext, `a=="${'b'.repeat(100_000)}"`)],
    ['numbers beyond all numbers', () => parseQ(coreContext, 'a==1e999')],
  ]
  for (const [title, parse] of bounded) {
    it(`${title} are refused (4.9)`, () => {
      expect(parse).to.throw(NgsiError).with.property('name', 'BadRequestData')
    })
  }
})

function stepsOf(text: string): number {
  const reader = readerOf('q', text)
  try {
    readQ(coreContext, reader)
  } catch (error) {
    expect(error).to.be.instanceOf(NgsiError)
  }
  return reader.steps
}
