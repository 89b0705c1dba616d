/** Driver errors end here: above this folder there is only NgsiError. */
import { MongoBulkWriteError, MongoServerError } from 'mongodb'
import { withDeadline as within } from '../../base/deadline.ts'
import { NgsiError } from '../../core/errors.ts'

/** E11000. */
export const DUPLICATE_KEY = 11_000

/** Milliseconds that one call to the database may take, retries of the driver included. */
export const CALL_TIMEOUT = 15_000

/** An operation on the database. Rejects with ServiceUnavailable when it fails or does not end in time. */
export async function call<T>(operation: Promise<T>): Promise<T> {
  try {
    return await withDeadline(operation, CALL_TIMEOUT)
  } catch (error) {
    throw unavailable(error)
  }
}

/** What any failure of the driver is to a client. */
export function unavailable(cause: unknown): NgsiError {
  if (cause instanceof NgsiError) return cause
  return new NgsiError('ServiceUnavailable', 'the database does not answer as it should', { cause })
}

/** What the client of a write is to know when the database does not confirm it: `state`, as far as that is known. */
export function unconfirmed(state: string, cause: unknown): NgsiError {
  return new NgsiError('ServiceUnavailable', `the database does not answer as it should: ${state}`, { cause })
}

/** True for the error of an insertion whose `_id` is taken (E11000). */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY
}

/** True when a bulk failed in nothing but insertions whose `_id` is taken. */
export function onlyDuplicateKeys(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false
  const errors = [error.writeErrors].flat()
  // A write concern that was not met is an error without write errors, or hides behind them.
  if (error.result.getWriteConcernError() !== undefined) return false
  return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY)
}

/** Rejects when the promise does not settle in time. The driver has no deadline over a whole call, retries included. */
export function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return within(promise, milliseconds, () => new NgsiError('ServiceUnavailable', 'the database did not answer in time'))
}
