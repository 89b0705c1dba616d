/** A reader over the text of a query expression, for the small parsers of this folder. */
import { badRequestData } from '../errors.ts'
import type { NgsiError } from '../errors.ts'

export interface Reader {
  readonly text: string
  position: number
  /** What is being read, for messages: `q`, `type`. */
  readonly name: string
}

/** A reader at the beginning of a text. */
export function readerOf(name: string, text: string): Reader {
  return { name, text, position: 0 }
}

/** True at the end of the text. */
export function atEnd(reader: Reader): boolean {
  return reader.position >= reader.text.length
}

/** Takes a token when it comes next. */
export function accept(reader: Reader, token: string): boolean {
  if (!reader.text.startsWith(token, reader.position)) return false
  reader.position += token.length
  return true
}

/** Takes the first of several tokens that comes next. */
export function acceptOneOf<T extends string>(reader: Reader, tokens: readonly T[]): T | undefined {
  return tokens.find((token) => accept(reader, token))
}

/** Takes what a sticky regular expression matches here; undefined, and nothing taken, when it does not. */
export function acceptPattern(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.position
  const match = pattern.exec(reader.text)
  if (match === null) return undefined
  reader.position += match[0].length
  return match[0]
}

/** Takes a token, or fails saying that it was expected here. */
export function expect(reader: Reader, token: string): void {
  if (!accept(reader, token)) throw syntaxError(reader, `'${token}' expected`)
}

/** BadRequestData that names the parameter, the position and what was expected. */
export function syntaxError(reader: Reader, what: string): NgsiError {
  const rest = reader.text.slice(reader.position, reader.position + 20)
  const where = rest === '' ? 'at the end' : `before '${rest}'`
  return badRequestData(`${reader.name}: ${what} at position ${String(reader.position + 1)}, ${where}`)
}
