/** Subscriptions, registrations and contexts as they are kept. */
import type { Space } from '../../core/model/space.ts'
import type { DocumentKind } from '../port.ts'

export interface SmallDocument {
  readonly _id: string
  readonly kind: DocumentKind
  readonly space: Space
  readonly id: string
  readonly revision: number
  /** JSON text. */
  readonly body: string
  /** Who changed it last, and when by the database's clock. */
  readonly broker: string
  readonly updatedAt: Date
  readonly removed: boolean
  readonly removedAt?: Date
}
