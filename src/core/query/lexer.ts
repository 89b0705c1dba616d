/** A reader over the text of a query expression, for the small parsers of this folder. */
import { badRequestData } from '../errors.ts'
import type { NgsiError } from '../errors.ts'

export interface Reader {
  readonly text: string
  position: number
  /** What is being read, for messages: `q`, `type`. */
  readonly name: string
  /** Tokens tried and characters taken so far: what reading costs, without a clock. */
  steps: number
  /** Terms begun so far. */
  terms: number
}

const MAX_LENGTH = 100_000
const MAX_TERMS = 500
const MAX_NESTING = 16

/** A reader at the beginning of a text. Throws BadRequestData naming the parameter when the text is too long. */
export function readerOf(name: string, text: string): Reader {
  if (text.length > MAX_LENGTH) throw badRequestData(`${name}: at most ${String(MAX_LENGTH)} characters are read`)
  return { name, text, position: 0, steps: 0, terms: 0 }
}

/** To be called where a term begins: what is made of the terms (SQL, a walk per entity) has bounds too. */
export function beginTerm(reader: Reader): void {
  reader.terms += 1
  if (reader.terms > MAX_TERMS) throw syntaxError(reader, `more than ${String(MAX_TERMS)} terms`)
}

/** To be called one level deeper in parentheses or braces, with the depth outside of them. */
export function checkNesting(reader: Reader, depth: number): void {
  if (depth >= MAX_NESTING) throw syntaxError(reader, 'nested too deeply')
}

/** Takes a token when it comes next. */
export function accept(reader: Reader, token: string): boolean {
  reader.steps += 1
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
  reader.steps += 1 + (match?.[0].length ?? 0)
  if (match === null) return undefined
  reader.position += match[0].length
  return match[0]
}

/** Takes a token, or fails saying that it was expected here. */
export function expect(reader: Reader, token: string): void {
  if (!accept(reader, token)) throw syntaxError(reader, `'${token}' expected`)
}

/** True when a sticky regular expression matches here; nothing is taken. */
export function atPattern(reader: Reader, pattern: RegExp): boolean {
  reader.steps += 1
  pattern.lastIndex = reader.position
  return pattern.test(reader.text)
}

/** Fails unless the whole text has been read. */
export function expectEnd(reader: Reader, what: string): void {
  if (reader.position < reader.text.length) throw syntaxError(reader, what)
}

/** BadRequestData that names the parameter, the position and what was expected. */
export function syntaxError(reader: Reader, what: string): NgsiError {
  const rest = reader.text.slice(reader.position, reader.position + 20)
  const where = rest === '' ? 'at the end' : `before '${rest}'`
  return badRequestData(`${reader.name}: ${what} at position ${String(reader.position + 1)}, ${where}`)
}
