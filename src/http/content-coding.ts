/** Content codings of bodies (RFC 9110, 8.4, 12.5.3): gzip, br and, in requests, deflate. zlib works off the event loop. */
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import {
  brotliCompress,
  brotliDecompress,
  constants,
  createBrotliCompress,
  createGzip,
  gunzip,
  gzip,
  inflate,
} from 'node:zlib'
import { invalidRequest, NgsiError } from '../core/errors.ts'

/** What answers are compressed with. */
export type Coding = 'br' | 'gzip'

/** Where a client weighs both alike, the one that packs JSON better. */
const preferred: readonly Coding[] = ['br', 'gzip']

/** Brotli's default of 11 is for files: it takes a hundred times as long as this one, which is as quick as gzip. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

const compressors: Readonly<Record<Coding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, brotliOptions),
  gzip: (bytes) => promisify(gzip)(bytes),
}

const streams: Readonly<Record<Coding, () => Transform>> = {
  br: () => createBrotliCompress(brotliOptions),
  gzip: () => createGzip(),
}

/** Compresses a whole body. */
export function compress(bytes: Buffer, coding: Coding): Promise<Buffer> {
  return compressors[coding](bytes)
}

/** Compresses a body part by part. */
export function compressor(coding: Coding): Transform {
  return streams[coding]()
}

/** The coding that Accept-Encoding weighs highest; undefined for none, which is always acceptable to us. */
export function acceptedCoding(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined
  const weights = new Map(header.toLowerCase().split(',').map(weighted))
  const others = weights.get('*') ?? 0
  // What is not coded is acceptable without a word; it only wins where it was named and weighs more.
  let best: { coding: Coding | undefined; weight: number } = { coding: undefined, weight: weights.get('identity') ?? 0 }
  for (const coding of preferred) {
    const weight = weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? others
    if (weight > best.weight || (weight > 0 && weight === best.weight && best.coding === undefined)) {
      best = { coding, weight }
    }
  }
  return best.coding
}

function weighted(text: string): [string, number] {
  const [coding = '', ...parameters] = text.split(';')
  const q = parameters.map((item) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(item)?.[1]).find((item) => item !== undefined)
  const weight = q === undefined ? 1 : Number(q)
  return [coding.trim(), Number.isNaN(weight) ? 0 : Math.min(weight, 1)]
}

type Decompressor = (bytes: Buffer, maxBytes: number) => Promise<Buffer>

const gunzipBounded: Decompressor = (bytes, maxOutputLength) => promisify(gunzip)(bytes, { maxOutputLength })

/** Codings of request bodies, by the names that Content-Encoding has for them. */
const decompressors: ReadonlyMap<string, Decompressor> = new Map([
  ['gzip', gunzipBounded],
  ['x-gzip', gunzipBounded],
  ['deflate', (bytes, maxOutputLength) => promisify(inflate)(bytes, { maxOutputLength })],
  ['br', (bytes, maxOutputLength) => promisify(brotliDecompress)(bytes, { maxOutputLength })],
])

/** For the Accept-Encoding of a 415 (RFC 9110, 12.5.3). */
export const acceptedInRequests = 'gzip, deflate, br'

/** True when bodies of that Content-Encoding can be read. Several codings over one another are none that anybody needs. */
export function isKnownCoding(header: string | undefined): boolean {
  return header === undefined || isIdentity(header) || decompressors.has(header.trim().toLowerCase())
}

function isIdentity(header: string): boolean {
  return ['', 'identity'].includes(header.trim().toLowerCase())
}

/**
 * The body without its coding. Throws PayloadTooLarge as soon as it is longer than `maxBytes`, so that a small body cannot
 * become a huge one; InvalidRequest when it is not in that coding.
 */
export async function decompress(bytes: Buffer, header: string | undefined, maxBytes: number): Promise<Buffer> {
  if (header === undefined || isIdentity(header)) return bytes
  const coding = header.trim().toLowerCase()
  const decode = decompressors.get(coding)
  if (decode === undefined) throw new NgsiError('UnsupportedMediaType', `Content-Encoding: '${header}' is not known`)
  try {
    return await decode(bytes, maxBytes)
  } catch (error) {
    if (isTooLarge(error)) {
      throw new NgsiError('PayloadTooLarge', `the body decompresses to more than the ${String(maxBytes)} bytes allowed`)
    }
    throw invalidRequest(`Content-Encoding: the body is not ${coding}`)
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}
