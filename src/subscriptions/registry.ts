/**
 * The subscriptions of this broker in memory: what writes are matched against. It follows the store, so that what another
 * broker creates, changes or deletes counts here too; the write path never waits for it.
 */
import { optional } from '../base/optional.ts'
import type { ContextResolver } from '../core/context/resolver.ts'
import type { DueNotification, LogRecord } from '../core/model/log-record.ts'
import type { Space } from '../core/model/space.ts'
import type { EntityState } from '../core/model/state.ts'
import type { DocumentedSubscription, Subscription } from '../core/model/subscription.ts'
import { parseStoredSubscription, withoutDocument } from '../core/model/subscription.ts'
import type { DocumentStore, StoredDocument } from '../store/port.ts'
import type { CompiledSubscription } from './matching/compile.ts'
import { compileSubscription } from './matching/compile.ts'
import type { Matcher } from './matching/matcher.ts'
import { notificationId } from './rendering/notification-id.ts'
import { subscriptionKey } from './subscription-key.ts'

export interface SubscriptionRegistry {
  /** Takes up all stored subscriptions and begins to follow the store. */
  readonly start: () => Promise<void>
  /** Makes a stored subscription count from now on. Returns once the next write is matched against it. */
  readonly take: (subscription: DocumentedSubscription, compiled: CompiledSubscription) => void
  readonly drop: (space: Space, id: string) => void
  readonly get: (space: Space, id: string) => Subscription | undefined
  /** Those with a timeInterval, and those whose endpoint is a URN: each is to be held by somebody, owed or not. */
  readonly alwaysHeld: () => readonly Subscription[]
  /** Those whose endpoint has this URI, a URN. */
  readonly to: (urn: string) => readonly Subscription[]
  /** Who is to be notified of a change; `subject` is the entity after it, or before it when it is gone. */
  readonly match: (record: LogRecord, subject: EntityState) => readonly DueNotification[]
  readonly stop: () => void
}

export interface RegistryOptions {
  readonly documents: DocumentStore
  readonly contexts: ContextResolver
  readonly matcher: Matcher
  /** Told of each subscription that came, changed or went. */
  readonly changed: (space: Space, id: string) => void
  /** Told of a subscription that cannot be taken up now; it is tried again. */
  readonly warn: (message: string, error: unknown) => void
  /** Milliseconds until a subscription whose @context could not be had is tried again. */
  readonly retryAfter: number
}

type Ref = Pick<Subscription, 'space' | 'id'>

/** What the registry holds. */
interface Held {
  readonly options: RegistryOptions
  readonly known: Map<string, Subscription>
  /** Keys of those whose endpoint is a URN: receivers that come to the broker. */
  readonly byUrn: Map<string, Set<string>>
  readonly retries: Map<string, NodeJS.Timeout>
  /** Looks into the store that are under way; one that something overtook is not here any more, and must not undo it. */
  readonly looks: Map<string, symbol>
}

/** An empty registry; `start` fills it. */
export function createRegistry(options: RegistryOptions): SubscriptionRegistry {
  const held: Held = { options, known: new Map(), byUrn: new Map(), retries: new Map(), looks: new Map() }
  const { documents, matcher } = options
  let unwatch = (): void => undefined
  return {
    start: async () => {
      const changed = new Set<string>()
      let isLoading = true
      unwatch = documents.watch('subscription', (space, id) => {
        if (isLoading) changed.add(subscriptionKey(space, id))
        void refresh(held, space, id)
      })
      await load(held, changed)
      isLoading = false
    },
    take: (subscription, compiled) => {
      take(held, withoutDocument(subscription), compiled)
    },
    drop: (space, id) => {
      drop(held, space, id)
    },
    get: (space, id) => held.known.get(subscriptionKey(space, id)),
    alwaysHeld: () => [...held.known.values()].filter(isAlwaysHeld),
    to: (urn) => [...(held.byUrn.get(urn) ?? [])].flatMap((key) => held.known.get(key) ?? []),
    match: (record, subject) => dueOf(matcher, record, subject),
    stop: () => {
      unwatch()
      for (const timer of held.retries.values()) clearTimeout(timer)
    },
  }
}

