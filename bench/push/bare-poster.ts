/** The bare loop that the throughput of notifications is compared with: node:http alone, POSTing one text again and again. */
import { Agent, request } from 'node:http'

const [url = '', count = '0', atOnce = '1', body = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(atOnce) })
const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
let left = Number(count)

function post(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', resolve)
    })
      .on('error', reject)
      .end(body)
  })
}

async function worker(): Promise<void> {
  while (left-- > 0) await post()
}

const begin = performance.now()
await Promise.all(Array.from({ length: Number(atOnce) }, worker))
console.log(Number(count) / ((performance.now() - begin) / 1000))
agent.destroy()
