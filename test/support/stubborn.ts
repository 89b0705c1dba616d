import { stopOnSignal } from '../../src/cli/serve.ts'

/** A process whose broker never stops: test/cli.test.ts signals it. */
function neverStops(): Promise<void> {
  return new Promise(() => undefined)
}

stopOnSignal(neverStops)
setInterval(() => undefined, 1000)
console.error('ready')
