/**
 * Every error that Estran answers with: one class, one table.
 *
 * The HTTP status of each name lives in `http/problem.ts`, because nothing below `http/` speaks HTTP.
 * Source: ETSI GS CIM 009 V1.9.1, clauses 5.5.2 and 6.3.2 (error types), 6.3.4 (media types, sizes).
 */

const ETSI = 'https://uri.etsi.org/ngsi-ld/errors/'
// Failures of plain HTTP that the specification gives a status but no type URI.
const HTTP = 'about:blank#'

/** Error name -> type URI and title. A name is added here first, then to the statuses in `http/problem.ts`. */
export const errorTable = {
  BadRequestData: { type: `${ETSI}BadRequestData`, title: 'The request data is not valid' },
  InvalidRequest: { type: `${ETSI}InvalidRequest`, title: 'The request is not valid' },
  ResourceNotFound: { type: `${ETSI}ResourceNotFound`, title: 'The resource does not exist' },
  NonexistentTenant: { type: `${ETSI}NonexistentTenant`, title: 'The tenant does not exist' },
  AlreadyExists: { type: `${ETSI}AlreadyExists`, title: 'The resource exists already' },
  Conflict: { type: `${ETSI}Conflict`, title: 'The request conflicts with what is stored' },
  OperationNotSupported: { type: `${ETSI}OperationNotSupported`, title: 'The operation is not supported' },
  TooComplexQuery: { type: `${ETSI}TooComplexQuery`, title: 'The query is too complex' },
  TooManyResults: { type: `${ETSI}TooManyResults`, title: 'The query has too many results' },
  InternalError: { type: `${ETSI}InternalError`, title: 'The broker failed' },
  NoMultiTenantSupport: { type: `${ETSI}NoMultiTenantSupport`, title: 'Tenants are not supported' },
  LdContextNotAvailable: { type: `${ETSI}LdContextNotAvailable`, title: 'A JSON-LD @context cannot be had' },
  Forbidden: { type: `${HTTP}Forbidden`, title: 'Access is not allowed' },
  MethodNotAllowed: { type: `${HTTP}MethodNotAllowed`, title: 'The method is not allowed here' },
  NotAcceptable: { type: `${HTTP}NotAcceptable`, title: 'No acceptable representation' },
  LengthRequired: { type: `${HTTP}LengthRequired`, title: 'Content-Length is required' },
  PreconditionFailed: {
    type: `${HTTP}PreconditionFailed`,
    title: 'The resource is not in the state that was asked for',
  },
  RequestTimeout: { type: `${HTTP}RequestTimeout`, title: 'The request took too long to arrive' },
  PayloadTooLarge: { type: `${HTTP}PayloadTooLarge`, title: 'The request body is too large' },
  UriTooLong: { type: `${HTTP}UriTooLong`, title: 'The request target is too long' },
  UnsupportedMediaType: { type: `${HTTP}UnsupportedMediaType`, title: 'The media type is not supported' },
  HeadersTooLarge: { type: `${HTTP}HeadersTooLarge`, title: 'The request headers are too large' },
  ServiceUnavailable: { type: `${HTTP}ServiceUnavailable`, title: 'The broker cannot answer now' },
} as const

export type ErrorName = keyof typeof errorTable

/** The one error class. `detail` is written for the client and names the member at fault; `cause` is for the log alone. */
export class NgsiError extends Error {
  override readonly name: ErrorName
  readonly detail: string
  constructor(name: ErrorName, detail: string, options?: { cause?: unknown }) {
    super(detail, options)
    this.name = name
    this.detail = detail
  }
}

/** True for an error of the table with one of these names. */
export function isNamed(error: unknown, ...names: readonly ErrorName[]): boolean {
  return error instanceof NgsiError && names.includes(error.name)
}

/** A `BadRequestData` error: the JSON was readable but is not a valid NGSI-LD model (clause 5.5.4). */
export function badRequestData(detail: string): NgsiError {
  return new NgsiError('BadRequestData', detail)
}

/** An `InvalidRequest` error: unreadable JSON, or an implausible parameter (clauses 5.5.4, 6.3.14). */
export function invalidRequest(detail: string): NgsiError {
  return new NgsiError('InvalidRequest', detail)
}

/** A `ResourceNotFound` error. */
export function notFound(detail: string): NgsiError {
  return new NgsiError('ResourceNotFound', detail)
}
