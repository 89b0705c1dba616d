/** The subscription as Estran holds it (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.14, 5.2.15): names are core names. */
import type { JsonObject } from '../../base/json.ts'
import type { TimeKey } from '../../base/time.ts'
import type { ContextSource } from '../context/tables.ts'
import type { RepresentationFormat } from './format.ts'
import type { Join } from './join.ts'
import type { SpecificationVersion } from './render/options.ts'
import type { Space } from './space.ts'

/** Clause 5.2.12. `entityUpdated` stands for the three attribute triggers. */
export const notificationTriggers = [
  'entityCreated',
  'entityUpdated',
  'entityDeleted',
  'attributeCreated',
  'attributeUpdated',
  'attributeDeleted',
] as const

export type NotificationTrigger = (typeof notificationTriggers)[number]

/** Clause 5.2.12: what triggers when the subscription does not say. */
export const defaultTriggers: readonly NotificationTrigger[] = ['attributeCreated', 'attributeUpdated']

export interface EntitySelector {
  /** A type selection of clause 4.17 as text over core names, or `*`. */
  readonly type: string
  readonly ids?: readonly string[]
  /** Counts only where there are no ids: id beats idPattern (clause 5.2.33). */
  readonly idPattern?: string
}

export interface KeyValuePair {
  readonly key: string
  readonly value: string
}

export const notificationAccepts = ['application/json', 'application/ld+json', 'application/geo+json'] as const

export type NotificationAccept = (typeof notificationAccepts)[number]

export interface Endpoint {
  readonly uri: string
  readonly accept: NotificationAccept
  readonly receiverInfo: readonly KeyValuePair[]
  readonly notifierInfo: readonly KeyValuePair[]
  /** Milliseconds. */
  readonly timeout?: number
  /** Milliseconds. */
  readonly cooldown?: number
  /** What notifications over HTTP are signed with (`endpoint-secret.ts`). */
  readonly secret?: string
}

/** Plain JSON through and through, so that a store keeps it as it is. */
export interface Subscription {
  readonly space: Space
  readonly id: string
  readonly entities?: readonly EntitySelector[]
  readonly watchedAttributes?: readonly string[]
  readonly triggers: readonly NotificationTrigger[]
  /** The filter as the client wrote it; compiled with `source` when the subscription is taken up. */
  readonly q?: string
  /** The @context that the names in `q` were written in. */
  readonly source: ContextSource
  /** A GeoQuery of clause 5.2.13; its geoproperty is a core name. */
  readonly geoQ?: JsonObject
  readonly scopeQ?: string
  /** Which context sources are asked, as the client wrote it. Says nothing about entities that are stored here. */
  readonly csf?: string
  /** The @context that the names in `csf` were written in. */
  readonly csfSource?: ContextSource
  /** Seconds between two periodic notifications. Where it is there, changes notify nobody (clause 5.8.6). */
  readonly timeInterval?: number
  readonly isActive: boolean
  readonly expiresAt?: TimeKey
  /** Seconds between two notifications at least; fractions count. */
  readonly throttling?: number
  /** Estran's own: only the latest state of each entity is owed. */
  readonly coalesce?: true
  /** Present when the broker ended it; it is paused then. */
  readonly ended?: Ended
  /** The attributes to send; id, type and scope go with them. */
  readonly attributes?: readonly string[]
  /** Projections of clause 4.21 as text over core names. */
  readonly pick?: string
  readonly omit?: string
  readonly join?: Join
  readonly format: RepresentationFormat
  /** Tells what was before, beside what is (clause 5.2.14). */
  readonly showChanges: boolean
  readonly sysAttrs: boolean
  /** The attribute instances to send, by datasetId; `@none` is the default one. */
  readonly datasets?: readonly string[]
  /** A language filter of clause 4.15. */
  readonly lang?: string
  /** How names in `q` are understood (clauses 4.9, 5.2.12); attribute names. */
  readonly expandValues?: readonly string[]
  readonly jsonKeys?: readonly string[]
  /** The version of the specification that notifications conform to: ngsildConformance (clause 4.3.6.8). */
  readonly version?: SpecificationVersion
  readonly endpoint: Endpoint
  /** The @context of notifications: jsonldContext, else the one of the creating request. */
  readonly context: ContextSource
  readonly createdAt: TimeKey
  readonly modifiedAt: TimeKey
  /** Who created it: rights are his when it matches. */
  readonly creator: string | null
}

/** A subscription with what its client wrote: so it is stored, and so operations have it. In memory it is without. */
export interface DocumentedSubscription extends Subscription {
  /** The client's own document, expanded to core names, for answers and for PATCH. */
  readonly document: JsonObject
}

export type SubscriptionStatus = 'active' | 'paused' | 'expired'

/** The status is never stored: time alone turns active into expired (clauses 5.2.12, 5.8.2.4). */
export function statusOf(subscription: Pick<Subscription, 'isActive' | 'expiresAt'>, now: TimeKey): SubscriptionStatus {
  if (subscription.expiresAt !== undefined && subscription.expiresAt <= now) return 'expired'
  return subscription.isActive ? 'active' : 'paused'
}

/** How notifications went so far (clause 5.2.14, output only). */
export interface NotificationStatus {
  readonly status: 'ok' | 'failed'
  /** Tries, whatever became of them. */
  readonly timesSent: number
  readonly timesFailed: number
  readonly lastNotification?: TimeKey
  readonly lastSuccess?: TimeKey
  readonly lastFailure?: TimeKey
  /** Estran's own, here and below (docs/subscriptions.md). What was dropped because it was too old or too much. */
  readonly timesDropped?: number
  /** States that were not sent because a later one of the same entity was. */
  readonly timesSuperseded?: number
  /** Notifications that became dead letters. */
  readonly timesGivenUp?: number
  readonly lastFailureReason?: string
  /** After a failure: the endpoint is not tried before. */
  readonly notTriedUntil?: TimeKey
}

/** How delivery to a subscription stands now: Estran's own, output only. */
export interface DeliveryStanding {
  /** The circuit breaker of the endpoint. */
  readonly circuit: 'closed' | 'open' | 'half-open'
  /** While it is open: the endpoint is not tried before. */
  readonly notTriedUntil?: TimeKey
  /** Notifications that are owed. */
  readonly waiting: number
}

/** Why and when the broker ended a subscription, because its receiver wants no more. */
export interface Ended {
  readonly at: TimeKey
  readonly reason: string
}

/** True where a later state of an entity takes the place of those that were not sent yet. */
export function keepsLatest({ throttling, coalesce }: Pick<Subscription, 'throttling' | 'coalesce'>): boolean {
  return coalesce === true || throttling !== undefined
}

/** A subscription as a store keeps it. */
export function storedSubscription(subscription: DocumentedSubscription): JsonObject {
  return { ...subscription } as unknown as JsonObject
}

/** The subscription without its document, which matching and notifying have no use for. */
export function withoutDocument({ document: _document, ...subscription }: DocumentedSubscription): Subscription {
  return subscription
}

/** A subscription from what a store kept of it. */
export function parseStoredSubscription(body: JsonObject): DocumentedSubscription {
  return body as unknown as DocumentedSubscription
}
