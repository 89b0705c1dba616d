/** Type selection: `A|B`, `A,B`, `(A;B)`, `(A;B),C`, `*` (ETSI GS CIM 009 V1.9.1, clause 4.17). */
import type { CompiledContext } from '../context/tables.ts'
import { readTypeName } from '../model/names.ts'
import type { Query } from './ast.ts'
import { all, and, or } from './ast.ts'
import type { Reader } from './lexer.ts'
import { accept, acceptPattern, beginTerm, checkNesting, expect, expectEnd, readerOf, syntaxError } from './lexer.ts'

/** The tree of a type selection. `*` selects all. Throws BadRequestData naming `name` and the position. */
export function parseTypeSelection(context: CompiledContext, text: string, name = 'type'): Query {
  if (text === '*') return all
  const reader = readerOf(name, text)
  const query = parseUnion(context, reader, 0)
  expectEnd(reader, 'the end of the type selection expected')
  return query
}

function parseUnion(context: CompiledContext, reader: Reader, depth: number): Query {
  const members = [parseIntersection(context, reader, depth)]
  while (accept(reader, ',') || accept(reader, '|')) members.push(parseIntersection(context, reader, depth))
  return or(...members)
}

function parseIntersection(context: CompiledContext, reader: Reader, depth: number): Query {
  const members = [parseMember(context, reader, depth)]
  while (accept(reader, ';')) members.push(parseMember(context, reader, depth))
  return and(...members)
}

// A URI may hold `,` `;` `(` `)` itself: they then come percent-encoded (clause 4.17).
const NAME = /[^,|;()\s]+/y

function parseMember(context: CompiledContext, reader: Reader, depth: number): Query {
  if (accept(reader, '(')) {
    checkNesting(reader, depth)
    const query = parseUnion(context, reader, depth + 1)
    expect(reader, ')')
    return query
  }
  beginTerm(reader)
  const name = acceptPattern(reader, NAME)
  if (name === undefined) throw syntaxError(reader, 'a type name expected')
  return { kind: 'type', type: readTypeName(context, name, reader.name) }
}
