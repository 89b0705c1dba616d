/** The value of an attribute instance as it is shown: in the client's names, in one language, as an older kind. */
import type { Json } from '../../../base/json.ts'
import { isObject } from '../../../base/json.ts'
import { compactValue } from '../../context/compact.ts'
import { compactName } from '../../context/names.ts'
import type { CompiledContext } from '../../context/tables.ts'
import type { AttributeInstance } from '../entity.ts'
import type { AttributeKind } from '../kinds.ts'
import { valueMemberOf } from '../kinds.ts'
import { chooseLanguage } from '../language.ts'
import { isGone, nullOf } from '../told-change.ts'
import type { RenderOptions } from './options.ts'
import { kindIn } from './version.ts'

/** A kind and its value as they are shown. */
export interface ShownValue {
  readonly kind: AttributeKind
  readonly value: Json
  /** The language of the value, where one was chosen (clause 4.15). */
  readonly lang?: string
}

/** What is shown of an instance's kind and value. */
export function shownValue(instance: AttributeInstance, options: RenderOptions): ShownValue {
  const { type } = instance
  if (isGone(instance)) return shownNull(type, options)
  const value = instance[valueMemberOf(type)] ?? null
  if (type === 'LanguageProperty' && options.languages !== undefined) {
    const chosen = chooseLanguage(value, options.languages)
    if (chosen !== undefined) return { kind: 'Property', value: chosen.text, lang: chosen.tag }
  }
  const kind = options.version === undefined ? type : kindIn(options.version, type)
  // Only the normalized form of a list of relationships has its URIs in objects (clause 4.5.22.3).
  if (type === 'ListRelationship' && (options.format !== 'normalized' || kind !== type)) {
    return { kind, value: objectUris(value) }
  }
  return { kind, value: compactOf(type, value, options.context) }
}

/** What is gone is gone in every language. */
function shownNull(type: AttributeKind, { languages, version }: RenderOptions): ShownValue {
  const known = version === undefined ? type : kindIn(version, type)
  const kind = known === 'LanguageProperty' && languages !== undefined ? 'Property' : known
  return { kind, value: nullOf(kind) }
}

function compactOf(kind: AttributeKind, value: Json, context: CompiledContext): Json {
  switch (kind) {
    case 'Property':
    case 'ListProperty':
      return compactValue(context, value)
    case 'VocabProperty':
      return compactVocabulary(context, value)
    case 'GeoProperty':
    case 'LanguageProperty':
    case 'JsonProperty':
    case 'Relationship':
    case 'ListRelationship':
      return value
  }
}

/** Names of the vocabulary, one or a list, in the client's words. */
export function compactVocabulary(context: CompiledContext, value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => compactVocabulary(context, item))
  return typeof value === 'string' ? compactName(context, value) : value
}

function objectUris(value: Json): Json {
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? (item['object'] ?? item) : item)) : value
}
