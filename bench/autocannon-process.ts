/** The process of autocannon.ts: takes a load as its one argument and prints a report, both as JSON. */
import autocannon from 'autocannon'
import type { Load, LoadReport } from './load-tool.ts'
import { fill } from './request.ts'

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as Load)))

async function run({ url, request, first, connections, seconds }: Load): Promise<LoadReport> {
  const { method, path, headers, body, range } = request
  let number = first
  const setupRequest = (blank: autocannon.Request): autocannon.Request => {
    const filled = { ...blank, path: fill(path, number, range), ...(body && { body: fill(body, number, range) }) }
    number += 1
    return filled
  }
  const requests = [{ method, path, headers, setupRequest }]
  const result = await autocannon({ url, connections, duration: seconds, requests })
  const answered = result['2xx'] + result.non2xx
  return {
    rate: answered / result.duration,
    requests: answered,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: { 'answers that are not 2xx': result.non2xx, errors: result.errors, 'time-outs': result.timeouts },
  }
}