function isUrn(uri: string): boolean {
  return uri.startsWith('urn:')
}

function isAlwaysHeld({ timeInterval, endpoint }: Subscription): boolean {
  return timeInterval !== undefined || isUrn(endpoint.uri)
}

function know({ known, byUrn }: Held, key: string, subscription: Subscription | undefined): void {
  const before = known.get(key)?.endpoint.uri
  const keys = before === undefined ? undefined : byUrn.get(before)
  keys?.delete(key)
  if (before !== undefined && keys?.size === 0) byUrn.delete(before)
  if (subscription === undefined) {
    known.delete(key)
    return
  }
  known.set(key, subscription)
  const { uri } = subscription.endpoint
  if (isUrn(uri)) byUrn.set(uri, (byUrn.get(uri) ?? new Set()).add(key))
}

function take(held: Held, subscription: Subscription, compiled: CompiledSubscription): void {
  const { options, looks } = held
  const key = subscriptionKey(subscription.space, subscription.id)
  know(held, key, subscription)
  looks.delete(key)
  options.matcher.put(subscription, compiled)
  options.changed(subscription.space, subscription.id)
}

function drop(held: Held, space: Space, id: string): void {
  const { options, looks } = held
  const key = subscriptionKey(space, id)
  know(held, key, undefined)
  looks.delete(key)
  options.matcher.remove(space, id)
  options.changed(space, id)
}

/** Bodies of this number of subscriptions are in memory at a time. */
const PAGE = 500

/** Takes up all that is stored, but for what has changed since: that has been looked at anew. */
async function load(held: Held, changed: ReadonlySet<string>): Promise<void> {
  const taking: Promise<void>[] = []
  let page: readonly StoredDocument[] = []
  do {
    page = await held.options.documents.page('subscription', { ...optional('after', page.at(-1)), limit: PAGE })
    for (const stored of page) {
      const { space, id } = stored
      if (!changed.has(subscriptionKey(space, id)))
        taking.push(look(held, { space, id }, () => Promise.resolve(stored)))
    }
  } while (page.length === PAGE)
  await Promise.all(taking)
}

/** Brings memory in line with the store. */
function refresh(held: Held, space: Space, id: string): Promise<void> {
  return look(held, { space, id }, () => held.options.documents.get(space, 'subscription', id))
}

/** Takes up what is read of a subscription; what fails, a context out of reach above all, is tried again. */
async function look(held: Held, { space, id }: Ref, read: () => Promise<StoredDocument | undefined>): Promise<void> {
  const { options, retries, looks } = held
  const key = subscriptionKey(space, id)
  clearTimeout(retries.get(key))
  retries.delete(key)
  const mine = Symbol()
  looks.set(key, mine)
  try {
    const stored = await read()
    if (looks.get(key) !== mine) return
    if (stored === undefined) {
      drop(held, space, id)
      return
    }
    const subscription = withoutDocument(parseStoredSubscription(stored.body))
    know(held, key, subscription)
    const compiled = await compileSubscription(options.contexts, subscription)
    if (looks.get(key) === mine) take(held, subscription, compiled)
  } catch (error) {
    options.warn(`subscription ${id} cannot be taken up now`, error)
    retries.set(key, setTimeout(() => void refresh(held, space, id), options.retryAfter).unref())
  }
}

const none: readonly DueNotification[] = []

function dueOf(matcher: Matcher, record: LogRecord, { entity, times }: EntityState): readonly DueNotification[] {
  if (matcher.size === 0) return none
  const { space, time, change, attributes } = record
  const matched = matcher.match({ space, time, change, entity, times, attributes })
  return matched.map(({ id }) => ({ subscription: id, notification: notificationId(id, record) }))
}
