/** Talks to the broker as any client would: over HTTP, with Estran's @context. */
import type { JsonObject } from '../src/base/json.ts'
import { isObject } from '../src/base/json.ts'

/** What the names of the demo mean. The broker has it from a file: see context-map.json. */
export const CONTEXT = 'https://w3id.org/estran/contexts/estran.jsonld'

const LINK = `<${CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`

/** Milliseconds. */
const DEADLINE = 5000

/** GET, in the names of the @context. Rejects with the broker's own words. */
export async function get(url: string): Promise<unknown> {
  return (await call(url, { headers: { Link: LINK } })).json()
}

/** PATCH with a plain JSON body, whose @context the Link header names. */
export async function patch(url: string, body: JsonObject): Promise<void> {
  const headers = { 'Content-Type': 'application/json', Link: LINK }
  await call(url, { method: 'PATCH', headers, body: JSON.stringify(body) })
}

/** POST of linked data: the body brings its @context. */
export async function post(url: string, body: JsonObject | readonly JsonObject[]): Promise<void> {
  const headers = { 'Content-Type': 'application/ld+json' }
  await call(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function call(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(DEADLINE) })
  // 207 says that some part of a batch failed: for us that is a failure.
  if (response.ok && response.status !== 207) return response
  throw new Error(
    `${init.method ?? 'GET'} ${url} was answered with ${String(response.status)}: ${await response.text()}`,
  )
}

/** The value as a JSON object. Throws, naming what it should have been. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value
  throw new Error(`${what} is not a JSON object: ${JSON.stringify(value)}`)
}
