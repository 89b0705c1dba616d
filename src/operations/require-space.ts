import { nonexistentTenant } from '../core/model/space.ts'
import type { Call } from './call.ts'

/** Throws NonexistentTenant when nothing was ever created for the call's tenant (clause 5.5.10). */
export async function requireSpace(call: Call): Promise<void> {
  if (await call.broker.store.spaces.has(call.space)) return
  throw nonexistentTenant(call.space)
}
