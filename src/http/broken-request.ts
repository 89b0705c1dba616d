/** Answers to what never became a request: not HTTP, too long, too slow. They are ours, not Node's, which has no body. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { NgsiError } from '../core/errors.ts'
import { problemAnswer } from './problem.ts'

/** What Node reports: `rawPacket` is what was read last. */
interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer
}

const LINE_END = '\r\n'

/** Takes a connection on which no request came about: it is answered, and closed. `maxTargetBytes`: longest target accepted. */
export function refuseBrokenRequest(error: ClientError, socket: Duplex, maxTargetBytes: number): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, body = '' } = problemAnswer(refusalOf(error, maxTargetBytes), () => undefined)
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ]
  socket.end(`${head.join(LINE_END)}${LINE_END}${LINE_END}${body}`)
}

function refusalOf({ code, rawPacket }: ClientError, maxTargetBytes: number): NgsiError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new NgsiError('RequestTimeout', 'the request did not arrive within the time allowed')
  }
  if (code !== 'HPE_HEADER_OVERFLOW') {
    return new NgsiError('InvalidRequest', 'the request is not HTTP/1.1 as RFC 9112 has it')
  }
  if (rawPacket !== undefined && startLineLength(rawPacket) > maxTargetBytes) return targetTooLong()
  return new NgsiError('HeadersTooLarge', 'the headers of the request are longer than this broker takes')
}

/** Length of the line that the packet begins with, where that is the first one of a request; else 0. */
function startLineLength(packet: Buffer): number {
  if (!/^[A-Z]{3,10} /.test(packet.toString('latin1', 0, 11))) return 0
  const end = packet.indexOf(LINE_END)
  return end < 0 ? packet.length : end
}

/** A query that does not fit into a target fits into a body. */
export function targetTooLong(): NgsiError {
  return new NgsiError(
    'UriTooLong',
    'the request target is longer than this broker takes; POST /ngsi-ld/v1/entityOperations/query takes a query as its body',
  )
}
