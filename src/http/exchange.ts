/** A request and its answer as plain data: what handlers see, be it from HTTP or from a WebSocket frame. */
import type { Call } from '../operations/call.ts'
import type { ParameterName } from './openapi/parameters.ts'

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
  /** Text, or parts of one that come one after another: for answers too long to be held at once. */
  readonly body?: string | AsyncIterable<string>
  /** The parts of the body come when there is news, and go out as they come; there may be no last one. */
  readonly isLive?: boolean
}

/** Limits and defaults that handlers know. */
export interface Limits {
  readonly defaultLimit: number
  readonly maxLimit: number
  /** The greatest limit where the answer is a stream. */
  readonly maxStreamed: number
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

/** What a request body holds, and what an answer shows: names of schemas in the API description. */
export type BodyKind =
  | 'Entity'
  | 'EntityFragment'
  | 'Attribute'
  | 'AttributeFragment'
  | 'EntityList'
  | 'EntityFragmentList'
  | 'UriList'
  | 'Query'
  | 'Subscription'
  | 'SubscriptionFragment'
  | 'Context'

export type AnswerKind =
  | 'nothing'
  | 'Entity'
  | 'EntityList'
  | 'EntityTemporal'
  | 'UriList'
  | 'BatchOperationResult'
  | 'UpdateResult'
  | 'Subscription'
  | 'SubscriptionList'
  | 'Events'
  | 'EntityTypeList'
  | 'EntityTypeInfo'
  | 'AttributeList'
  | 'Attribute'
  | 'ContextList'
  | 'Context'
  | 'ContextSourceIdentity'
  | 'DeadLetterList'
  | 'DeadLettersReplayed'
  | 'DeadLettersPurged'
  | 'Replay'
  | 'Health'
  | 'Metrics'
  | 'OpenApi'
  | 'AsyncApi'

/** What the API description says of a route; the errors that any request can meet need not be named. */
export interface RouteDescription {
  /** Unique, and the specification's name of the operation where it has one: `createEntity`. */
  readonly id: string
  readonly summary: string
  /** The clause of ETSI GS CIM 009 V1.9.1; absent for what is Estran's own. */
  readonly clause?: string
  readonly body?: BodyKind
  /** Success statuses and what comes with each. */
  readonly answers: Readonly<Record<number, AnswerKind>>
}

/** One row of the route table: routing, parameter checks and the API description all come from it. */
export interface Route {
  readonly method: Method
  /** With `:name` for path variables; below the API root for NGSI-LD resources. */
  readonly path: string
  /** The URL parameters it knows: any other is refused (clause 6.3.14). */
  readonly parameters: readonly ParameterName[]
  readonly about: RouteDescription
  /** For those alone whom `adminAccess` lets in. */
  readonly isAdmin?: true
  readonly handle: Handler
}
