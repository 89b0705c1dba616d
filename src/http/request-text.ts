import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { invalidRequest, NgsiError } from '../core/errors.ts'

/**
 * The body of a request as text. Throws LengthRequired without a Content-Length (clause 6.3.4), PayloadTooLarge beyond
 * `maxBytes`, InvalidRequest when it is not UTF-8 or breaks off.
 */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const length = request.headers['content-length']
  if (length === undefined) throw new NgsiError('LengthRequired', 'Content-Length is missing')
  if (Number(length) > maxBytes) {
    throw new NgsiError('PayloadTooLarge', `the body has ${length} bytes; this broker takes ${String(maxBytes)}`)
  }
  const chunks = await readChunks(request)
  const [first] = chunks
  return decode(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks))
}

// Node itself holds a body to its Content-Length, so the chunks are bounded by what was checked above.
function readChunks(request: IncomingMessage): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      resolve(chunks)
    })
    request.on('aborted', () => {
      reject(invalidRequest('the body broke off'))
    })
    request.on('error', () => {
      reject(invalidRequest('the body broke off'))
    })
  })
}

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw invalidRequest('the body is not UTF-8')
  return bytes.toString('utf8')
}
