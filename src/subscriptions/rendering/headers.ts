/** What goes with a notification beside its body (ETSI GS CIM 009 V1.9.1, clauses 5.5.10, 6.3.8, 7.2). */
import { tenantOf } from '../../core/model/space.ts'
import type { Subscription } from '../../core/model/subscription.ts'

/** Headers that the broker alone sets, in lower case: a receiverInfo cannot change them. */
const own: ReadonlySet<string> = new Set(['content-type', 'link', 'ngsild-tenant'])

/** receiverInfo, the tenant, and a link to the @context where there is one. */
export function messageHeaders(
  { endpoint, space }: Pick<Subscription, 'endpoint' | 'space'>,
  link: string | undefined,
): Readonly<Record<string, string>> {
  const pairs = endpoint.receiverInfo.filter(({ key }) => !own.has(key.toLowerCase()))
  const headers = Object.fromEntries(pairs.map(({ key, value }) => [key, value]))
  const tenant = tenantOf(space)
  if (tenant !== undefined) headers['NGSILD-Tenant'] = tenant
  if (link !== undefined) {
    headers['Link'] = `<${link}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`
  }
  return headers
}
