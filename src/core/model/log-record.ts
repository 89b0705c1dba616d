/**
 * The log record: what one write changed. History and delivery are made from it and from nothing else.
 *
 * It is committed together with the entity it is about, and may go only when it is folded into history and every
 * delivery it owes is done or dead-lettered.
 */
import type { TimeKey } from '../../base/time.ts'
import type { AttributeInstance } from './entity.ts'
import type { Space } from './space.ts'
import type { InstanceTimes } from './times.ts'

/** How an entity, or one attribute instance of it, came out of a write. */
export type ChangeKind = 'created' | 'updated' | 'deleted'

/** The operations that leave log records: the specification's names (clause 4.20), and the broker's own `expire`. */
export type WriteOperation =
  | 'createEntity'
  | 'updateEntity'
  | 'appendAttrs'
  | 'updateAttrs'
  | 'deleteAttrs'
  | 'deleteEntity'
  | 'mergeEntity'
  | 'replaceEntity'
  | 'replaceAttrs'
  | 'purgeEntity'
  | 'createBatch'
  | 'upsertBatch'
  | 'updateBatch'
  | 'mergeBatch'
  | 'deleteBatch'
  | 'expire'

/** One attribute instance that a write created, updated or deleted. */
export interface AttributeChange {
  readonly name: string
  /** Absent for the default instance. */
  readonly datasetId?: string
  readonly change: ChangeKind
  /** The instance after the write, absent when it was deleted. */
  readonly instance?: AttributeInstance
  /** The instance before the write, absent when it was created. */
  readonly previous?: AttributeInstance
  /** When an instance was created and last modified that was deleted while the entity stayed: nothing else knows it any more. */
  readonly previousTimes?: InstanceTimes
}

/** A notification that a write owes: to which subscription, under which id (the same at every try, by any broker). */
export interface DueNotification {
  readonly subscription: string
  readonly notification: string
}

export interface LogRecord {
  readonly space: Space
  readonly entity: string
  /** Never repeats for one entity, not even over deletion and re-creation. Microseconds since 1970, or one more than the last. */
  readonly version: number
  /** When the request came: the `modifiedAt` of all that it changed. */
  readonly time: TimeKey
  readonly operation: WriteOperation
  /** Who asked; null while anyone may do anything. */
  readonly caller: string | null
  /** W3C trace id of the request, null when there was none. */
  readonly trace: string | null
  readonly change: ChangeKind
  /** The entity's types after the write (before it, for a deletion). */
  readonly types: readonly string[]
  /** Present when the write changed the types of an existing entity. */
  readonly previousTypes?: readonly string[]
  /** The scopes after the write; present when the write set or changed them. Empty when it removed them. */
  readonly scopes?: readonly string[]
  readonly previousScopes?: readonly string[]
  readonly attributes: readonly AttributeChange[]
  /** Only when subscriptions matched: the entity to render, once, and who is to hear of it. */
  readonly due?: Due
}

export interface Due {
  /** Stored text and times of the entity after the write; of the entity before it, for a deletion. */
  readonly text: string
  readonly times: string
  readonly notifications: readonly DueNotification[]
}
