/** The log: one JSON line an event, on standard output (pino). */
import { pino } from 'pino'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** Fields first, then a sentence. A field named `err` is written with its stack and its causes. No credentials, ever. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A log that writes events of that level and above. */
export function createLog(level: LogLevel): Log {
  return pino({ name: 'estran', level })
}
