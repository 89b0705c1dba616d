/**
 * Which subscriptions a change concerns, answered from memory: an index, never a scan over all subscriptions.
 *
 * What the index of a space leads to is a candidate: triggers, status and filter are then looked at one by one.
 */
import type { TimeKey } from '../../base/time.ts'
import type { Entity } from '../../core/model/entity.ts'
import { attributeNames } from '../../core/model/entity.ts'
import type { AttributeChange, ChangeKind } from '../../core/model/log-record.ts'
import type { Space } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'
import { statusOf } from '../../core/model/subscription.ts'
import type { SystemTimes } from '../../core/model/times.ts'
import { evaluate } from '../../core/query/evaluate.ts'
import type { CompiledSubscription } from './compile.ts'
import type { SpaceIndex } from './space-index.ts'
import { candidatesOf, createSpaceIndex, file, unfile } from './space-index.ts'
import type { Triggered } from './triggers.ts'
import { triggeredBy } from './triggers.ts'

/** One write, as the matcher sees it. */
export interface MatchEvent {
  readonly space: Space
  readonly time: TimeKey
  readonly change: ChangeKind
  /** The entity after the write; before it, for a deletion. */
  readonly entity: Entity
  readonly times: SystemTimes
  /** Of the log record. */
  readonly attributes: readonly AttributeChange[]
}

export interface Matcher {
  /** Takes a subscription up, or its new form. */
  put(subscription: Subscription, compiled: CompiledSubscription): void
  remove(space: Space, id: string): void
  /** The subscriptions that are to be notified; each once. Cheap when there is none. */
  match(event: MatchEvent): readonly Subscription[]
  readonly size: number
}

interface Entry {
  readonly subscription: Subscription
  readonly compiled: CompiledSubscription
}

interface Subscribed {
  readonly entries: Map<string, Entry>
  readonly index: SpaceIndex<Entry>
}

const none: readonly Subscription[] = []

/** Told of a subscription whose filter cannot be evaluated (TooComplexQuery, say): it then does not match. */
export type Undecided = (subscription: Subscription, error: unknown) => void

/** An empty matcher. No subscription, whatever it asks for, makes `match` throw: the write goes on. */
export function createMatcher(undecided: Undecided = () => undefined): Matcher {
  const spaces = new Map<Space, Subscribed>()
  let size = 0
  const remove = (space: Space, id: string): void => {
    const subscribed = spaces.get(space)
    const entry = subscribed?.entries.get(id)
    if (subscribed === undefined || entry === undefined) return
    subscribed.entries.delete(id)
    size--
    if (subscribed.entries.size === 0) spaces.delete(space)
    else unfile(subscribed.index, entry)
  }
  return {
    put: (subscription, compiled) => {
      const { space, id } = subscription
      remove(space, id)
      const subscribed = spaces.get(space) ?? { entries: new Map<string, Entry>(), index: createSpaceIndex<Entry>() }
      spaces.set(space, subscribed)
      const entry = { subscription, compiled }
      subscribed.entries.set(id, entry)
      size++
      file(subscribed.index, entry)
    },
    remove,
    match: (event) => {
      const subscribed = spaces.get(event.space)
      return subscribed === undefined ? none : matchIn(subscribed, event, undecided)
    },
    get size() {
      return size
    },
  }
}

function matchIn({ index }: Subscribed, event: MatchEvent, undecided: Undecided): readonly Subscription[] {
  const candidates = candidatesOf(index, event.entity, touched(event))
  if (candidates.size === 0) return none
  const triggered = triggeredBy(event.change, event.entity, event.attributes)
  if (triggered.size === 0) return none
  const matching: Subscription[] = []
  for (const { subscription, compiled } of candidates) {
    if (statusOf(subscription, event.time) !== 'active' || !isTriggered(compiled, triggered)) continue
    try {
      if (evaluate(compiled.filter, event)) matching.push(subscription)
    } catch (error) {
      undecided(subscription, error)
    }
  }
  return matching
}

/** Attributes under which a watching subscription may be filed. Deletion concerns those that the entity had. */
function touched({ change, entity, attributes }: MatchEvent): readonly string[] {
  return change === 'updated' ? attributes.map((item) => item.name) : attributeNames(entity)
}

function isTriggered({ triggers, watched }: CompiledSubscription, triggered: Triggered): boolean {
  for (const [trigger, names] of triggered) {
    if (!triggers.has(trigger)) continue
    if (watched === undefined || watched.some((name) => names.has(name))) return true
  }
  return false
}
