/** What q compares with: numbers, quoted and bare texts, times, URIs (ETSI GS CIM 009 V1.9.1, clause 4.9). */
import { iriOfCoreName } from '../context/core.ts'
import { expandName } from '../context/names.ts'
import type { CompiledContext } from '../context/tables.ts'
import { isUri } from '../model/names.ts'
import type { Operand } from './ast.ts'
import type { Reader } from './lexer.ts'
import { acceptPattern, syntaxError } from './lexer.ts'
import { QUOTED, unquote } from './parse-path.ts'
import { temporalKey } from './temporal.ts'

/** How the texts of a comparison are understood. */
export interface Values {
  readonly context: CompiledContext
  /** The attribute is one of expandValues: the texts are names, and compared as the IRIs that they stand for. */
  readonly areNames: boolean
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\.\.|[,;|)}]|$)/y
const TIME =
  /(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,6})?Z)?|\d{2}:\d{2}:\d{2}(?:[.,]\d{1,6})?Z)(?=\.\.|[,;|)}]|$)/y
/** What begins as a DateTime and is none (a time zone other than Z, say) is a slip, not a text to compare with (clause 4.6.3). */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:/
// Bare words and URIs stand unquoted in the specification's examples.
const BARE = /(?![=!<>~])(?:(?!\.\.)[^,;|(){}"\s])+/y

/** Takes an operand. Throws BadRequestData naming what is read and the position. */
export function parseOperand(reader: Reader, values: Values): Operand {
  const quoted = acceptPattern(reader, QUOTED)
  if (quoted !== undefined) return textOperand(unquote(reader, quoted), values)
  const time = acceptPattern(reader, TIME)
  if (time !== undefined) return timeOperand(reader, time)
  const number = acceptPattern(reader, NUMBER)
  if (number !== undefined) return numberOperand(reader, number)
  const bare = acceptPattern(reader, BARE)
  if (bare === undefined) throw syntaxError(reader, 'a value expected')
  if (bare === 'true' || bare === 'false') return { kind: 'value', value: bare === 'true' }
  if (DATE_TIME.test(bare)) return timeOperand(reader, bare)
  return textOperand(bare, values)
}

function numberOperand(reader: Reader, text: string): Operand {
  const value = Number(text)
  if (!Number.isFinite(value)) throw syntaxError(reader, `${text} is beyond all numbers`)
  return { kind: 'value', value }
}

function timeOperand(reader: Reader, text: string): Operand {
  const time = temporalKey(text)
  if (time === undefined) throw syntaxError(reader, `${text} is not a DateTime, Date or Time`)
  return { kind: 'time', time, text }
}

/** Quoted or not makes no difference: clients quote URIs and times, the specification's examples do both. */
function textOperand(text: string, { context, areNames }: Values): Operand {
  const name = vocabularyName(context, text)
  if (areNames) return { kind: 'uri', uri: iriOfCoreName(name), vocab: name }
  const time = temporalKey(text)
  if (time !== undefined) return { kind: 'time', time, text }
  const vocab = name === text ? {} : { vocab: name }
  return isUri(text) ? { kind: 'uri', uri: text, ...vocab } : { kind: 'value', value: text, ...vocab }
}

/** What names nothing (an e-mail address with `@` in front, say) is a text like any other. */
function vocabularyName(context: CompiledContext, text: string): string {
  try {
    return expandName(context, text)
  } catch {
    return text
  }
}
