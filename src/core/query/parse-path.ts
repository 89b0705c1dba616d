/** Attribute paths of q and orderBy: `name`, `name.sub`, `name[key.key]` (ETSI GS CIM 009 V1.9.1, clause 4.9). */
import { expandName } from '../context/names.ts'
import type { CompiledContext } from '../context/tables.ts'
import { NgsiError, badRequestData } from '../errors.ts'
import type { Path } from './ast.ts'
import type { Reader } from './lexer.ts'
import { accept, acceptPattern, expect, syntaxError } from './lexer.ts'

/** How the names of an expression are understood. */
export interface Naming {
  readonly context: CompiledContext
  /** Attributes (core names) whose value's keys are never expanded. */
  readonly jsonKeys?: ReadonlySet<string>
}

const IRI_NAME = /(?:https?:\/\/|urn:)[^=!<>~;|,()[\]{}\s]+/y
// Wider than AttrName: prefixed names, and the hyphens of published models (clause 4.6.2 says should).
const NAME = /[\p{L}_][\p{L}\p{N}_-]*(?::[\p{L}\p{N}_-]+)?/uy
const KEY = /[^.\][=!<>~;|(){}"]+/y
const IRI_KEY = /(?:https?:\/\/|urn:)[^\][=!<>~;|(){}"\s]+/y
export const QUOTED = /"(?:[^"\\]|\\.)*"/y

/** Takes a path. Throws BadRequestData naming what is read and the position. */
export function parsePath(naming: Naming, reader: Reader): Path {
  const attribute = parseName(naming.context, reader)
  const members: string[] = []
  while (accept(reader, '.')) members.push(parseName(naming.context, reader))
  const written = accept(reader, '[') ? parseKeys(reader) : []
  const keys = naming.jsonKeys?.has(attribute) === true ? written : written.map((key) => expandKey(naming.context, key))
  const isSame = keys.every((key, index) => key === written[index])
  return { attribute, members, keys, ...(!isSame && { rawKeys: written }) }
}

/** Takes a name: a term, a prefixed name or an IRI; its core name. */
export function parseName(context: CompiledContext, reader: Reader): string {
  const name = acceptPattern(reader, IRI_NAME) ?? acceptPattern(reader, NAME)
  if (name === undefined) throw syntaxError(reader, 'an attribute name expected')
  return expandAs(context, name, reader.name)
}

/** The core name of a name; the error, should it name nothing, says in which parameter it stands. */
export function expandAs(context: CompiledContext, name: string, parameter: string): string {
  try {
    return expandName(context, name)
  } catch (error) {
    throw error instanceof NgsiError ? badRequestData(`${parameter}: ${error.detail}`) : error
  }
}

/** A key that names nothing in the context (`@value`, say) may still be one of a JsonProperty, where nothing is expanded. */
function expandKey(context: CompiledContext, key: string): string {
  try {
    return expandName(context, key)
  } catch {
    return key
  }
}

function parseKeys(reader: Reader): readonly string[] {
  const keys: string[] = []
  do keys.push(parseKey(reader))
  while (accept(reader, '.'))
  expect(reader, ']')
  return keys
}

function parseKey(reader: Reader): string {
  const quoted = acceptPattern(reader, QUOTED)
  if (quoted !== undefined) return unquote(reader, quoted)
  const key = acceptPattern(reader, IRI_KEY) ?? acceptPattern(reader, KEY)
  if (key === undefined) throw syntaxError(reader, 'a member name expected')
  return key
}

/** The text of a JSON string. */
export function unquote(reader: Reader, quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw syntaxError(reader, `${quoted} is not a JSON string`)
  }
}
