/** The few requests that are not load: filling a store, and looking whether the load did what it should. */
import type { Json } from '../src/base/json.ts'
import type { RequestTemplate } from './request.ts'
import { fill } from './request.ts'

/** Milliseconds. */
const DEADLINE = 30_000
/** Requests under way when many are sent. */
const AT_ONCE = 16

/** The one request of a template with this number. Rejects when it is not answered with the status. */
export async function sendOne(url: string, request: RequestTemplate, number: number, status: number): Promise<string> {
  const { method, path, headers, body, range } = request
  const filled = body === undefined ? {} : { body: fill(body, number, range) }
  return send(`${url}${fill(path, number, range)}`, { method, headers, ...filled }, status)
}

/** POSTs JSON. Rejects when it is not answered with 201. */
export async function create(url: string, headers: Readonly<Record<string, string>>, body: Json): Promise<void> {
  await send(url, { method: 'POST', headers, body: JSON.stringify(body) }, 201)
}

/** The target of a link in the answer's Link header. Rejects when there is none. */
export async function linkOf(url: string, rel: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE) })
  const links = (response.headers.get('link') ?? '').split(/,(?=\s*<)/)
  const target = /<([^>]*)>/.exec(links.find((link) => link.includes(`rel="${rel}"`)) ?? '')?.[1]
  if (target !== undefined) return target
  throw new Error(`GET ${url}: status ${String(response.status)}, no link ${rel}`)
}

/** Sends a request; resolves with the answer's text. Rejects when it is not answered with the status. */
export async function send(url: string, init: RequestInit, status: number): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(DEADLINE) })
  const text = await response.text()
  if (response.status === status) return text
  throw new Error(`${init.method ?? 'GET'} ${url} was answered with ${String(response.status)}: ${text}`)
}

/** Does something for each item, some of them at once. */
export async function forEach<T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
  const rest = Iterator.from(items)
  const worker = async (): Promise<void> => {
    for (const item of rest) await act(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
