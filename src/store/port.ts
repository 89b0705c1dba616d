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

/** Where a reader of the log stands; opaque, made by the store. */
export type LogPosition = string

export interface LogStore {
  /** The records of one entity in version order, beginning after a version; all of its lives, deletions included. */
  ofEntity(request: {
    space: Space
    entity: string
    afterVersion: number
    limit: number
  }): Promise<readonly LogRecord[]>
  /**
   * What one subscription was ever owed, settled or not: the oldest first, per entity in version order, as `Outbox.due` has
   * it. It begins after a position (absent: with the oldest); `since` leaves out what records of earlier requests owed.
   * Fewer than `limit` means: there is no more for now. Where many brokers write, positions go by version and not by commit:
   * a record may come to stand shortly before one that was read, so who must miss nothing reads a short overlap again.
   */
  ofSubscription(request: HistoryRequest): Promise<readonly DueDelivery[]>
  /** The position of the last one that a subscription was ever owed; that of a beginning, when there is none. */
  endOf(request: Pick<HistoryRequest, 'space' | 'subscription'>): Promise<LogPosition>
  /**
   * From where to read again to miss nothing that came to stand before a position so many milliseconds late; the position
   * itself, where positions go by commit. Throws InvalidRequest when it is no position.
   */
  before(position: LogPosition, milliseconds: number): LogPosition
}

export interface HistoryRequest {
  readonly space: Space
  readonly subscription: string
  readonly after?: LogPosition
  readonly since?: TimeKey
  readonly limit: number
}

/** A notification that a record owes to a subscription, or once owed. */
export interface DueDelivery {
  readonly position: LogPosition
  readonly record: LogRecord
  readonly subscription: string
  readonly notification: string
  /** Present when it was settled before and is owed again. */
  readonly isAgain?: true
}

/** A subscription of a space, as something that is delivered for. */
export interface SubscriptionRef {
  readonly space: Space
  readonly subscription: string
}

/** A record, and one subscription that it owes or once owed a notification. */
export interface OwedRecord extends SubscriptionRef {
  readonly entity: string
  readonly version: number
}

export interface Settlement extends OwedRecord {
  /** Absent: delivered, or no longer wanted. Present: kept as a dead letter. */
  readonly deadLetter?: DeadLetterReason
}

export interface DeadLetterReason {
  readonly reason: string
  readonly attempts: number
  readonly at: TimeKey
}

/** The outbox: the deliveries that committed log records owe. */
export interface Outbox {
  /** What one subscription is still owed, after a position (absent: from the oldest); per entity in version order. */
  due(request: SubscriptionRef & { after?: LogPosition; limit: number }): Promise<readonly DueDelivery[]>
  /** The subscriptions that are owed anything: where delivery begins after a start. */
  owed(): Promise<readonly SubscriptionRef[]>
  /** How many deliveries a subscription is owed. */
  count(ref: SubscriptionRef): Promise<number>
  /** Takes deliveries off the outbox, durably. Settling twice changes nothing. */
  settle(settlements: readonly Settlement[]): Promise<void>
  /** Owes again, durably, what was owed before; each in its old place. What is owed still, or never was, stays as it is. */
  owe(records: readonly OwedRecord[]): Promise<void>
  /**
   * Takes off what is owed for records before a time, or the oldest beyond so many. Resolves to their number. Several processes
   * may do it at once: each takes off none that another must keep.
   */
  drop(request: SubscriptionRef & ({ before: TimeKey } | { most: number })): Promise<number>
  /** Takes off all but the latest delivery of each entity. Resolves to their number. */
  keepLatest(ref: SubscriptionRef): Promise<number>
}

export interface DeadLetter extends DeadLetterReason {
  readonly delivery: DueDelivery
  /** Where it stands among all; opaque, made by the store. */
  readonly cursor: string
}

/** Which dead letters are meant; what is absent restricts nothing. */
export interface DeadLetterFilter {
  readonly space?: Space
  readonly subscription?: string
  readonly notification?: string
}

/** What could not be delivered and was given up. */
export interface DeadLetterStore {
  /** Oldest first, after a cursor. */
  list(request: DeadLetterFilter & { after?: string; limit: number }): Promise<readonly DeadLetter[]>
  count(filter: DeadLetterFilter): Promise<number>
  /** Removes all that are meant; resolves to their number. */
  remove(filter: DeadLetterFilter): Promise<number>
  /** Removes those given up before a time, and the oldest beyond so many; resolves to their number. */
  trim(bounds: { readonly before: TimeKey; readonly most: number }): Promise<number>
}

/** What a process that delivers answers and hears. Nothing in here may throw; calls come one at a time. */
export interface LeaseHolder {
  /** May this process deliver for it? What nobody may deliver waits in the outbox. From memory. */
  mayHold(ref: SubscriptionRef): boolean
  /** This process delivers for it from now on. What is owed so far is in the outbox, whatever was offered before. */
  acquired(ref: SubscriptionRef): void
  /** It is held, and owed something that this process may not have been offered: the outbox has it. */
  owed(ref: SubscriptionRef): void
  /** It is no longer held: another may deliver for it already. */
  lost(ref: SubscriptionRef): void
  /**
   * Other processes are gone: what they held has no holder, and what they committed may not have been told. Looks through the
   * outbox and calls `tell`. Where it rejects, it is called again before long.
   */
  orphaned(): Promise<void>
}

/**
 * Who delivers for which subscription: one process at a time. A process that has fallen silent loses its leases after some ten
 * seconds, and knows it by then: it does not take itself for a holder when it wakes. Where there is one process, it holds all
 * that it ever asked for, and none of this waits.
 *
 * Nothing is missed: a record is in the log before its writer calls `tell`, and a new holder reads the outbox after it became
 * holder. So either it finds the record there, or the writer finds the new holder.
 */
export interface LeaseStore {
  /** True while this process, and no other, may deliver for it. From memory. */
  holds(ref: SubscriptionRef): boolean
  /** True while no other process writes, so that all records are offered here, in the order of their commits. From memory. */
  isAlone(): boolean
  /** Begins to take part: from then on `holder` hears. Once. */
  join(holder: LeaseHolder): Promise<void>
  /**
   * Sees to it that what these are owed is delivered: acquires those that nobody holds and that this process may hold; tells the
   * holders of the others, be it this process. Rejects when that is not sure; it is then to be called again.
   */
  tell(refs: readonly SubscriptionRef[]): Promise<void>
  /** Acquires them whoever holds them: for receivers that have come to this process. */
  takeOver(refs: readonly SubscriptionRef[]): Promise<void>
  /** They are not held any more from the call on. What comes for them is for whoever acquires them next. */
  giveBack(refs: readonly SubscriptionRef[]): Promise<void>
  /** Forgets all about held ones, whose subscription is gone. */
  forget(refs: readonly SubscriptionRef[]): Promise<void>
  /**
   * Claims one period of a periodic subscription, by its beginning (milliseconds since 1970). True at most once for a period,
   * over all processes and for ever, and only for the holder; false also for a period before one that was claimed. Durable.
   */
  claimPeriod(ref: SubscriptionRef, period: number): Promise<boolean>
  /** Takes no more part: others may acquire at once what this process held. */
  leave(): Promise<void>
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
