/** The names in a subscription's document, from a client's @context to core names and back (clause 5.5.7). */
import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { CompiledContext } from '../context/tables.ts'
import { compactName, expandName } from '../context/names.ts'
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
    member: (name, path) => (entityMembers.has(name) ? name : expandName(context, name, path)),
  })
}

/** The document in a client's names. */
export function compactSubscription(context: CompiledContext, document: JsonObject): JsonObject {
  return mapNames(document, {
    attribute: (name) => compactName(context, name),
    type: (name) => compactName(context, name),
    member: (name) => (entityMembers.has(name) ? name : compactName(context, name)),
  })
}

/** Keywords in a projection, whatever the @context (clause 4.21). */
const entityMembers: ReadonlySet<string> = new Set(['id', 'type', 'scope'])

interface NameMap {
  attribute(name: string, path: string): string
  type(name: string, path: string): string
  /** A member of an entity, which need not be an attribute. */
  member(name: string, path: string): string
}

function mapNames(document: JsonObject, names: NameMap): JsonObject {
  const out: JsonObject = { ...document }
  mapMember(out, 'watchedAttributes', (value) => mapAttributes(value, names, 'watchedAttributes'))
  mapMember(out, 'entities', (value) => mapSelectors(value, names))
  mapMember(out, 'geoQ', (value) => mapGeoQ(value, names))
  mapMember(out, 'notification', (value) => {
    if (!isObject(value)) return value
    const notification = { ...value }
    mapMember(notification, 'attributes', (list) => mapAttributes(list, names, 'notification.attributes'))
    for (const member of ['pick', 'omit']) {
      mapMember(notification, member, (list) => mapProjections(list, names, `notification.${member}`))
    }
    return notification
  })
  for (const member of ['expandValues', 'jsonKeys']) {
    mapMember(out, member, (list) => mapNameList(list, names, member))
  }
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

/** Each name of a list that may be one text with commas (clause 5.2.12). */
function mapNameList(value: Json, names: NameMap, path: string): Json {
  if (typeof value !== 'string') return mapAttributes(value, names, path)
  return value.replaceAll(/[^,\s]+/g, (name) => names.attribute(name, path))
}

function mapProjections(value: Json, names: NameMap, path: string): Json {
  if (!Array.isArray(value)) return value
  return value.map((item) => (typeof item === 'string' ? mapProjection(item, names, path) : item))
}

/** Each name of a projection (clause 4.21); the signs between them stay. */
function mapProjection(projection: string, names: NameMap, path: string): string {
  return projection.replaceAll(/[^,|{}\s]+/g, (name) => names.member(name, path))
}

function mapGeoQ(value: Json, names: NameMap): Json {
  if (!isObject(value) || typeof value['geoproperty'] !== 'string') return value
  return { ...value, geoproperty: names.attribute(value['geoproperty'], 'geoQ.geoproperty') }
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
