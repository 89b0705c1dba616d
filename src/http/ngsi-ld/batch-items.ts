/** The items of a batch: of a JSON array, or of lines of JSON (ETSI GS CIM 009 V1.9.1, clauses 5.6.7 ff., 6.3.5). */
import type { Json } from '../../base/json.ts'
import { badRequestData, invalidRequest, NgsiError } from '../../core/errors.ts'
import type { BatchItem } from '../../operations/batch/run-batch.ts'
import type { Exchange } from '../exchange.ts'
import type { Media } from '../headers.ts'
import { isNdjson, linkedContext } from '../headers.ts'
import { parseJson } from '../parse-json.ts'
import { contextFor, contextSource, readJson } from '../read-body.ts'

/** The items as they were sent; what made one unreadable stands in its place. */
export interface SentItems {
  readonly items: readonly (Json | NgsiError)[]
  readonly media: Media
  readonly link: string | undefined
}

/**
 * Reads the items. Throws BadRequestData when there are none or one is null (clause 5.6.7.4), and the errors of reading a body.
 * A line that is not JSON fails alone, as an item does that is no entity.
 */
export function readItems(exchange: Exchange): SentItems {
  const sent = isNdjson(exchange.request) ? readLines(exchange) : readArray(exchange)
  if (sent.items.length === 0) throw badRequestData('the body is an empty array, or has no lines')
  const index = sent.items.indexOf(null)
  if (index >= 0) throw badRequestData(`[${String(index)}]: null is not an item`)
  return sent
}

function readArray(exchange: Exchange): SentItems {
  const { json, ...from } = readJson(exchange)
  if (!Array.isArray(json)) throw badRequestData('the body is not an array')
  return { items: json, ...from }
}

/** Lines are as plain JSON: their @context comes from the Link header. Empty ones do not count. */
function readLines({ request, limits }: Exchange): SentItems {
  const items = (request.body ?? '').split(/\r?\n/).flatMap((line, index) => {
    return line.trim() === '' ? [] : [readLine(line, index + 1, limits.maxDepth)]
  })
  return { items, media: 'application/json', link: linkedContext(request) }
}

function readLine(line: string, number: number, maxDepth: number): Json | NgsiError {
  try {
    return parseJson(line, maxDepth)
  } catch (error) {
    if (error instanceof NgsiError) return invalidRequest(`line ${String(number)}: ${error.detail}`)
    throw error
  }
}

/** Finds the @context of each item; in ld+json each brings its own (clause 6.3.5). */
export async function withContexts(
  exchange: Exchange,
  { items, media, link }: SentItems,
): Promise<readonly BatchItem[]> {
  const withContext = async (body: Json | NgsiError): Promise<BatchItem> => {
    if (body instanceof NgsiError) return { body: null, context: body }
    try {
      return { body, context: await contextFor(exchange, contextSource(body, media, link)) }
    } catch (error) {
      if (error instanceof NgsiError) return { body, context: error }
      throw error
    }
  }
  return Promise.all(items.map(withContext))
}
