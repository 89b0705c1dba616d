/**
 * The broker's clock: microseconds since 1970, never the same twice and never backwards within a process, so that the
 * order of requests is the order of their times.
 */
export function createClock(): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, Date.now() * 1000)
    return last
  }
}
