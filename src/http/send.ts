/** Writes an answer to a connection: HEAD, content codings, answers in parts, and the headers that every answer has. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Coding } from './content-coding.ts'
import { acceptedCoding, compress, compressor } from './content-coding.ts'
import { echoed } from './correlation.ts'
import type { Cors } from './cors.ts'
import { varying } from './cors.ts'
import type { Answer, Request } from './exchange.ts'

export interface SendOptions {
  /** Bytes from which on an answer is compressed. */
  readonly compressFrom: number
  /** Absent: no page of another origin is let in. */
  readonly cors: Cors | undefined
}

/** A request and where its answer goes. */
export interface Connection {
  readonly request: IncomingMessage
  readonly headers: Request['headers']
  readonly response: ServerResponse
}

/** An answer whose headers are complete but for what depends on its body. */
interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends an answer. A promise where that takes its time: it resolves when all was handed over, and rejects, the connection
 * being cut, when the answer cannot be completed.
 */
export function send(
  connection: Connection,
  answer: Answer,
  { compressFrom, cors }: SendOptions,
): Promise<void> | undefined {
  const { request, headers: requested, response } = connection
  const { status, headers, body, isLive } =
    cors === undefined ? answer : cors({ method: request.method ?? '', headers: requested }, answer)
  const head = { status, headers: { ...headers, ...echoed(requested) } }
  if (body === undefined) {
    sendNothing(response, head, requested['if-none-match'])
    return undefined
  }
  if (typeof body !== 'string' && isLive === true) return sendLive(connection, head, body)
  if (typeof body !== 'string') return sendParts(connection, coded(head, codingFor(requested)), body)
  if (Buffer.byteLength(body) >= compressFrom) return sendLong(response, coded(head, codingFor(requested)), body)
  sendWhole(response, head, body)
  return undefined
}

function codingFor(requested: Request['headers']): Coding | undefined {
  return acceptedCoding(requested['accept-encoding'])
}

/** The head of an answer that could come in another coding. */
interface CodedHead extends Head {
  readonly coding: Coding | undefined
}

function coded({ status, headers }: Head, coding: Coding | undefined): CodedHead {
  const varied = { ...headers, vary: varying(headers, 'Accept-Encoding') }
  if (coding === undefined) return { status, headers: varied, coding }
  const { etag } = headers
  // RFC 9110, 8.8.3.3: another coding is another representation, and needs a tag of its own.
  const tag = etag === undefined ? {} : { etag: tagInCoding(etag, coding) }
  return { status, headers: { ...varied, ...tag, 'content-encoding': coding }, coding }
}

function tagInCoding(tag: string, coding: Coding): string {
  return tag.replace(/"$/, `-${coding}"`)
}

function sendNothing(response: ServerResponse, { status, headers }: Head, known = ''): void {
  if (status === 304) {
    response.writeHead(status, notModified(headers, known)).end()
  } else {
    response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': '0' }).end()
  }
}

/** RFC 9110, 15.4.5: a 304 names the representation that the client has, in the coding that it has it in. */
function notModified(headers: Head['headers'], known: string): Head['headers'] {
  const { etag } = headers
  const vary = varying(headers, 'Accept-Encoding')
  if (etag === undefined || known.includes(etag)) return { ...headers, vary }
  const tags = (['br', 'gzip'] as const).map((coding) => tagInCoding(etag, coding))
  return { ...headers, vary, etag: tags.find((tag) => known.includes(tag)) ?? etag }
}

// Node leaves the body out where the request is HEAD. A text goes out in one write with the headers, bytes would in two parts.
function sendWhole(response: ServerResponse, { status, headers }: Head, body: string | Buffer): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) }).end(body)
}

function sendLong(response: ServerResponse, head: CodedHead, body: string): Promise<void> | undefined {
  if (head.coding !== undefined) return sendCompressed(response, head, compress(Buffer.from(body), head.coding))
  sendWhole(response, head, body)
  return undefined
}

async function sendCompressed(response: ServerResponse, head: Head, compressing: Promise<Buffer>): Promise<void> {
  sendWhole(response, head, await compressing)
}

/**
 * An answer in parts, as fast as the client takes it. A client that is gone ends the parts; parts that fail cut the
 * connection, so that nobody takes half an answer for a whole one.
 */
async function sendParts(
  { request, response }: Connection,
  { status, headers, coding }: CodedHead,
  body: AsyncIterable<string>,
): Promise<void> {
  const parts = Readable.from(body)
  response.writeHead(status, headers)
  if (request.method === 'HEAD') {
    parts.destroy()
    response.end()
    return
  }
  try {
    await pipeline([parts, inBlocks, ...(coding === undefined ? [] : [compressor(coding)]), response])
  } catch (error) {
    if (!isClientGone(error)) throw error
  }
}

/** Milliseconds for which a client may take nothing of what waits for it. */
const STUCK = 60_000

/** An answer whose parts come when there is news. They go out one by one, and the next is asked for when the last has left. */
async function sendLive(
  { request, response }: Connection,
  { status, headers }: Head,
  body: AsyncIterable<string>,
): Promise<void> {
  const parts = Readable.from(body, { highWaterMark: 1 })
  response.writeHead(status, headers)
  if (request.method === 'HEAD') {
    parts.destroy()
    response.end()
    return
  }
  response.setTimeout(STUCK, () => {
    if (response.writableNeedDrain) response.destroy()
  })
  try {
    await pipeline(parts, response)
  } catch (error) {
    if (!isClientGone(error)) throw error
  }
}

function isClientGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** Characters of a block: a chunk of HTTP, and a call into the system, for each line of a table would cost more than the line. */
const BLOCK = 16_384

async function* inBlocks(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let block = ''
  for await (const part of parts) {
    block += part
    if (block.length < BLOCK) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}
