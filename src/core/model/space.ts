import { NgsiError } from '../errors.ts'

/**
 * A space: a tenant, or (later) a snapshot or scenario of one. Every key in every store begins with it, and no query is
 * built without one, so that tenants share nothing (ETSI GS CIM 009 V1.9.1, clauses 4.14 and 5.5.10).
 */
export type Space = string

/** The space of requests that name no tenant. */
export const DEFAULT_SPACE: Space = ''

/** Tenant names become keys and log fields: letters, digits, `_`, `-` and `.`, at most 128. */
const TENANT = /^[A-Za-z0-9_.-]{1,128}$/

/** True when a tenant name may become a space. */
export function isTenantName(name: string): boolean {
  return TENANT.test(name)
}

/** The error of clause 5.5.10. */
export function nonexistentTenant(space: Space): NgsiError {
  return new NgsiError('NonexistentTenant', `NGSILD-Tenant: there is no tenant '${space}'`)
}

/** The tenant of a space, undefined for the default one. */
export function tenantOf(space: Space): string | undefined {
  return space === DEFAULT_SPACE ? undefined : space
}
