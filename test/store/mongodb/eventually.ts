import { setTimeout } from 'node:timers/promises'

/** Waits until a condition holds; fails after the deadline (milliseconds), saying what it waited for. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  deadline = 8_000,
): Promise<void> {
  const end = performance.now() + deadline
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${String(deadline)} ms`)
    await setTimeout(20)
  }
}
