/** Projections, pick and omit: `a,b,rel{c|d}` (ETSI GS CIM 009 V1.9.1, clause 4.21). */
import type { CompiledContext } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import type { MemberTree } from '../model/member-tree.ts'
import type { Reader } from './lexer.ts'
import { accept, acceptPattern, beginTerm, checkNesting, expect, expectEnd, readerOf } from './lexer.ts'
import { parseName } from './parse-path.ts'

type Tree = Map<string, Tree | undefined>

/**
 * The members that a projection names, which follows no more links in a row than joinLevel does (0: no join). Throws
 * BadRequestData naming `name`, and the position of what is wrong.
 */
export function parseProjection(
  context: CompiledContext,
  { name, text }: { readonly name: string; readonly text: string },
  levels: number,
): MemberTree {
  const tree = parseMembers(context, text, name)
  const depth = depthOfMembers(tree)
  if (depth <= levels) return tree
  throw badRequestData(
    levels === 0
      ? `${name}: it looks into linked entities, which needs join (clause 5.7.2.4)`
      : `${name}: it follows ${String(depth)} links in a row, joinLevel allows ${String(levels)} (clause 5.7.2.4)`,
  )
}

/** The members that a projection names. Throws BadRequestData naming `name` and the position. */
export function parseMembers(context: CompiledContext, text: string, name: string): MemberTree {
  const reader = readerOf(name, text)
  const tree = parseList(context, reader, 0)
  expectEnd(reader, "',', '|', '{' or the end expected")
  return tree
}

/** How many relationships the projection follows, one behind the other: 0 without braces. */
export function depthOfMembers(tree: MemberTree): number {
  return Math.max(0, ...[...tree.values()].map((inner) => (inner === undefined ? 0 : 1 + depthOfMembers(inner))))
}

function parseList(context: CompiledContext, reader: Reader, depth: number): Tree {
  const tree: Tree = new Map()
  do {
    beginTerm(reader)
    const name = parseMember(context, reader)
    const inner = accept(reader, '{') ? parseInner(context, reader, depth) : undefined
    tree.set(name, merged(tree.get(name), inner))
  } while (accept(reader, ',') || accept(reader, '|'))
  return tree
}

function parseInner(context: CompiledContext, reader: Reader, depth: number): Tree {
  checkNesting(reader, depth)
  const tree = parseList(context, reader, depth + 1)
  expect(reader, '}')
  return tree
}

// Keywords of the entity itself, which no @context can give another meaning.
const ENTITY_MEMBER = /(?:id|type|scope)(?=[,|}]|$)/y

function parseMember(context: CompiledContext, reader: Reader): string {
  return acceptPattern(reader, ENTITY_MEMBER) ?? parseName(context, reader)
}

/** `rel{b},rel{c}` is `rel{b,c}`; beside it, `rel` alone says nothing new. */
function merged(first: Tree | undefined, second: Tree | undefined): Tree | undefined {
  if (first === undefined || second === undefined) return first ?? second
  for (const [name, inner] of second) first.set(name, merged(first.get(name), inner))
  return first
}
