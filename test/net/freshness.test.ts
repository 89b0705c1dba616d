import { expect } from 'chai'
import { freshnessOf } from '../../src/net/freshness.ts'

const NOW = Date.parse('2026-11-22T09:30:00Z')
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString()

// Headers; seconds of freshness; whether it may be kept, whether it must not be used once stale.
const TABLE: readonly [Record<string, string>, number, boolean, boolean][] = [
  [{ 'cache-control': 'max-age=60' }, 60, true, false],
  [{ 'cache-control': 'public, max-age=60, s-maxage=300' }, 300, true, false],
  [{ 'cache-control': 'max-age="60"' }, 60, true, false],
  [{ 'cache-control': 'max-age=60', age: '20' }, 40, true, false],
  [{ 'cache-control': 'max-age=60', age: '200' }, 0, true, false],
  [{ 'cache-control': 'max-age=60', expires: at(900) }, 60, true, false],
  [{ 'cache-control': 'MAX-AGE=0, Must-Revalidate' }, 0, true, true],
  [{ 'cache-control': 'no-cache, max-age=60' }, 0, true, true],
  [{ 'cache-control': 'no-store, max-age=60' }, 0, false, false],
  [{ 'cache-control': 'private, max-age=60' }, 0, false, false],
  [{ 'cache-control': 'max-age=soon' }, 300, true, false],
  [{ expires: at(90) }, 90, true, false],
  [{ expires: at(90), date: at(30) }, 60, true, false],
  [{ expires: '0' }, 0, true, false],
  [{ expires: at(-90) }, 0, true, false],
  [{ 'last-modified': at(-1000) }, 100, true, false],
  [{ 'last-modified': at(-100 * 24 * 3600) }, 24 * 3600, true, false],
  [{ 'last-modified': at(500) }, 0, true, false],
  [{}, 300, true, false],
]

describe('HTTP freshness (RFC 9111)', () => {
  for (const [headers, seconds, storable, strict] of TABLE) {
    it(`${JSON.stringify(headers)}: ${String(seconds)} s`, () => {
      expect(freshnessOf(headers, NOW)).to.deep.equal({ storable, until: NOW + seconds * 1000, strict })
    })
  }
})
