import type { Route } from './exchange.ts'
import { healthRoutes } from './health.ts'
import { attributeRoutes } from './ngsi-ld/attributes.ts'
import { entityRoutes } from './ngsi-ld/entities.ts'
import { entityReadRoutes } from './ngsi-ld/entity-reads.ts'
import { entityOperationRoutes } from './ngsi-ld/entity-operations.ts'
import { contextRoutes } from './ngsi-ld/jsonld-contexts.ts'
import { subscriptionRoutes } from './ngsi-ld/subscriptions.ts'
import { temporalEntityRoutes } from './ngsi-ld/temporal-entities.ts'

/** Clause 6.2: where the NGSI-LD resources live. */
const API_ROOT = '/ngsi-ld/v1'

const apiRoutes = [
  entityRoutes,
  entityReadRoutes,
  attributeRoutes,
  entityOperationRoutes,
  temporalEntityRoutes,
  subscriptionRoutes,
  contextRoutes,
].flat()

/** The route table: every resource of the broker, with its complete path. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...apiRoutes.map((route) => ({ ...route, path: `${API_ROOT}${route.path}` })),
]
