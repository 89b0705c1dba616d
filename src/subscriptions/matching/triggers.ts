/** What in a change sets off which trigger (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.8.6). */
import { jsonEqual } from '../../base/json.ts'
import { attributeNames } from '../../core/model/entity.ts'
import type { Entity } from '../../core/model/entity.ts'
import type { AttributeChange, ChangeKind } from '../../core/model/log-record.ts'
import type { NotificationTrigger } from '../../core/model/subscription.ts'

/** The triggers that a write sets off, and for each the attributes that it concerns. */
export type Triggered = ReadonlyMap<NotificationTrigger, ReadonlySet<string>>

const triggerOf: Readonly<Record<ChangeKind, NotificationTrigger>> = {
  created: 'attributeCreated',
  updated: 'attributeUpdated',
  deleted: 'attributeDeleted',
}

/**
 * Creation of an entity creates its attributes too; its deletion is one of the entity alone. Writing what was there before
 * sets off nothing, and neither does a change of type or scope, which are no attributes. A trigger of the whole entity concerns
 * all the attributes that the entity has.
 */
export function triggeredBy(change: ChangeKind, entity: Entity, attributes: readonly AttributeChange[]): Triggered {
  if (change === 'updated') return triggeredByChanges(attributes)
  const names = new Set(attributeNames(entity))
  if (change === 'deleted') return new Map([['entityDeleted', names]])
  // Whatever an entity that had expired under this id left behind: the new one has what it has.
  const triggers = names.size === 0 ? (['entityCreated'] as const) : (['entityCreated', 'attributeCreated'] as const)
  return new Map(triggers.map((trigger) => [trigger, names]))
}

function triggeredByChanges(attributes: readonly AttributeChange[]): Triggered {
  const triggered = new Map<NotificationTrigger, Set<string>>()
  for (const item of attributes) {
    if (isRewrite(item)) continue
    const trigger = triggerOf[item.change]
    const names = triggered.get(trigger)
    if (names === undefined) triggered.set(trigger, new Set([item.name]))
    else names.add(item.name)
  }
  return triggered
}

/** Instances hold no system timestamps, so that equal instances are equal in value and in every child. */
function isRewrite({ change, instance, previous }: AttributeChange): boolean {
  return change === 'updated' && jsonEqual(instance, previous)
}
