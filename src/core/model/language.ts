/** The language filter `lang` (ETSI GS CIM 009 V1.9.1, clause 4.15): language ranges with weights, as in Accept-Language. */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { badRequestData } from '../errors.ts'

/** The languages that are wanted, best first, and those that are not (weight 0); in lower case. */
export interface Languages {
  readonly wanted: readonly string[]
  readonly unwanted: readonly string[]
}

// RFC 9110, 12.5.4, and RFC 4647, 2.1: a basic range and its weight.
const RANGE = /^\s*(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i

/** The languages of a text such as `fr-CH,fr;q=0.9,*;q=0.5`. Throws BadRequestData naming `name` when it is none. @public */
export function parseLang(text: string, name: string): Languages {
  const ranges = text.split(',').map((part) => {
    const [, range, weight = '1'] = RANGE.exec(part) ?? []
    if (range === undefined) throw badRequestData(`${name}: '${part}' is not a language range (RFC 4647) with a weight`)
    return { range: range.toLowerCase(), weight: Number(weight) }
  })
  const best = ranges.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight)
  return {
    wanted: best.map(({ range }) => range),
    unwanted: ranges.filter(({ weight }) => weight === 0).map(({ range }) => range),
  }
}

/** One entry of a languageMap. */
export interface LanguageEntry {
  readonly tag: string
  readonly text: Json
}

/**
 * The entry of a languageMap that serves best; undefined when the map is empty. Where no language fits, `@none`, else any
 * (clause 4.15: never nothing).
 */
export function chooseLanguage(languageMap: Json, languages: Languages): LanguageEntry | undefined {
  if (!isObject(languageMap)) return undefined
  for (const range of languages.wanted) {
    const tag = range === '*' ? anyTag(languageMap, languages.unwanted) : lookUp(Object.keys(languageMap), range)
    if (tag !== undefined) return entryOf(languageMap, tag)
  }
  const tag = anyTag(languageMap, languages.unwanted) ?? Object.keys(languageMap)[0]
  return tag === undefined ? undefined : entryOf(languageMap, tag)
}

function entryOf(languageMap: JsonObject, tag: string): LanguageEntry {
  return { tag, text: languageMap[tag] ?? null }
}

/**
 * RFC 4647, 3.4: the range, then the range without its last subtags. Before the range is shortened a tag that is more precise
 * than it will do, too: who asks for `fr` can read `fr-CH`.
 */
function lookUp(tags: readonly string[], range: string): string | undefined {
  const precise = tags.find((tag) => tag.toLowerCase() === range) ?? tags.find((tag) => isWithin(tag, range))
  if (precise !== undefined) return precise
  for (let rest = shortened(range); rest !== ''; rest = shortened(rest)) {
    const found = tags.find((tag) => tag.toLowerCase() === rest)
    if (found !== undefined) return found
  }
  return undefined
}

function isWithin(tag: string, range: string): boolean {
  return tag.toLowerCase().startsWith(`${range}-`)
}

// RFC 4647, 3.4: a single letter introduces what follows it, so it goes together with that.
function shortened(range: string): string {
  return range.replace(/(?:-[a-z0-9])?-[a-z0-9]+$|^[a-z0-9]+$/, '')
}

function anyTag(languageMap: JsonObject, unwanted: readonly string[]): string | undefined {
  if (Object.hasOwn(languageMap, '@none')) return '@none'
  const isUnwanted = (tag: string): boolean =>
    unwanted.some((range) => range === '*' || tag.toLowerCase() === range || isWithin(tag, range))
  return Object.keys(languageMap).find((tag) => !isUnwanted(tag))
}
