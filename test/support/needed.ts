/** Leaves a test or a chapter out, loudly, where something that it needs is missing. In CI nothing may be: it throws. */
export function skipWithout(context: Mocha.Context, what: string): never {
  if (process.env['CI'] === 'true') throw new Error(`CI needs ${what}`)
  return context.skip()
}
