/** DateTime, Date and Time as texts that sort as time (ETSI GS CIM 009 V1.9.1, clause 4.6.3). */
import { timeKey } from '../../base/time.ts'

/**
 * `2026-03-20T08:00:00.000000Z`, `2026-03-20` or `08:00:00.000000Z`. The three types differ in length, and only keys of one
 * length compare: a Date is never before or after a DateTime (clause 4.9: no equality between the data types).
 */
export type TemporalKey = string

export type TemporalType = 'time' | 'date' | 'dateTime'

const types: ReadonlyMap<number, TemporalType> = new Map([
  [16, 'time'],
  [10, 'date'],
  [27, 'dateTime'],
])

/** The key of a text that is a DateTime, Date or Time; undefined for any other. */
export function temporalKey(text: string): TemporalKey | undefined {
  // All three begin with two digits; most texts do not.
  if (!/^\d\d/.test(text)) return undefined
  if (text.includes('T')) return timeKey(text)
  if (text.includes(':')) return timeKey(`2000-01-01T${text}`)?.slice(11)
  return timeKey(`${text}T00:00:00Z`) === undefined ? undefined : text
}

/** The type of a key. */
export function temporalType(key: TemporalKey): TemporalType | undefined {
  return types.get(key.length)
}
