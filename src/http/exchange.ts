/** A request and its answer as plain data: what handlers see, be it from HTTP or from a WebSocket frame. */
import type { Call } from '../operations/call.ts'

export interface Request {
  readonly method: string
  /** The path as asked for, without the query. */
  readonly path: string
  /** Path variables, percent-decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The body's text; undefined when there is none. */
  readonly body: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Limits and defaults that handlers know. */
export interface Limits {
  readonly defaultLimit: number
  readonly maxLimit: number
  /** JSON nesting at most. */
  readonly maxDepth: number
}

/** A request with what the broker made of it. */
export interface Exchange {
  readonly request: Request
  readonly call: Call
  readonly limits: Limits
}

export type Handler = (exchange: Exchange) => Promise<Answer>

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** One row of the route table: routing, parameter checks and (later) the API description all come from it. */
export interface Route {
  readonly method: Method
  /** With `:name` for path variables; below the API root for NGSI-LD resources. */
  readonly path: string
  /** The URL parameters it knows: any other is refused (clause 6.3.14). */
  readonly parameters: readonly string[]
  readonly handle: Handler
}
