import { expect } from 'chai'
import fc from 'fast-check'
import { dateTimeOf, durationOf, microsOfTimeKey, timeKey, timeKeyOfMicros } from '../../src/base/time.ts'

const accepted: readonly (readonly [string, string])[] = [
  ['2026-03-20T08:00:00Z', '2026-03-20T08:00:00.000000Z'],
  ['2026-03-20T08:00:00.5Z', '2026-03-20T08:00:00.500000Z'],
  ['2026-03-20T08:00:00,123456Z', '2026-03-20T08:00:00.123456Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000000Z'],
]

const refused = [
  '2026-03-20',
  '2026-03-20T08:00Z',
  '2026-03-20T08:00:00',
  '2026-03-20T08:00:00+01:00',
  '2026-03-20T08:00:00.1234567Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2026-03-00T00:00:00Z',
  '2026-03-20T24:00:00Z',
  '2026-03-20T23:60:00Z',
  '2026-03-20T23:59:60Z',
]

describe('time keys (4.6.3)', () => {
  for (const [dateTime, key] of accepted) {
    it(`${dateTime} is ${key}`, () => {
      expect(timeKey(dateTime)).to.equal(key)
    })
  }

  for (const dateTime of refused) {
    it(`${dateTime} is no DateTime`, () => {
      expect(timeKey(dateTime)).to.equal(undefined)
    })
  }

  it('sort as the times do, and say the same microseconds as Date', () => {
    const micros = fc.integer({ min: 0, max: 4_102_444_800_000_000 })
    fc.assert(
      fc.property(micros, micros, (a, b) => {
        const [first, second] = [timeKeyOfMicros(a), timeKeyOfMicros(b)]
        expect(first < second).to.equal(a < b)
        expect(microsOfTimeKey(first)).to.equal(a)
        expect(timeKey(dateTimeOf(first))).to.equal(first)
        expect(first.slice(0, 23)).to.equal(new Date(Math.floor(a / 1000)).toISOString().slice(0, 23))
      }),
    )
  })
})

describe('durations (ISO 8601, 5.2.40)', () => {
  for (const [seconds, text] of [
    [0, 'PT0S'],
    [59, 'PT59S'],
    [60, 'PT1M'],
    [3661, 'PT1H1M1S'],
    [86_400, 'P1D'],
    [90_061, 'P1DT1H1M1S'],
    [40 * 86_400 + 5, 'P40DT5S'],
  ] as const) {
    it(`of ${String(seconds)} s is ${text}`, () => {
      expect(durationOf(seconds)).to.equal(text)
    })
  }
})
