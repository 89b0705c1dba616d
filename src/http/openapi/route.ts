import packageJson from '../../../package.json' with { type: 'json' }
import { descriptionRoute } from '../description-route.ts'
import type { Route } from '../exchange.ts'
import { openApiDocument } from './document.ts'

/** Outside the NGSI-LD API: what all of `routes`, and this route itself, take and answer. */
export function openApiRoute(routes: readonly Route[]): Route {
  return descriptionRoute({
    id: 'getApiDescription',
    path: '/openapi.json',
    summary: 'The API as OpenAPI 3.1 describes it',
    kind: 'OpenApi',
    make: (own, limits) => openApiDocument([...routes, own], { version: packageJson.version, limits }),
  })
}
