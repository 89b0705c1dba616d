/**
 * The store port: what the broker asks of a database, in the domain's words. Its comments are the contract that
 * `test/store/contract/` tests on every adapter.
 *
 * For all of it: every key begins with a space; nothing is acknowledged before it is durable; a driver's error never
 * passes this border as it is (an unreachable database is `ServiceUnavailable`).
 */
import type { JsonObject } from '../base/json.ts'
import type { TimeKey } from '../base/time.ts'
import type { AttributeKind } from '../core/model/kinds.ts'
import type { LogRecord } from '../core/model/log-record.ts'
import type { Space } from '../core/model/space.ts'
import type { EntityState, StoredEntity } from '../core/model/state.ts'
import type { Ordering, Query } from '../core/query/ast.ts'
import type { Cursor } from '../core/query/cursor.ts'
import type { LeaseStore } from './lease-port.ts'
import type { DeadLetterStore, LogStore, Outbox } from './outbox-port.ts'

export type { StoredEntity } from '../core/model/state.ts'
export type { Cursor } from '../core/query/cursor.ts'

/** What an entity is to become: the parsed form for indexes, and the texts to keep. */
export interface NextEntity {
  readonly state: EntityState
  readonly text: string
  readonly times: string
  readonly expires: TimeKey | null
}

/** An entity as a change finds it. */
export interface FoundEntity extends StoredEntity {
  /** Both texts parsed, where the store has that at hand. */
  readonly state?: EntityState
}

/** The outcome of a change: the next state (undefined: deleted) and the log record that says what changed. */
export interface Decision<T> {
  readonly after: NextEntity | undefined
  readonly record: LogRecord
  readonly result: T
}

/** What a change without effect answers: nothing is written, no version is used. */
export interface NoChange<T> {
  readonly after?: never
  readonly record?: never
  readonly result: T
}

export interface Change<T> {
  readonly space: Space
  readonly id: string
  /** Microseconds since 1970 of the request; the version is this, or one more than the last one when that is greater. */
  readonly micros: number
  /** True when the space may come into being with this change (clause 5.5.10: creates only). */
  readonly createsSpace: boolean
  /**
   * Pure. Called inside the commit with what is stored at that moment (undefined: absent or deleted; what has expired is
   * still handed over), perhaps more than once. Throws NgsiError to refuse: that change alone fails, and leaves nothing.
   */
  readonly decide: (before: FoundEntity | undefined, version: number) => Decision<T> | NoChange<T>
}

export interface Committed<T> {
  readonly result: T
  /** The record that was committed; absent when nothing changed. */
  readonly record?: LogRecord
}

export interface EntityRequest {
  readonly space: Space
  /** What the caller asks for. */
  readonly filter: Query
  /** What the caller may see; ANDed in, and for what relationships lead to as well. It follows no relationship itself. */
  readonly visibility: Query
  /** What has expired by then is absent. */
  readonly now: TimeKey
}

export interface PageRequest extends EntityRequest {
  readonly limit: number
  readonly offset: number
  readonly after?: Cursor
  /** Absent: UTF-8 byte order of id. That order and its reverse have cursors; any other is read by offset. */
  readonly order?: Ordering
}

export interface Page {
  /** In the order asked for. */
  readonly entities: readonly StoredEntity[]
  /** Present when there is more. A page can begin there in an order of ids; in any other it says no more than that. */
  readonly next?: Cursor
}

export interface EntityStore {
  /**
   * Commits one change: entity and log record in one atomic, durable step. Changes that arrive while a commit is under
   * way are coalesced into the next one. Changes to one entity are applied in the order of arrival.
   * Rejects with what `decide` threw; NonexistentTenant when the space is unknown and the change may not create it.
   */
  submit<T>(change: Change<T>): Promise<Committed<T>>
  /** One entity; undefined when absent, deleted, wholly expired or not visible. NonexistentTenant for an unknown space. */
  get(request: EntityRequest, id: string): Promise<StoredEntity | undefined>
  /** Those of the entities that are there and match, by id: as `get` for each, in one go. NonexistentTenant for an unknown space. */
  getMany(request: EntityRequest, ids: readonly string[]): Promise<ReadonlyMap<string, StoredEntity>>
  /**
   * One page. Expired attributes do not count for the filter. NonexistentTenant for an unknown space; TooComplexQuery when more
   * candidates than the store's bounds allow would have to be evaluated or put in order one by one, here and for `count`.
   */
  query(request: PageRequest): Promise<Page>
  /** How many entities match. NonexistentTenant for an unknown space. */
  count(request: EntityRequest): Promise<number>
  /** Entities of all spaces in which something has expired by `now`, at most `limit`: the sweeper's work list. */
  expired(now: TimeKey, limit: number): Promise<readonly { readonly space: Space; readonly id: string }[]>
}

