/**
 * The query language q (ETSI GS CIM 009 V1.9.1, clause 4.9), and csf, which shares its grammar.
 *
 *     q    = item {(";" | "|") item}                 ; is AND and binds tighter than |, which is OR
 *     item = term | "(" q ")"
 *     term = path [comparison] | path "{" [types ":"] term "}" [comparison]
 *
 * The official ABNF is narrower than the specification's own examples; what they show is accepted. The comparison of a term
 * in braces stands behind them, as in the specification, or inside.
 */
import type { CompiledContext } from '../context/tables.ts'
import type { Equality, Order, Path, Query } from './ast.ts'
import { and, or } from './ast.ts'
import type { Reader } from './lexer.ts'
import {
  accept,
  acceptOneOf,
  acceptPattern,
  atPattern,
  beginTerm,
  checkNesting,
  expect,
  expectEnd,
  readerOf,
  syntaxError,
} from './lexer.ts'
import type { Values } from './parse-operand.ts'
import { parseOperand } from './parse-operand.ts'
import type { Naming } from './parse-path.ts'
import { QUOTED, expandAs, parsePath } from './parse-path.ts'
import { compilePattern } from './pattern.ts'

export interface QOptions {
  /** The parameter, for messages; absent: q. */
  readonly name?: string
  /** Core names of attributes whose keys in brackets are taken as they are (clause 4.9). */
  readonly jsonKeys?: ReadonlySet<string>
  /** Core names of attributes whose compared values are expanded (clause 4.9). */
  readonly expandValues?: ReadonlySet<string>
}

interface Reading extends Naming {
  readonly expandValues?: ReadonlySet<string>
  readonly reader: Reader
}

/** The tree of a q expression; names are expanded with the context. Throws BadRequestData naming q and the position. */
export function parseQ(context: CompiledContext, text: string, options: QOptions = {}): Query {
  return readQ(context, readerOf(options.name ?? 'q', text), options)
}

/** As `parseQ`, from a reader at the beginning of the expression to its end. */
export function readQ(context: CompiledContext, reader: Reader, options: QOptions = {}): Query {
  const query = parseAlternatives({ ...options, context, reader }, 0)
  expectEnd(reader, "';', '|' or the end expected")
  return query
}

function parseAlternatives(reading: Reading, depth: number): Query {
  const members = [parseConjunction(reading, depth)]
  while (accept(reading.reader, '|')) members.push(parseConjunction(reading, depth))
  return or(...members)
}

function parseConjunction(reading: Reading, depth: number): Query {
  const members = [parseItem(reading, depth)]
  while (accept(reading.reader, ';')) members.push(parseItem(reading, depth))
  return and(...members)
}

function parseItem(reading: Reading, depth: number): Query {
  const { reader } = reading
  if (!accept(reader, '(')) return parseTerm(reading, 0)
  checkNesting(reader, depth)
  const query = parseAlternatives(reading, depth + 1)
  expect(reader, ')')
  return query
}

/** A term inside so many open braces; the innermost term closes them all. */
function parseTerm(reading: Reading, open: number): Query {
  const { reader } = reading
  beginTerm(reader)
  const path = parsePath(reading, reader)
  if (accept(reader, '{')) {
    checkNesting(reader, open)
    return { kind: 'linked', path, types: parseTypeHint(reading), of: parseTerm(reading, open + 1) }
  }
  const braces = '}'.repeat(open)
  if (open > 0 && accept(reader, braces)) return parseComparison(reading, path)
  const query = parseComparison(reading, path)
  expect(reader, braces)
  return query
}

const HINT = /(?!urn:|https?:\/\/)[\p{L}_][\p{L}\p{N}_-]*(?:[:,][\p{L}_][\p{L}\p{N}_-]*)*/uy

/** `Type,Type:` before a path. `a:b` alone is a prefixed name where the context knows the prefix, else type and name. */
function parseTypeHint({ context, reader }: Reading): readonly string[] {
  const start = reader.position
  const types = (acceptPattern(reader, HINT) ?? '').split(',')
  reader.position = start
  const parts = types.pop()?.split(':') ?? []
  const prefixed = parts.slice(0, 2).join(':')
  const isPrefixed = parts.length > 1 && expandAs(context, prefixed, reader.name) !== prefixed
  if (types.length === 0 && (parts.length === 1 || (parts.length === 2 && isPrefixed))) return []
  types.push(isPrefixed && parts.length > 2 ? prefixed : (parts[0] ?? ''))
  reader.position += types.join(',').length
  expect(reader, ':')
  return types.map((name) => expandAs(context, name, reader.name))
}

function parseComparison(reading: Reading, path: Path): Query {
  const { reader } = reading
  const pattern = acceptOneOf(reader, ['!~=', '~='])
  if (pattern !== undefined) return parsePattern(reader, path, pattern === '!~=')
  const values = { context: reading.context, areNames: reading.expandValues?.has(path.attribute) === true }
  const equality = acceptOneOf(reader, ['==', '!='])
  if (equality !== undefined) return parseEquality(reader, values, { path, operator: equality })
  const operator = acceptOneOf<Order>(reader, ['>=', '<=', '>', '<'])
  if (operator !== undefined) return { kind: 'order', path, operator, operand: parseOperand(reader, values) }
  return { kind: 'exists', path }
}

function parseEquality(reader: Reader, values: Values, test: { path: Path; operator: Equality }): Query {
  const first = parseOperand(reader, values)
  if (accept(reader, '..')) return { kind: 'range', ...test, from: first, to: parseOperand(reader, values) }
  const operands = [first]
  while (accept(reader, ',')) operands.push(parseOperand(reader, values))
  return { kind: 'equals', ...test, operands }
}

function parsePattern(reader: Reader, path: Path, negated: boolean): Query {
  // Not a JSON string: in a pattern a backslash is the pattern's own.
  const pattern = acceptPattern(reader, QUOTED)?.slice(1, -1) ?? takeBarePattern(reader)
  if (pattern === '') throw syntaxError(reader, 'a regular expression expected')
  compilePattern(pattern, reader.name)
  return { kind: 'pattern', path, negated, pattern }
}

// A class that is never closed goes to the end: trying each of its brackets again would take time as their square.
const PATTERN_PART = /\\.|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|\\?$)|[^;|\\]/suy

/**
 * An unquoted regular expression ends before `;`, `|` or a closing parenthesis or brace that is not its own: the one way to
 * read both the specification's unquoted examples and alternatives around them. A `|` inside parentheses of its own stays.
 */
function takeBarePattern(reader: Reader): string {
  const start = reader.position
  let open = 0
  for (;;) {
    if (open <= 0 && atPattern(reader, /[)}]/y)) break
    const part = acceptPattern(reader, PATTERN_PART) ?? (open > 0 && accept(reader, '|') ? '|' : undefined)
    if (part === undefined) break
    if (part === '(' || part === '{') open += 1
    if (part === ')' || part === '}') open -= 1
  }
  return reader.text.slice(start, reader.position)
}
