/**
 * Keys. Each begins with its space; `/` cannot occur in one, so no key of one space is ever a key of another.
 * They are texts and not sub-documents, because texts are compared byte by byte everywhere, and can be a shard key.
 */
import type { Space } from '../../core/model/space.ts'
import type { DocumentKind } from '../port.ts'

const VERSION_DIGITS = 16

/** `_id` of an entity. */
export function entityKey(space: Space, id: string): string {
  return `${space}/${id}`
}

/** All keys that begin with `head` and a slash: `0` is what follows the slash in byte order. */
export function keysWithin(head: string): { $gt: string; $lt: string } {
  return { $gt: `${head}/`, $lt: `${head}0` }
}

/** `_id` of a log record. Versions have sixteen digits, so that the keys of one entity are in version order. */
export function logKey(space: Space, id: string, version: number): string {
  return `${entityKey(space, id)} ${String(version).padStart(VERSION_DIGITS, '0')}`
}

/** The keys of an entity's log records after a version; `!` is what follows the space in byte order. */
export function logKeysAfter(space: Space, id: string, version: number): { $gt: string; $lt: string } {
  return { $gt: logKey(space, id, Math.max(version, 0)), $lt: `${entityKey(space, id)}!` }
}

/** What a subscription's due deliveries are found by. */
export function dueKey(space: Space, subscription: string): string {
  return `${space}/${subscription}`
}

/** Space and subscription of a due key. */
export function splitDueKey(key: string): { space: Space; subscription: string } {
  const slash = key.indexOf('/')
  return { space: key.slice(0, slash), subscription: key.slice(slash + 1) }
}

/** `_id` of a small document. */
export function documentKey(space: Space, kind: DocumentKind, id: string): string {
  return `${kind}/${space}/${id}`
}
