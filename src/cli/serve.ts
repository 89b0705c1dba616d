import type { Config } from '../config.ts'

/** How long stopping may take, in milliseconds, before the process goes all the same. What was acknowledged is durable by then. */
const STOP_DEADLINE = 10_000

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Starts the broker and returns when it listens; the process then lives until SIGINT or SIGTERM. The first signal stops
 * the broker in good order, a second one ends the process at once. Rejects when the broker cannot start.
 */
export async function serve(config: Config): Promise<void> {
  // Late, so that `estran --help` and a bad option do not wait for the whole broker to load.
  const { startBroker } = await import('../broker.ts')
  const broker = await startBroker(config)
  stopOnSignal(() => broker.stop())
  console.error(`estran: listening on ${broker.url}`)
}

/** Calls `stop` on the first signal and ends the process when that is done, or when its deadline has passed. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1)
    stopping = true
    console.error(`estran: stopping on ${signal}`)
    void exitAfter(stop)
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
}

async function exitAfter(stop: () => Promise<void>): Promise<void> {
  setTimeout(() => {
    console.error(`estran: not stopped after ${String(STOP_DEADLINE / 1000)} s, giving up`)
    process.exit(1)
  }, STOP_DEADLINE).unref()
  try {
    await stop()
    process.exit(0)
  } catch (error) {
    console.error('estran: stopping failed:', error)
    process.exit(1)
  }
}
