import { createRoutes } from '../../src/http/routes.ts'
import { createMetrics } from '../../src/ops/metrics.ts'

/** The route table, for tests that go through every row of it. */
export const routes = createRoutes(createMetrics())
