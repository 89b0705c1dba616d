import type { Metrics } from '../ops/metrics.ts'
import { deadLetterRoutes } from './admin/dead-letters.ts'
import type { Route } from './exchange.ts'
import { healthRoutes } from './health.ts'
import { metricsRoute } from './metrics.ts'
import { attributeRoutes } from './ngsi-ld/attributes.ts'
import { discoveryRoutes } from './ngsi-ld/discovery.ts'
import { entityRoutes } from './ngsi-ld/entities.ts'
import { entityReadRoutes } from './ngsi-ld/entity-reads.ts'
import { entityOperationRoutes } from './ngsi-ld/entity-operations.ts'
import { contextRoutes } from './ngsi-ld/jsonld-contexts.ts'
import { sourceIdentityRoutes } from './ngsi-ld/source-identity.ts'
import { subscriptionEventRoutes } from './ngsi-ld/subscription-events.ts'
import { subscriptionRoutes } from './ngsi-ld/subscriptions.ts'
import { temporalEntityRoutes } from './ngsi-ld/temporal-entities.ts'
import { asyncApiRoute } from './asyncapi/route.ts'
import { openApiRoute } from './openapi/route.ts'

/** Clause 6.2: where the NGSI-LD resources live. */
const API_ROOT = '/ngsi-ld/v1'

const apiRoutes = [
  entityRoutes,
  entityReadRoutes,
  attributeRoutes,
  entityOperationRoutes,
  temporalEntityRoutes,
  subscriptionRoutes,
  subscriptionEventRoutes,
  contextRoutes,
  discoveryRoutes,
  sourceIdentityRoutes,
].flat()

/** The resources that take `local`, and whatever is below them (clause 6.3.18). */
const localResources = ['entities', 'types', 'attributes', 'entityOperations', 'temporal']

function withLocal(route: Route): Route {
  const [, resource = ''] = route.path.split('/')
  const takes = localResources.includes(resource) && !route.parameters.includes('local')
  return takes ? { ...route, parameters: [...route.parameters, 'local'] } : route
}

/** The route table: every resource of the broker, with its complete path. */
export function createRoutes(metrics: Metrics): readonly Route[] {
  const routes = [
    ...healthRoutes,
    metricsRoute(metrics),
    ...deadLetterRoutes,
    ...apiRoutes.map(withLocal).map((route) => ({ ...route, path: `${API_ROOT}${route.path}` })),
  ]
  const described = [...routes, asyncApiRoute(routes)]
  return [...described, openApiRoute(described)]
}
