/**
 * The query language q (ETSI GS CIM 009 V1.9.1, clause 4.9), and csf, which shares its grammar.
 *
 *     q    = item {(";" | "|") item}       ; is AND and binds tighter than |, which is OR
 *     item = term | "(" q ")"
 *     term = path | path operator operands
 *
 * The official ABNF is narrower than the specification's own examples; what they show is accepted.
 */
import { timeKey } from '../../base/time.ts'
import type { CompiledContext } from '../context/tables.ts'
import { expandName } from '../context/names.ts'
import { isUri } from '../model/names.ts'
import type { Equality, Operand, Order, Path, Query } from './ast.ts'
import { and, or } from './ast.ts'
import type { Reader } from './lexer.ts'
import { accept, acceptOneOf, acceptPattern, atEnd, expect, readerOf, syntaxError } from './lexer.ts'
import { compilePattern } from './pattern.ts'

const MAX_NESTING = 16

/** The tree of a q expression; names are expanded with the context. Throws BadRequestData naming q and the position. */
export function parseQ(context: CompiledContext, text: string): Query {
  const reader = readerOf('q', text)
  const query = parseAlternatives(context, reader, 0)
  if (!atEnd(reader)) throw syntaxError(reader, "';', '|' or the end expected")
  return query
}

function parseAlternatives(context: CompiledContext, reader: Reader, depth: number): Query {
  const members = [parseConjunction(context, reader, depth)]
  while (accept(reader, '|')) members.push(parseConjunction(context, reader, depth))
  return or(...members)
}

function parseConjunction(context: CompiledContext, reader: Reader, depth: number): Query {
  const members = [parseItem(context, reader, depth)]
  while (accept(reader, ';')) members.push(parseItem(context, reader, depth))
  return and(...members)
}

function parseItem(context: CompiledContext, reader: Reader, depth: number): Query {
  if (!accept(reader, '(')) return parseTerm(context, reader)
  if (depth >= MAX_NESTING) throw syntaxError(reader, 'parentheses are nested too deeply')
  const query = parseAlternatives(context, reader, depth + 1)
  expect(reader, ')')
  return query
}

function parseTerm(context: CompiledContext, reader: Reader): Query {
  const path = parsePath(context, reader)
  const pattern = acceptOneOf(reader, ['!~=', '~='])
  if (pattern !== undefined) return parsePattern(reader, path, pattern === '!~=')
  const equality = acceptOneOf(reader, ['==', '!='])
  if (equality !== undefined) return parseEquality(reader, path, equality)
  const order = acceptOneOf<Order>(reader, ['>=', '<=', '>', '<'])
  if (order !== undefined) return { kind: 'order', path, operator: order, operand: parseOperand(reader) }
  return { kind: 'exists', path }
}

const IRI_NAME = /(?:https?:\/\/|urn:)[^=!<>~;|()[\]{}\s]+/y
const NAME = /[\p{L}_][\p{L}\p{N}_]*(?::[\p{L}\p{N}_-]+)?/uy
const KEY = /[^.\][=!<>~;|(){}"]+/y

function parsePath(context: CompiledContext, reader: Reader): Path {
  const attribute = expandName(context, parseName(reader))
  const members: string[] = []
  while (accept(reader, '.')) members.push(expandName(context, parseName(reader)))
  return { attribute, members, keys: accept(reader, '[') ? parseKeys(reader) : [] }
}

function parseName(reader: Reader): string {
  const name = acceptPattern(reader, IRI_NAME) ?? acceptPattern(reader, NAME)
  if (name === undefined) throw syntaxError(reader, 'an attribute name expected')
  return name
}

function parseKeys(reader: Reader): readonly string[] {
  const keys: string[] = []
  do {
    const key = acceptPattern(reader, KEY)
    if (key === undefined) throw syntaxError(reader, 'a member name expected')
    keys.push(key)
  } while (accept(reader, '.'))
  expect(reader, ']')
  return keys
}

function parsePattern(reader: Reader, path: Path, negated: boolean): Query {
  const pattern = acceptPattern(reader, QUOTED)?.slice(1, -1) ?? acceptPattern(reader, /[^;]+/y)
  if (pattern === undefined) throw syntaxError(reader, 'a regular expression expected')
  compilePattern(pattern, reader.name)
  return { kind: 'pattern', path, negated, pattern }
}

function parseEquality(reader: Reader, path: Path, operator: Equality): Query {
  const first = parseOperand(reader)
  if (accept(reader, '..')) return { kind: 'range', path, operator, from: first, to: parseOperand(reader) }
  const operands = [first]
  while (accept(reader, ',')) operands.push(parseOperand(reader))
  return { kind: 'equals', path, operator, operands }
}

const QUOTED = /"(?:[^"\\]|\\.)*"/y
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\.\.|[,;|)]|$)/y
const TIME =
  /(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,6})?Z)?|\d{2}:\d{2}:\d{2}(?:[.,]\d{1,6})?Z)(?=\.\.|[,;|)]|$)/y
// Bare words and URIs stand unquoted in the specification's examples.
const BARE = /(?![=!<>~])(?:(?!\.\.)[^,;|()"\s])+/y

function parseOperand(reader: Reader): Operand {
  const quoted = acceptPattern(reader, QUOTED)
  if (quoted !== undefined) return textOperand(unquote(reader, quoted))
  const time = acceptPattern(reader, TIME)
  if (time !== undefined) return timeOperand(reader, time)
  const number = acceptPattern(reader, NUMBER)
  if (number !== undefined) return { kind: 'value', value: Number(number) }
  const bare = acceptPattern(reader, BARE)
  if (bare === undefined) throw syntaxError(reader, 'a value expected')
  if (bare === 'true' || bare === 'false') return { kind: 'value', value: bare === 'true' }
  return textOperand(bare)
}

function unquote(reader: Reader, quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw syntaxError(reader, `${quoted} is not a JSON string`)
  }
}

function textOperand(text: string): Operand {
  return isUri(text) ? { kind: 'uri', uri: text } : { kind: 'value', value: text }
}

function timeOperand(reader: Reader, text: string): Operand {
  if (!text.includes('T')) return { kind: 'value', value: text }
  const time = timeKey(text)
  if (time === undefined) throw syntaxError(reader, `${text} is not a DateTime`)
  return { kind: 'time', time, text }
}
