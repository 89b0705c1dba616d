/** URL parameters: known, single, well-formed, or refused by name (ETSI GS CIM 009 V1.9.1, clauses 6.3.7, 6.3.10, 6.3.11, 6.3.14). */
import { badRequestData, invalidRequest } from '../core/errors.ts'
import type { FormatWord, RepresentationFormat } from '../core/model/format.ts'
import { formatOf, formatWords } from '../core/model/format.ts'
import type { Limits } from './exchange.ts'

/** Throws InvalidRequest when a parameter is not among the known ones, or is given twice. */
export function checkParameters(query: URLSearchParams, known: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of query.keys()) {
    if (!known.includes(name))
      throw invalidRequest(`${name}: this parameter is not known here (known: ${known.join(', ')})`)
    if (seen.has(name)) throw invalidRequest(`${name}: the parameter is given twice`)
    seen.add(name)
  }
}

/** Words of the parameter `options`. */
export type Option = 'sysAttrs' | 'noOverwrite' | 'replace' | 'update' | FormatWord

/** The parameter `options` as a set. Throws InvalidRequest naming a word that is not allowed here. */
export function readOptions(query: URLSearchParams, allowed: readonly Option[]): ReadonlySet<Option> {
  const options = new Set<Option>()
  for (const word of (query.get('options') ?? '').split(',')) {
    const option = allowed.find((candidate) => candidate === word.trim())
    if (option !== undefined) options.add(option)
    else if (word.trim() !== '')
      throw invalidRequest(`options: '${word}' is not an option here (${allowed.join(', ')})`)
  }
  return options
}

export interface Representation {
  readonly format: RepresentationFormat
  readonly sysAttrs: boolean
}

/** `format` and `options` of a read; `format` wins (clause 6.3.7). */
export function readRepresentation(query: URLSearchParams): Representation {
  const options = readOptions(query, ['sysAttrs', ...formatWords])
  return { format: readFormat(query, options), sysAttrs: options.has('sysAttrs') }
}

/** `format` and `options` of a write that says how its attributes are represented (clause 6.5.3.4). */
export function readSentFormat(query: URLSearchParams): RepresentationFormat {
  return readFormat(query, readOptions(query, formatWords))
}

function readFormat(query: URLSearchParams, options: ReadonlySet<Option>): RepresentationFormat {
  const word = query.get('format') ?? [...options].find((option) => option !== 'sysAttrs') ?? 'normalized'
  const format = formatOf(word)
  if (format === undefined) throw invalidRequest(`format: '${word}' is none of ${formatWords.join(', ')}`)
  return format
}

export interface Paging {
  readonly limit: number
  readonly offset: number
  readonly count: boolean
}

/** `limit`, `offset` and `count` (clause 6.3.10): limit=0 only asks for the count. */
export function readPaging(query: URLSearchParams, limits: Limits): Paging {
  const count = readFlag(query, 'count')
  const limit = readNumber(query, 'limit') ?? limits.defaultLimit
  if (limit === 0 && !count) throw badRequestData('limit: 0 needs count=true (clause 6.3.10)')
  if (limit > limits.maxLimit) {
    throw badRequestData(
      `limit: ${String(limit)} is over the greatest limit of this broker, ${String(limits.maxLimit)}`,
    )
  }
  return { limit, offset: readNumber(query, 'offset') ?? 0, count }
}

/** A parameter that is true or false; false when absent. */
export function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  if (value !== null && value !== 'true' && value !== 'false')
    throw badRequestData(`${name}: '${value}' is not true or false`)
  return value === 'true'
}

/** A parameter that is a whole number; undefined when absent. */
export function readNumber(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (!/^\d{1,15}$/.test(value)) throw badRequestData(`${name}: '${value}' is not a whole number`)
  return Number(value)
}

/** A parameter that is a list parted by commas; undefined when absent. Throws BadRequestData when an item is empty. */
export function readList(query: URLSearchParams, name: string): readonly string[] | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  const items = value.split(',').map((item) => item.trim())
  if (items.includes('')) throw badRequestData(`${name}: an item of the list is empty`)
  return items
}