/** An attribute that entities of a type have, in one of the kinds that it has there. */
export interface TypedAttribute {
  readonly type: string
  readonly attribute: string
  readonly kind: AttributeKind
}

export interface TypedAttributesRequest {
  readonly space: Space
  /** Absent: of all types. */
  readonly type?: string
  /** Absent: all attributes. */
  readonly attribute?: string
}

/**
 * What a space holds, by type and attribute: answered from counters or indexes that change in the same atomic step as the
 * entities, never by looking at entities. It is the view of those who may see everything: there is no filter and no
 * visibility. What has expired counts until it is swept. Lists are in no order. NonexistentTenant for an unknown space.
 */
export interface DiscoveryStore {
  /** The types that entities have, each once. */
  types(space: Space): Promise<readonly string[]>
  /** The attributes that entities have, each once. */
  attributes(space: Space): Promise<readonly string[]>
  /** Which attributes entities of which types have, each once per kind. */
  typedAttributes(request: TypedAttributesRequest): Promise<readonly TypedAttribute[]>
  /** How many entities have the type; 0 when it is not known. */
  countEntities(space: Space, type: string): Promise<number>
  /** How many instances the attribute has: those that differ by datasetId count each. 0 when it is not known. */
  countInstances(space: Space, attribute: string): Promise<number>
}

/** Small documents beside the entities: subscriptions, WebSocket clients, registrations, contexts (see `contexts.ts`). */
export type DocumentKind =
  | 'subscription'
  | 'subscription-status'
  | 'subscription-replay'
  | 'client'
  | 'registration'
  | 'context'
  | 'context-document'
  | 'context-usage'

export interface StoredDocument {
  readonly space: Space
  readonly kind: DocumentKind
  readonly id: string
  /** Raised by one at each replacement; 1 at insertion. */
  readonly revision: number
  readonly body: JsonObject
}

export interface DocumentPage {
  /** Absent: all spaces. */
  readonly space?: Space
  /** Only what follows this one in the order of pages, be it there or not. */
  readonly after?: Pick<StoredDocument, 'space' | 'id'>
  /** How many to leave out at first. */
  readonly offset?: number
  readonly limit: number
}

export interface DocumentStore {
  /** AlreadyExists when the id is taken. Creates the space when `createsSpace`, else NonexistentTenant for an unknown one. */
  insert(document: Omit<StoredDocument, 'revision'>, createsSpace: boolean): Promise<void>
  /** Replaces the body when the revision is still the one given; Conflict when not, ResourceNotFound when gone. */
  replace(document: StoredDocument): Promise<void>
  /** Inserts or replaces, whatever is there: for documents with one writer. */
  put(document: Omit<StoredDocument, 'revision'>): Promise<void>
  /** False when there was none. */
  remove(space: Space, kind: DocumentKind, id: string): Promise<boolean>
  get(space: Space, kind: DocumentKind, id: string): Promise<StoredDocument | undefined>
  /** All of one kind in a space, in id order; of all spaces when none is given. */
  list(kind: DocumentKind, space?: Space): Promise<readonly StoredDocument[]>
  /** So many of one kind: in id order in a space, those of one space together. */
  page(kind: DocumentKind, page: DocumentPage): Promise<readonly StoredDocument[]>
  /** How many of one kind a space has. */
  count(kind: DocumentKind, space: Space): Promise<number>
  /** Calls back after another broker's change to documents of a kind, and once per own change; ends with the returned function. */
  watch(kind: DocumentKind, changed: (space: Space, id: string) => void): () => void
}

export interface SpaceStore {
  /** True for the default space and for every one that a create brought into being. */
  has(space: Space): Promise<boolean>
}

/** What only some backends can do; a contract chapter that one lacks is skipped there, saying why. */
export interface Capabilities {
  /** Several brokers may work on one database at once. */
  readonly manyBrokers: boolean
}

export interface Store {
  readonly name: 'sqlite' | 'mongodb'
  readonly capabilities: Capabilities
  readonly spaces: SpaceStore
  readonly entities: EntityStore
  readonly discovery: DiscoveryStore
  readonly log: LogStore
  readonly outbox: Outbox
  readonly leases: LeaseStore
  readonly deadLetters: DeadLetterStore
  readonly documents: DocumentStore
  /** Resolves when the database answers: for health. */
  ping(): Promise<void>
  /** Waits for what is under way, then lets go of the database. */
  close(): Promise<void>
}
