/** Child processes that do something and end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface RunOptions {
  /** Its output is wanted whatever its exit code. */
  readonly mayFail?: boolean
}

/** Runs a command to its end; resolves with its standard output. Rejects, with all it said, when it fails. */
export type Run = (words: readonly string[], options?: RunOptions) => Promise<string>

/** Commands that begin with `prefix` and that `signal` ends. */
export function createRun(prefix: readonly string[], signal: AbortSignal): Run {
  return async (words, { mayFail = false } = {}) => {
    const [command = '', ...rest] = [...prefix, ...words]
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], signal })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    if (child.exitCode !== 0 && !mayFail) throw new Error(`${command} ${rest.join(' ')} failed: ${stdout}${stderr}`)
    return stdout
  }
}
