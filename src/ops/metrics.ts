/** What the broker counts and measures, for Prometheus (prom-client). Brokers in one process count apart. */
import { collectDefaultMetrics, Counter, Registry } from 'prom-client'
import { createHistogram } from './histogram.ts'
import type { NotificationMetrics } from './notification-metrics.ts'
import { createNotificationMetrics } from './notification-metrics.ts'

/** Takes down one request: its status, and how long it took, in milliseconds. */
export type ObserveRequest = (status: number, duration: number) => void

export interface Metrics {
  /** A recorder for one route, made once. */
  readonly request: (method: string, route: string) => ObserveRequest
  readonly commits: () => void
  /** Entities that a query had looked at one by one. */
  readonly candidatesEvaluated: (count: number) => void
  readonly notifications: NotificationMetrics
  /** Everything in the text format of Prometheus. */
  readonly text: () => Promise<string>
  /** The media type of that text. */
  readonly contentType: string
}

/** Memory, processor time, event loop and garbage collection: one process, however many brokers run in it. */
const ofProcess = new Registry()
collectDefaultMetrics({ register: ofProcess })

/** Starts counting. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = createHistogram(
    'estran_http_request_duration_seconds',
    'Duration of HTTP requests, from their headers to the last byte handed over',
  )
  const commits = new Counter({ name: 'estran_store_commits_total', help: 'Changes of entities committed', registers })
  const candidates = new Counter({
    name: 'estran_candidates_evaluated_total',
    help: 'Entities that queries had looked at one by one because no index of the store could decide',
    registers,
  })
  const notifications = createNotificationMetrics(registry)
  return {
    notifications,
    request: (method, route) => {
      const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'].map((status) =>
        requests.series(`method="${method}",route="${route}",status="${status}"`),
      )
      return (status, duration) => {
        classes[Math.floor(status / 100) - 1]?.(duration / 1000)
      }
    },
    commits: () => {
      commits.inc()
    },
    candidatesEvaluated: (count) => {
      candidates.inc(count)
    },
    text: async () =>
      `${requests.text()}\n${notifications.text()}\n${await Registry.merge([registry, ofProcess]).metrics()}`,
    contentType: registry.contentType,
  }
}
