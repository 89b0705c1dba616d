/** What all is compared with: node:http alone. Reads the body and answers a small JSON. Its argument is the port. */
import { createServer } from 'node:http'

const ANSWER = JSON.stringify({ status: 'ok' })
const HEADERS = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(ANSWER)) }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(200, HEADERS).end(ANSWER)
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
