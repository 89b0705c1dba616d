/**
 * Time as one sortable text: 27 characters, UTC, six fraction digits, e.g. `2026-11-22T09:30:00.000125Z`.
 *
 * Why text and not Date: texts of differing precision sort wrongly (`...00Z` after `...00.5Z`), and Date loses the
 * microseconds that NGSI-LD allows (ETSI GS CIM 009 V1.9.1, clause 4.6.3).
 */
export type TimeKey = string

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?Z$/

/** The time key of an NGSI-LD DateTime (clause 4.6.3: only Z, at most six fraction digits, comma tolerated), or undefined. */
export function timeKey(dateTime: string): TimeKey | undefined {
  const match = DATE_TIME.exec(dateTime)
  if (match === null) return undefined
  const seconds = dateTime.slice(0, 19)
  const milliseconds = Date.parse(`${seconds}Z`)
  // Date.parse rolls 30 February over into March: what comes back must be what went in.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 19) !== seconds) return undefined
  return `${seconds}.${(match[7] ?? '').padEnd(6, '0')}Z`
}

/** The time key of a number of microseconds since 1970. */
export function timeKeyOfMicros(micros: number): TimeKey {
  const millis = Math.floor(micros / 1000)
  const rest = String(micros - millis * 1000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, 23)}${rest}Z`
}

/** Microseconds since 1970 of a time key. */
export function microsOfTimeKey(key: TimeKey): number {
  return Date.parse(`${key.slice(0, 23)}Z`) * 1000 + Number(key.slice(23, 26))
}

/** A time key as NGSI-LD shows it: trailing zeros of the fraction left out, milliseconds kept. */
export function dateTimeOf(key: TimeKey): string {
  return key.endsWith('000Z') ? `${key.slice(0, 23)}Z` : key
}
