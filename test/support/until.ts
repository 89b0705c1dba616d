/** Waits until a condition holds, asking again and again; throws what it was last when the deadline (milliseconds) passes. */
export async function until<T>(ask: () => T | Promise<T>, holds: (answer: T) => boolean, deadline = 5000): Promise<T> {
  const end = performance.now() + deadline
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (performance.now() >= end)
      throw new Error(`not so within ${String(deadline)} ms; the last was ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
