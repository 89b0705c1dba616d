/**
 * One endpoint's circuit breaker. Closed: it takes what it is sent. A failure opens it: nobody tries until the wait is over.
 * Then it is half-open: one message at a time probes the endpoint; a success closes it, a failure opens it for longer.
 */
import type { BackoffLimits } from './backoff.ts'
import { backoff } from './backoff.ts'

export type CircuitState = 'closed' | 'open' | 'half-open'

export interface CircuitBreaker {
  readonly state: CircuitState
  /** Failures since the last success. */
  readonly failures: number
  /** Milliseconds since 1970 before which nobody tries; only while it is open does that lie ahead. */
  readonly openUntil: number
  succeeded(): void
  /** Nobody tries before the endpoint's own wait, and at least `wait` milliseconds, are over. */
  failed(wait: number): void
  /** Forgets all failures. */
  reset(): void
}

export interface CircuitBreakerOptions {
  readonly limits: BackoffLimits
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
}

export function createCircuitBreaker({ limits, now, random }: CircuitBreakerOptions): CircuitBreaker {
  let failures = 0
  let openUntil = 0
  return {
    get state() {
      if (failures === 0 && openUntil <= now()) return 'closed'
      return openUntil > now() ? 'open' : 'half-open'
    },
    get failures() {
      return failures
    },
    get openUntil() {
      return openUntil
    },
    succeeded: () => {
      failures = 0
    },
    failed: (wait) => {
      failures++
      openUntil = Math.max(openUntil, now() + Math.max(wait, backoff(limits, failures, random)))
    },
    reset: () => {
      failures = 0
      openUntil = 0
    },
  }
}
