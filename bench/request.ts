/** Requests as templates that every load tool fills in by itself, as fast as it can. */

/**
 * A request of which many are sent. In path and body, `<n>` is its running number, `<k>` that number modulo `range`, `<s>`
 * the number scattered over the whole range of digits. Each is written with nine digits, so that all requests have one length.
 */
export interface RequestTemplate {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly range: number
}

/** A template text as the request of this number has it. */
export function fill(text: string, number: number, range: number): string {
  return text.replaceAll(/<([nks])>/g, (_, name: string) => digits(name, number, range))
}

function digits(name: string, number: number, range: number): string {
  const value = name === 'n' ? number : name === 'k' ? number % range : ((number % 100_000) * 618_033_989) % 1e9
  return String(value).padStart(9, '0')
}

/** The template as it goes over the wire, with its placeholders. */
export function wireText(request: RequestTemplate, host: string): string {
  const { method, path, body } = request
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(fill(body, 0, 1))) }
  const headers = Object.entries({ Host: host, ...request.headers, ...length })
  const head = [`${method} ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`
}
