/** autocannon: JavaScript, for machines without wrk. It is itself slower than a bare server, so that all ratios come out high. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LoadReport, LoadTool } from './load-tool.ts'
import { resultOf } from './load-tool.ts'
import type { Run } from './run.ts'

const PROCESS = fileURLToPath(new URL('autocannon-process.ts', import.meta.url))

export function createAutocannon(run: Run): LoadTool {
  return {
    name: 'autocannon',
    description: `autocannon ${version()}, one process`,
    run: async (load) => {
      const output = await run([process.execPath, PROCESS, JSON.stringify(load)])
      return resultOf(JSON.parse(output) as LoadReport, load)
    },
  }
}

function version(): string {
  const file = fileURLToPath(import.meta.resolve('autocannon/package.json'))
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
