/** Merging of values (ETSI GS CIM 009 V1.9.1, clause 5.5.12; RFC 7396 with the NGSI-LD Null where it has null). */
import type { Json, JsonObject } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import { expandValue } from '../../context/expand.ts'
import type { CompiledContext } from '../../context/tables.ts'
import { badRequestData } from '../../errors.ts'
import type { AttributeKind } from '../kinds.ts'
import { isNgsiNull, readValue, refuseNull, refuseNullInside } from '../read-value.ts'

/** What the values of a merge are read with. */
export interface ValueMode {
  readonly context: CompiledContext
  /** The language of texts that stand where a languageMap is expected (the parameter `lang`). */
  readonly lang?: string
}

interface Values {
  /** Absent: there is no such attribute yet. */
  readonly stored: Json | undefined
  readonly sent: Json
}

type MergeValue = (mode: ValueMode, values: Values, path: string) => Json

const mergers: Partial<Readonly<Record<AttributeKind, MergeValue>>> = {
  Property: ({ context }, { stored, sent }, path) => {
    const merged = mergeJson(stored, expandValue(context, refuseNull(sent, path)))
    refuseNullInside(merged, path)
    return merged
  },
  JsonProperty: (_mode, { stored, sent }, path) => mergeJson(stored, refuseNull(sent, path)),
  GeoProperty: ({ context }, { stored, sent }, path) =>
    readValue(context, 'GeoProperty', isObject(sent) ? mergeJson(stored, sent) : sent, path),
  LanguageProperty: ({ context, lang }, { stored, sent }, path) => {
    const merged = mergeJson(stored, isObject(sent) ? sent : inLanguage(lang, sent, path))
    return readValue(context, 'LanguageProperty', merged, path)
  },
}

/**
 * The value of a kind after a merge. Objects are merged member by member; lists, URIs, vocabulary and everything else are
 * replaced. Throws BadRequestData naming `path`.
 */
export function mergeValue(mode: ValueMode, kind: AttributeKind, values: Values, path: string): Json {
  const merge = mergers[kind]
  return merge === undefined ? readValue(mode.context, kind, values.sent, path) : merge(mode, values, path)
}

/** Clause 5.6.17: a text, or a list of texts, is for the language of the parameter `lang`. */
function inLanguage(lang: string | undefined, sent: Json, path: string): JsonObject {
  if (lang === undefined)
    throw badRequestData(`${path}: a languageMap is expected, or the parameter lang (clause 5.6.17)`)
  return { [lang]: sent }
}

function mergeJson(stored: Json | undefined, sent: Json): Json {
  if (!isObject(sent) || isTyped(sent)) return sent
  const merged: JsonObject = isObject(stored) && !isTyped(stored) ? { ...stored } : {}
  for (const [name, value] of Object.entries(sent)) {
    if (isNgsiNull(value)) Reflect.deleteProperty(merged, name)
    else merged[name] = mergeJson(Object.hasOwn(merged, name) ? merged[name] : undefined, value)
  }
  return merged
}

/** A JSON-LD value object is one value: members of two of them do not mix. */
function isTyped(value: JsonObject): boolean {
  return Object.hasOwn(value, '@value')
}
