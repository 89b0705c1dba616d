/** Reads an entity, or a fragment of one, as a client sends it (ETSI GS CIM 009 V1.9.1, clauses 4.5.1, 5.2.4, 5.4). */
import type { Json, JsonObject } from '../../base/json.ts'
import { asArray, isObject } from '../../base/json.ts'
import { NGSI_NULL } from '../context/ngsi-null.ts'
import type { CompiledContext } from '../context/tables.ts'
import { badRequestData } from '../errors.ts'
import { isUri, readAttributeName, readTypeName } from './names.ts'
import type { InstanceFragment } from './read-attribute.ts'
import { modeOf, readAttribute } from './read-attribute.ts'
import type { ReadMode } from './read-non-reified.ts'
import { allowDeletion, readDateTime } from './read-non-reified.ts'
import { isNgsiNull } from './read-value.ts'

/** What a client sent of an entity, with core names; `A` is what was made of each attribute. */
export interface EntityFragment<A = readonly InstanceFragment[]> {
  readonly id?: string
  /** Empty when none was sent (fragments only). */
  readonly types: readonly string[]
  /** As sent, a single scope or a list; null: the NGSI-LD Null, which deletes. */
  readonly scope?: string | string[] | null
  /** null: the NGSI-LD Null, which deletes. */
  readonly expiresAt?: string | null
  readonly attributes: ReadonlyMap<string, A>
}

/** A fragment that is a whole entity. */
export interface NewEntity extends EntityFragment {
  readonly id: string
}

/** An attribute of a fragment that is read when it meets what is stored. */
export interface UnreadAttribute {
  /** The name as the client wrote it, for messages. */
  readonly name: string
  readonly raw: Json
}

/** A fragment that is merged into what is stored (clause 5.5.12). */
export type MergeFragment = EntityFragment<UnreadAttribute>

/** A whole entity: `id` and `type` are there, nothing is null. Throws BadRequestData naming the member at fault. */
export function readEntity(context: CompiledContext, raw: Json): NewEntity {
  return wholeEntity(readEntityFragment({ context, nullDeletes: false }, raw))
}

/** As `readEntity`, but the NGSI-LD Null may ask for deletions in what is there already (clause 5.6.8, update mode). */
export function readEntityUpdate(context: CompiledContext, raw: Json): NewEntity {
  return wholeEntity(readEntityFragment({ context, nullDeletes: true }, raw))
}

function wholeEntity(fragment: EntityFragment): NewEntity {
  if (fragment.id === undefined) throw badRequestData(`id: an entity needs an id`)
  if (fragment.types.length === 0) throw badRequestData(`type: an entity needs a type`)
  return { ...fragment, id: fragment.id }
}

/** A fragment: `id` and `type` may be absent (clause 5.4); where `nullDeletes`, the NGSI-LD Null asks for deletion. */
export function readEntityFragment(mode: ReadMode, raw: Json): EntityFragment {
  return readMembers(mode, raw, (name, { name: written, raw: attribute }) =>
    readAttribute(modeOf(mode, name), attribute, written),
  )
}

/** A fragment to merge: its attributes cannot be understood without those that they are merged into. */
export function readMergeFragment(context: CompiledContext, raw: Json): MergeFragment {
  return readMembers({ context, nullDeletes: true }, raw, (_name, attribute) => attribute)
}

interface Draft {
  id?: string
  types: readonly string[]
  scope?: string | string[] | null
  expiresAt?: string | null
}

/** `read` is given the core name of an attribute and the attribute as sent. */
function readMembers<A>(
  mode: ReadMode,
  raw: Json,
  read: (name: string, attribute: UnreadAttribute) => A,
): EntityFragment<A> {
  if (!isObject(raw)) throw badRequestData('the entity is not a JSON object')
  const draft: Draft = { types: [] }
  const attributes = new Map<string, A>()
  for (const [written, value] of Object.entries(raw)) {
    const readMember = Object.hasOwn(members, written) ? members[written] : undefined
    if (readMember !== undefined) {
      readMember(mode, draft, value)
      continue
    }
    const name = attributeName(mode.context, written)
    if (attributes.has(name)) throw badRequestData(`${written}: another member means ${name} too`)
    attributes.set(name, read(name, { name: written, raw: value }))
  }
  return { ...draft, attributes }
}

const ignore = (): void => undefined

const members: Readonly<Record<string, (mode: ReadMode, draft: Draft, value: Json) => void>> = {
  id: readId,
  '@id': readId,
  type: readTypes,
  '@type': readTypes,
  scope: readScope,
  expiresAt: readExpiresAt,
  '@context': ignore,
  // Read-only: ignored when a client sends them (clause 5.2.2).
  createdAt: ignore,
  modifiedAt: ignore,
  deletedAt: ignore,
}

/** Characters of an id, percent-encoded: it has to fit into addresses, and into the Location header of its creation. */
const MAX_ENCODED_ID = 12_288

function readId(_mode: ReadMode, draft: Draft, value: Json): void {
  if (!isUri(value) || value === NGSI_NULL) throw badRequestData(`id: ${JSON.stringify(value)} is not a URI`)
  // Nine for one at most (three octets of UTF-8): few ids need to be encoded to know.
  if (value.length * 9 > MAX_ENCODED_ID && encodeURIComponent(value).length > MAX_ENCODED_ID) {
    throw badRequestData(`id: it is too long, more than ${String(MAX_ENCODED_ID)} characters when percent-encoded`)
  }
  if (draft.id !== undefined && draft.id !== value) throw badRequestData(`id: both id and @id are given, and differ`)
  draft.id = value
}

function readTypes(mode: ReadMode, draft: Draft, value: Json): void {
  const types = asArray<Json>(value).map((type) => readTypeName(mode.context, type, 'type'))
  if (types.length === 0) throw badRequestData('type: the list is empty')
  draft.types = [...new Set([...draft.types, ...types])]
}

function readExpiresAt(mode: ReadMode, draft: Draft, value: Json): void {
  if (value === NGSI_NULL) allowDeletion(mode, 'expiresAt')
  draft.expiresAt = value === NGSI_NULL ? null : readDateTime(value, 'expiresAt')
}

// Clause 4.18: levels are names, parted by slashes; a leading slash is customary and kept as sent.
const SCOPE = /^\/?\p{L}[\p{L}\p{N}_]*(?:\/\p{L}[\p{L}\p{N}_]*)*$/u

function readScope(mode: ReadMode, draft: Draft, value: Json): void {
  if (isNgsiNull(value)) {
    allowDeletion(mode, 'scope')
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

function attributeName(context: CompiledContext, written: string): string {
  if (written.startsWith('@')) throw badRequestData(`${written}: this keyword has no place in an entity`)
  return readAttributeName(context, written, written)
}

/** The `@context` member of a body, undefined when it has none. */
export function contextOfBody(body: Json): JsonObject[string] | undefined {
  return isObject(body) ? body['@context'] : undefined
}
