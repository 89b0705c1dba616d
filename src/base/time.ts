/**
 * Time as one sortable text: 27 characters, UTC, six fraction digits, e.g. `2026-11-22T09:30:00.000125Z`.
 *
 * Why text and not Date: texts of differing precision sort wrongly (`...00Z` after `...00.5Z`), and Date loses the
 * microseconds that NGSI-LD allows (ETSI GS CIM 009 V1.9.1, clause 4.6.3).
 */
export type TimeKey = string

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?Z$/

/** The time key of an NGSI-LD DateTime (clause 4.6.3: only Z, at most six fraction digits, comma tolerated), or undefined. */
export function timeKey(dateTime: string): TimeKey | undefined {
  const match = DATE_TIME.exec(dateTime)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = ''] = match
  const isDay = Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month))
  const isTime = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59
  return isDay && isTime ? `${dateTime.slice(0, 19)}.${fraction.padEnd(6, '0')}Z` : undefined
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** Days of a month (1 to 12) of the Gregorian calendar; 0 for a month that is none. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0)
}

// Many requests fall into one millisecond, and Date is slow at writing itself out.
let lastMillis = NaN
let lastText = ''

/** The time key of a number of microseconds since 1970. */
export function timeKeyOfMicros(micros: number): TimeKey {
  const millis = Math.floor(micros / 1000)
  if (millis !== lastMillis) {
    lastText = new Date(millis).toISOString().slice(0, 23)
    lastMillis = millis
  }
  return `${lastText}${String(micros - millis * 1000).padStart(3, '0')}Z`
}

/** Microseconds since 1970 of a time key. */
export function microsOfTimeKey(key: TimeKey): number {
  return Date.parse(`${key.slice(0, 23)}Z`) * 1000 + Number(key.slice(23, 26))
}

/** A time key as NGSI-LD shows it: trailing zeros of the fraction left out, milliseconds kept. */
export function dateTimeOf(key: TimeKey): string {
  return key.endsWith('000Z') ? `${key.slice(0, 23)}Z` : key
}

/** A number of whole seconds as an ISO 8601 duration of days, hours, minutes and seconds, without those that are zero: `P1DT2H`, `PT0S`. */
export function durationOf(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const parts = [
    ['H', Math.floor(seconds / 3600) % 24],
    ['M', Math.floor(seconds / 60) % 60],
    ['S', seconds % 60],
  ] as const
  const date = days === 0 ? '' : `${String(days)}D`
  const time = parts.map(([unit, number]) => (number === 0 ? '' : `${String(number)}${unit}`)).join('')
  if (time === '') return date === '' ? 'PT0S' : `P${date}`
  return `P${date}T${time}`
}
