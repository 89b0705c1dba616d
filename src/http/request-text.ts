import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { invalidRequest, NgsiError } from '../core/errors.ts'
import { decompress } from './content-coding.ts'
import { isNdjson } from './headers.ts'
import type { Connection } from './send.ts'

/**
 * The body of a request as text, without its content coding. Throws LengthRequired without a Content-Length, which only NDJSON
 * may come without (clause 6.3.4), PayloadTooLarge beyond `maxBytes`, compressed or not, InvalidRequest when it is not UTF-8
 * or breaks off.
 */
export async function readText({ request, response, headers }: Connection, maxBytes: number): Promise<string> {
  const length = request.headers['content-length']
  if (length === undefined && !isNdjson({ headers })) throw new NgsiError('LengthRequired', 'Content-Length is missing')
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (request.headers.expect !== undefined) response.writeContinue()
  const chunks = await readChunks(request, maxBytes)
  const [first] = chunks
  const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
  return decode(await decompress(bytes, request.headers['content-encoding'], maxBytes))
}

function tooLarge(maxBytes: number): NgsiError {
  return new NgsiError(
    'PayloadTooLarge',
    `the body is longer than the ${String(maxBytes)} bytes that this broker takes`,
  )
}

// Node holds a body to its Content-Length; one that has none is counted.
function readChunks(request: IncomingMessage, maxBytes: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else reject(tooLarge(maxBytes))
    })
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
