/**
 * Runs a task again and again, `interval` milliseconds after the last run ended. A run that fails is reported and does not
 * end the series. The returned function ends it, after the run under way.
 */
export function repeat(
  interval: number,
  task: () => Promise<void>,
  report: (error: unknown) => void,
): () => Promise<void> {
  let isStopped = false
  let underWay: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout
  const run = async (): Promise<void> => {
    try {
      await task()
    } catch (error) {
      report(error)
    }
    if (!isStopped) schedule()
  }
  const schedule = (): void => {
    timer = setTimeout(() => {
      underWay = run()
    }, interval)
  }
  schedule()
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await underWay
  }
}
