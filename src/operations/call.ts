/** What every operation is given: the broker's parts, and who asks, where and when. */
import type { TimeKey } from '../base/time.ts'
import { timeKeyOfMicros } from '../base/time.ts'
import type { ContextResolver } from '../core/context/resolver.ts'
import type { ContextSource } from '../core/context/tables.ts'
import type { DueNotification, LogRecord } from '../core/model/log-record.ts'
import type { Space } from '../core/model/space.ts'
import { tenantOf } from '../core/model/space.ts'
import type { EntityState } from '../core/model/state.ts'
import type {
  DeliveryStanding,
  DocumentedSubscription,
  NotificationStatus,
  Subscription,
} from '../core/model/subscription.ts'
import type { Query } from '../core/query/ast.ts'
import { all } from '../core/query/ast.ts'
import type { LogPosition, SubscriptionRef } from '../store/outbox-port.ts'
import type { Store } from '../store/port.ts'
import type { StreamEvent } from '../subscriptions/events/event-streams.ts'
import type { CompiledSubscription } from '../subscriptions/matching/compile.ts'

/** What operations need of subscriptions; wiring composes it of the registry, the endpoints and delivery. */
export interface Subscriptions {
  /** Who is to be notified of a change; `subject` is the entity after it, or before it when it is gone. From memory. */
  match(record: LogRecord, subject: EntityState): readonly DueNotification[]
  /** Hands a committed record to delivery. */
  offer(record: LogRecord): void
  /** Throws BadRequestData when no transport can serve the endpoint of this subscription. */
  checkEndpoint(subscription: Subscription): void
  /** Makes a subscription ready for matching; rejects naming what in it is wrong or cannot be had. */
  compile(subscription: Subscription): Promise<CompiledSubscription>
  take(subscription: DocumentedSubscription, compiled: CompiledSubscription): void
  drop(space: Space, id: string): void
  /** Its notifications as they come, from a position of the log on, or from now on. */
  listen(subscription: Subscription, after: LogPosition | undefined): AsyncIterable<StreamEvent>
  /** How its notifications went; undefined while there was none. */
  status(space: Space, id: string): Promise<NotificationStatus | undefined>
  /** How its delivery stands now, given how its notifications went. */
  standing(subscription: Subscription, status: Promise<NotificationStatus | undefined>): Promise<DeliveryStanding>
  /** The outbox owes it something again: it is delivered. */
  owesAgain(ref: SubscriptionRef): void
  /** Sends again, in order and before anything newer, what it was owed since a time. Resolves when that is durable. */
  replay(ref: SubscriptionRef, since: TimeKey): Promise<void>
}

/** What operations need of contexts (clause 5.13); wiring composes it of the resolver and of what the store keeps. */
export interface Contexts extends ContextResolver {
  /** How many contexts the broker hosts at most, and the bytes that one may have. */
  readonly bounds: { readonly hosted: number; readonly bytes: number }
  /** The address at which the context with this local id is served. */
  urlOf(id: string): string
  /** The local id in such an address; undefined for any other address. */
  idOf(url: string): string | undefined
  /** The URL that a Link header gives for a source; `linkedContextUrl` sees to it that there is something behind it. */
  linkOf(source: ContextSource): string
  /**
   * Fetches a Cached context past all caches and keeps it in the place of the old copy. Rejects with LdContextNotAvailable
   * when it cannot be had or is not valid; the old copy stays then.
   */
  reload(url: string): Promise<void>
  /** Drops what memory holds of it. */
  forget(url: string): void
  /** Counts one use. */
  countUse(url: string): void
  /** Adds the uses counted so far to those in the store; it happens now and then anyway. */
  writeUses(): Promise<void>
}

/** What the broker is to other brokers (clause 5.2.40). */
export interface Source {
  /** A pseudonym for `Via` (RFC 7230, 5.7.1) of letters, digits, `.`, `_` and `-`. Brokers on one database share it. */
  readonly alias: string
  /** When it became available, in microseconds since 1970. */
  readonly since: number
}

/** The parts of the broker that operations work with; wiring puts them together once. */
export interface Broker {
  readonly store: Store
  readonly contexts: Contexts
  readonly subscriptions: Subscriptions
  readonly source: Source
  /** Microseconds since 1970; never the same twice, never backwards within a process. */
  readonly micros: () => number
}

/** Who asks. Today anyone may do anything; rights are decided in `visibilityOf` and in each operation, not around them. */
export interface Caller {
  /** null: not known. */
  readonly id: string | null
}

export interface Call {
  readonly broker: Broker
  readonly space: Space
  readonly caller: Caller
  /**
   * Clause 6.3.18: the Context Sources that the request has come through, by alias. A registration of one of these matches no
   * more (clause 5.12).
   */
  readonly via: readonly string[]
  /**
   * True when no registration matches (clause 5.5.13): the client says so, or the request has been here before, so that
   * whatever this broker knows of others was asked then.
   */
  readonly local: boolean
  /** W3C trace id of the request. */
  readonly trace: string | null
  /** When the request came, in microseconds since 1970. */
  readonly micros: number
  /** The same as a time key: modifiedAt of all that the request changes. */
  readonly time: TimeKey
}

/** A call that came at that time. */
export function callAt(micros: number, call: Omit<Call, 'micros' | 'time'>): Call {
  return { ...call, micros, time: timeKeyOfMicros(micros) }
}

/** The alias of the space that is asked: each tenant is a Context Source of its own (clauses 4.3.6.4, 5.2.40). */
export function sourceAliasOf({ broker, space }: Pick<Call, 'broker' | 'space'>): string {
  const tenant = tenantOf(space)
  // No alias of a broker and no tenant holds a plus sign, which RFC 7230 allows in a pseudonym.
  return tenant === undefined ? broker.source.alias : `${broker.source.alias}+${tenant}`
}

/** What the caller may see of a space: ANDed into every read. */
export function visibilityOf(_call: Call): Query {
  return all
}
