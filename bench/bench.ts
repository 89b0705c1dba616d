/** What every measurement works with. */
import type { LoadTool } from './load-tool.ts'
import type { Options } from './options.ts'

export interface Bench extends Pick<Options, 'seconds' | 'profile'> {
  readonly tool: LoadTool
  /** Temporary, on a disk. */
  readonly folder: string
  /** The words that pin a server to its core; none where servers go where they like. */
  readonly serverPrefix: readonly string[]
  /** Whatever was started and must be stopped in the end. */
  readonly started: AsyncDisposableStack
  /** Aborted when the user has had enough. */
  readonly signal: AbortSignal
}

/** Concurrent connections of every load. */
export const CONNECTIONS = 32
/** Runs of which a figure is the median. */
export const RUNS = 3
/** Seconds of load before the first run, at most. */
export const WARM_UP = 3
/** Numbers left to each run, so that no two send the same. */
export const NUMBERS_PER_RUN = 10_000_000
