/** The port behind which the load is made, by a process of its own. */
import type { RequestTemplate } from './request.ts'

export const toolNames = ['wrk', 'autocannon'] as const
export type ToolName = (typeof toolNames)[number]

export interface Load {
  /** Where the server is, without a trailing slash. */
  readonly url: string
  readonly request: RequestTemplate
  /** The number of the first request. */
  readonly first: number
  readonly connections: number
  readonly seconds: number
}

export interface LoadResult {
  /** Answered requests per second. */
  readonly rate: number
  readonly requests: number
  /** Milliseconds within which half of the requests were answered. */
  readonly p50: number
  /** Milliseconds within which 99 of 100 requests were answered. */
  readonly p99: number
}

export interface LoadTool {
  readonly name: ToolName
  /** For the report: name and version. */
  readonly description: string
  /** Rejects when any answer was not 2xx, or did not come. */
  readonly run: (load: Load) => Promise<LoadResult>
}

/** What every tool reports of a run, beside its result. */
export interface LoadReport extends LoadResult {
  /** Error kind -> how often. */
  readonly errors: Readonly<Record<string, number>>
}

/** The result of a run without errors; throws for any other. */
export function resultOf({ errors, ...result }: LoadReport, { request, url }: Load): LoadResult {
  const failures = Object.entries(errors).filter(([, count]) => count > 0)
  if (failures.length === 0 && result.requests > 0) return result
  const words = failures.map(([kind, count]) => `${String(count)} ${kind}`).join(', ') || 'no answer'
  throw new Error(`${request.method} ${url}${request.path}: ${words} among ${String(result.requests)} answers`)
}
