/** An entity and its timestamps in memory: what the write semantics take and give, and how it becomes stored text. */
import type { TimeKey } from '../../base/time.ts'
import type { Entity } from './entity.ts'
import type { SystemTimes } from './times.ts'
import { parseTimes } from './times.ts'

/** Never changed in place: several readers may hold the same one. */
export interface EntityState {
  readonly entity: Entity
  readonly times: SystemTimes
}

/** An entity as a store keeps it. Texts are opaque to the reader that needs no more than to pass them on. */
export interface StoredEntity {
  readonly id: string
  readonly version: number
  /** The entity (`core/model/entity.ts`) as JSON text. */
  readonly text: string
  /** Its system timestamps (`core/model/times.ts`) as JSON text. */
  readonly times: string
  /** The earliest expiresAt of the entity or of one of its attributes; null when nothing in it expires. */
  readonly expires: TimeKey | null
}

/** The entity and its timestamps from their texts. */
export function parsedState({ text, times }: Pick<StoredEntity, 'text' | 'times'>): EntityState {
  return { entity: JSON.parse(text) as Entity, times: parseTimes(times) }
}
