/** The names in a subscription's document, from a client's @context to core names and back (clause 5.5.7). */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { CompiledContext } from '../context/tables.ts'
import { compactName } from '../context/names.ts'
import { readAttributeName, readTypeName } from './names.ts'
import { writableMembers } from './read-subscription.ts'

/**
 * The document that a client sent, whole or a fragment, with core names and without read-only members. `q` stays as it was
 * written, in the request's @context. What has the wrong shape is left for `readSubscription` to refuse.
 * Throws BadRequestData naming the member when the document is no object, has unknown members or illegal names.
 */
export function expandSubscription(context: CompiledContext, raw: Json): JsonObject {
  return mapNames(writableMembers(raw), {
    attribute: (name, path) => readAttributeName(context, name, path),
    type: (name, path) => readTypeName(context, name, path),
  })
}

/** The document in a client's names. */
export function compactSubscription(context: CompiledContext, document: JsonObject): JsonObject {
  return mapNames(document, {
    attribute: (name) => compactName(context, name),
    type: (name) => compactName(context, name),
  })
}

interface NameMap {
  attribute(name: string, path: string): string
  type(name: string, path: string): string
}

function mapNames(document: JsonObject, names: NameMap): JsonObject {
  const out: JsonObject = { ...document }
  mapMember(out, 'watchedAttributes', (value) => mapAttributes(value, names, 'watchedAttributes'))
  mapMember(out, 'entities', (value) => mapSelectors(value, names))
  mapMember(out, 'notification', (value) => {
    if (!isObject(value)) return value
    const notification = { ...value }
    mapMember(notification, 'attributes', (list) => mapAttributes(list, names, 'notification.attributes'))
    return notification
  })
  return out
}

function mapMember(document: JsonObject, name: string, map: (value: Json) => Json): void {
  const value = document[name]
  if (value !== undefined) document[name] = map(value)
}

function mapAttributes(value: Json, names: NameMap, path: string): Json {
  if (!Array.isArray(value)) return value
  return value.map((name) => (typeof name === 'string' && name !== '' ? names.attribute(name, path) : name))
}

function mapSelectors(value: Json, names: NameMap): Json {
  if (!Array.isArray(value)) return value
  return value.map((selector, index) => {
    if (!isObject(selector) || typeof selector['type'] !== 'string') return selector
    return { ...selector, type: mapTypeSelection(selector['type'], names, `entities[${String(index)}].type`) }
  })
}

/** Each name of a type selection (clause 4.17); the operators between them stay. */
function mapTypeSelection(selection: string, names: NameMap, path: string): string {
  if (selection === '*') return selection
  return selection.replaceAll(/[^,|;()\s]+/g, (name) => names.type(name, path))
}
