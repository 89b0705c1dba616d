import type { Metrics } from '../ops/metrics.ts'
import type { Route } from './exchange.ts'
import type { ObserveRoute } from './server.ts'

/** Outside the NGSI-LD API: what the broker counts and measures, for Prometheus. */
export function metricsRoute({ text, contentType }: Metrics): Route {
  return {
    method: 'GET',
    path: '/metrics',
    parameters: [],
    about: {
      id: 'getMetrics',
      summary: 'Counters and durations, as Prometheus reads them',
      answers: { 200: 'Metrics' },
    },
    handle: async () => ({ status: 200, headers: { 'content-type': contentType }, body: await text() }),
  }
}

/** Takes down requests by the route that they were on. */
export function routeObserver(metrics: Metrics, routes: readonly Route[]): ObserveRoute {
  const observers = new Map(routes.map((route) => [route, metrics.request(route.method, route.path)]))
  return (route, status, duration) => {
    observers.get(route)?.(status, duration)
  }
}
