/** Reads an entity, or a fragment of one, as a client sends it (ETSI GS CIM 009 V1.9.1, clauses 4.5.1, 5.2.4, 5.4). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import type { CompiledContext } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import { isUri, NGSI_NULL, readAttributeName, readTypeName } from './names.ts'
import type { InstanceFragment, ReadMode } from './read-attribute.ts'
import { readAttribute, readDateTime } from './read-attribute.ts'

/** What a client sent of an entity, with core names. */
export interface EntityFragment {
  readonly id?: string
  /** Empty when none was sent (fragments only). */
  readonly types: readonly string[]
  /** As sent, a single scope or a list; null: the NGSI-LD Null, which deletes. */
  readonly scope?: string | string[] | null
  readonly expiresAt?: string
  readonly attributes: ReadonlyMap<string, readonly InstanceFragment[]>
}

/** A fragment that is a whole entity. */
export interface NewEntity extends EntityFragment {
  readonly id: string
}

/** A whole entity: `id` and `type` are there, nothing is null. Throws BadRequestData naming the member at fault. */
export function readEntity(context: CompiledContext, raw: Json): NewEntity {
  const fragment = readMembers({ context, nullDeletes: false }, raw)
  if (fragment.id === undefined) throw badRequestData(`id: an entity needs an id`)
  if (fragment.types.length === 0) throw badRequestData(`type: an entity needs a type`)
  return { ...fragment, id: fragment.id }
}

/** A fragment: `id` and `type` may be absent (clause 5.4); where `nullDeletes`, the NGSI-LD Null asks for deletion. */
export function readEntityFragment(mode: ReadMode, raw: Json): EntityFragment {
  return readMembers(mode, raw)
}

interface Draft {
  id?: string
  types: readonly string[]
  scope?: string | string[] | null
  expiresAt?: string
  attributes: Map<string, readonly InstanceFragment[]>
}

function readMembers(mode: ReadMode, raw: Json): EntityFragment {
  if (!isObject(raw)) throw badRequestData('the entity is not a JSON object')
  const draft: Draft = { types: [], attributes: new Map() }
  for (const [name, value] of Object.entries(raw)) {
    const read = Object.hasOwn(members, name) ? members[name] : undefined
    if (read === undefined) readEntityAttribute(mode, draft, { name, value })
    else read(mode, draft, value)
  }
  return draft
}

const ignore = (): void => undefined

const members: Readonly<Record<string, (mode: ReadMode, draft: Draft, value: Json) => void>> = {
  id: readId,
  '@id': readId,
  type: readTypes,
  '@type': readTypes,
  scope: readScope,
  expiresAt: (_mode, draft, value) => {
    draft.expiresAt = readDateTime(value, 'expiresAt')
  },
  '@context': ignore,
  // Read-only: ignored when a client sends them (clause 5.2.2).
  createdAt: ignore,
  modifiedAt: ignore,
  deletedAt: ignore,
}

function readId(_mode: ReadMode, draft: Draft, value: Json): void {
  if (!isUri(value) || value === NGSI_NULL) throw badRequestData(`id: ${JSON.stringify(value)} is not a URI`)
  if (draft.id !== undefined && draft.id !== value) throw badRequestData(`id: both id and @id are given, and differ`)
  draft.id = value
}

function readTypes(mode: ReadMode, draft: Draft, value: Json): void {
  const types = asArray<Json>(value).map((type) => readTypeName(mode.context, type, 'type'))
  if (types.length === 0) throw badRequestData('type: the list is empty')
  draft.types = [...new Set([...draft.types, ...types])]
}

// Clause 4.18: levels are names, parted by slashes; a leading slash is customary and kept as sent.
const SCOPE = /^\/?\p{L}[\p{L}\p{N}_]*(?:\/\p{L}[\p{L}\p{N}_]*)*$/u

function readScope(mode: ReadMode, draft: Draft, value: Json): void {
  if (value === NGSI_NULL) {
    if (!mode.nullDeletes) throw badRequestData('scope: the NGSI-LD Null has no place here (clause 5.5.4)')
    draft.scope = null
    return
  }
  const scopes = asArray<Json>(value)
  for (const scope of scopes) {
    if (typeof scope !== 'string' || !SCOPE.test(scope)) {
      throw badRequestData(`scope: ${JSON.stringify(scope)} is not a scope ('/level/level', levels are names)`)
    }
  }
  if (scopes.length === 0) throw badRequestData('scope: the list is empty')
  draft.scope = value as string | string[]
}

function readEntityAttribute(mode: ReadMode, draft: Draft, member: { name: string; value: Json }): void {
  if (member.name.startsWith('@')) throw badRequestData(`${member.name}: this keyword has no place in an entity`)
  const name = readAttributeName(mode.context, member.name, member.name)
  if (draft.attributes.has(name)) throw badRequestData(`${member.name}: another member means ${name} too`)
  draft.attributes.set(name, readAttribute(mode, member.value, member.name))
}

/** The `@context` member of a body, undefined when it has none. */
export function contextOfBody(body: Json): JsonObject[string] | undefined {
  return isObject(body) ? body['@context'] : undefined
}
