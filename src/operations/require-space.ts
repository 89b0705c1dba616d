import { NgsiError } from '../core/errors.ts'
import type { Call } from './call.ts'

/** Throws NonexistentTenant when nothing was ever created for the call's tenant (clause 5.5.10). */
export async function requireSpace(call: Call): Promise<void> {
  if (await call.broker.store.spaces.has(call.space)) return
  throw new NgsiError('NonexistentTenant', `there is no tenant ${call.space}`)
}
