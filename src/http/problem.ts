/** Errors as clients see them: RFC 7807 bodies, always `application/json` (ETSI GS CIM 009 V1.9.1, clauses 5.5.3, 6.3.2). */
import type { JsonObject } from '../base/json.ts'
import type { ErrorName } from '../core/errors.ts'
import { errorTable, NgsiError } from '../core/errors.ts'
import type { Answer } from './exchange.ts'

const statuses: Readonly<Record<ErrorName, number>> = {
  BadRequestData: 400,
  InvalidRequest: 400,
  ResourceNotFound: 404,
  NonexistentTenant: 404,
  AlreadyExists: 409,
  Conflict: 409,
  OperationNotSupported: 422,
  TooComplexQuery: 403,
  TooManyResults: 403,
  InternalError: 500,
  NoMultiTenantSupport: 501,
  LdContextNotAvailable: 504,
  Forbidden: 403,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  RequestTimeout: 408,
  LengthRequired: 411,
  PreconditionFailed: 412,
  PayloadTooLarge: 413,
  UriTooLong: 414,
  UnsupportedMediaType: 415,
  HeadersTooLarge: 431,
  ServiceUnavailable: 503,
}

/** Clause 6.3.4: these two come without a body. */
const withoutBody: ReadonlySet<ErrorName> = new Set(['LengthRequired', 'UnsupportedMediaType'])

/** ProblemDetails of an error. */
export function problemDetails(error: NgsiError): JsonObject {
  const { type, title } = errorTable[error.name]
  return { type, title, status: statuses[error.name], detail: error.detail }
}

/** An answer whose body, if any, is one text. */
export type TextAnswer = Answer & { readonly body?: string }

/** The answer to a request that failed. What is no NgsiError is a fault of the broker: `report` hears of it, the client does not. */
export function problemAnswer(error: unknown, report: (error: unknown) => void): TextAnswer {
  if (!(error instanceof NgsiError)) {
    report(error)
    return problemAnswer(new NgsiError('InternalError', 'the broker failed to answer; its log says why'), report)
  }
  if (error.name === 'ServiceUnavailable' || error.name === 'InternalError') report(error)
  const status = statuses[error.name]
  if (withoutBody.has(error.name)) return { status, headers: {} }
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(problemDetails(error)),
  }
}
