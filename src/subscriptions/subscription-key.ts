import type { Space } from '../core/model/space.ts'

/** One text for a subscription over all spaces. No space name holds the separator (`core/model/space.ts`). */
export function subscriptionKey(space: Space, id: string): string {
  return `${space}|${id}`
}
