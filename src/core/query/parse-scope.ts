/** Scope queries: `/a/b`, `/a/+`, `/a/#`, `(/a;/b)|/c` (ETSI GS CIM 009 V1.9.1, clause 4.19). */
import type { Query } from './ast.ts'
import { and, or } from './ast.ts'
import type { Reader } from './lexer.ts'
import { accept, acceptPattern, beginTerm, checkNesting, expect, expectEnd, readerOf, syntaxError } from './lexer.ts'

/** The tree of a scope query; `,` means `|`. Throws BadRequestData naming `name` and the position. */
export function parseScopeQ(text: string, name = 'scopeQ'): Query {
  const reader = readerOf(name, text)
  const query = parseUnion(reader, 0)
  expectEnd(reader, 'the end of the scope query expected')
  return query
}

function parseUnion(reader: Reader, depth: number): Query {
  const members = [parseIntersection(reader, depth)]
  while (accept(reader, ',') || accept(reader, '|')) members.push(parseIntersection(reader, depth))
  return or(...members)
}

function parseIntersection(reader: Reader, depth: number): Query {
  const members = [parseMember(reader, depth)]
  while (accept(reader, ';')) members.push(parseMember(reader, depth))
  return and(...members)
}

function parseMember(reader: Reader, depth: number): Query {
  if (!accept(reader, '(')) return parseScope(reader)
  checkNesting(reader, depth)
  const query = parseUnion(reader, depth + 1)
  expect(reader, ')')
  return query
}

const LEVEL = /\+|[\p{L}_][\p{L}\p{N}_-]*/uy

/** The specification's examples leave out the leading slash at times, and put scopes in quotes. */
function parseScope(reader: Reader): Query {
  beginTerm(reader)
  const isQuoted = accept(reader, '"')
  accept(reader, '/')
  const levels: string[] = []
  let descendants = accept(reader, '#')
  while (!descendants) {
    levels.push(parseLevel(reader))
    if (!accept(reader, '/')) break
    descendants = accept(reader, '#')
  }
  if (isQuoted) expect(reader, '"')
  return { kind: 'scope', levels, descendants }
}

function parseLevel(reader: Reader): string {
  const level = acceptPattern(reader, LEVEL)
  if (level === undefined) throw syntaxError(reader, "a scope level, '+' or '#' expected")
  return level
}
