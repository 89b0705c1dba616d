/**
 * Regular expressions of clients: q's `~=` and idPattern. They run inside the broker, so they must never stall it: RE2
 * syntax, matched in linear time by construction (R. Cox, "Regular Expression Matching Can Be Simple And Fast", 2007).
 */
import { RE2JS } from 're2js'
import { badRequestData } from '../errors.ts'

const MAX_LENGTH = 512

export interface Pattern {
  /** True when the pattern matches anywhere in the text, as POSIX 1003.2 expressions do. */
  readonly matches: (text: string) => boolean
}

/** Throws BadRequestData naming `member` when the text is no regular expression, or too long. */
export function compilePattern(text: string, member: string): Pattern {
  if (text.length > MAX_LENGTH)
    throw badRequestData(`${member}: a pattern has at most ${String(MAX_LENGTH)} characters`)
  const pattern = parse(text)
  if (pattern === undefined) throw badRequestData(`${member}: '${text}' is not a regular expression (RE2 syntax)`)
  return { matches: (subject) => pattern.matcher(subject).find() }
}

function parse(text: string): RE2JS | undefined {
  try {
    return RE2JS.compile(text)
  } catch {
    return undefined
  }
}
