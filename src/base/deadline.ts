/** Rejects with what `late` makes when the promise does not settle within so many milliseconds. */
export async function withDeadline<T>(promise: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  const { promise: passed, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(late())
  }, milliseconds)
  try {
    return await Promise.race([promise, passed])
  } finally {
    clearTimeout(timer)
  }
}
