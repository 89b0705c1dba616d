import type { JsonObject } from '../../base/json.ts'

/** A context that was fetched, as it may outlive the process: the document, and what HTTP said of it. */
export interface FetchedContext {
  /** The address that was asked for. */
  readonly url: string
  /** The address that answered in the end: relative addresses in the document start there. */
  readonly from: string
  readonly document: JsonObject
  /** Bytes of the document as it came. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly fetchedAt: number
  /** Milliseconds since 1970: until then it need not be asked for again. */
  readonly until: number
  /** True when it must not be used after `until`, not even while its source is down. */
  readonly strict: boolean
  /** Request headers that ask whether it has changed. */
  readonly validators: Readonly<Record<string, string>>
}

/**
 * What stands behind the memory of contexts: those that this broker hosts, and copies of fetched ones, so that a broker that
 * starts without a network still knows them. Nothing here is asked while memory has an answer.
 */
export interface ContextArchive {
  /**
   * The document that this broker itself serves under the address; undefined when the address is not one of its own.
   * Rejects with LdContextNotAvailable when it is, but nothing is hosted there (any more).
   */
  hosted(url: string): Promise<JsonObject> | undefined
  fetched(url: string): Promise<FetchedContext | undefined>
  /** Never rejects: a copy that cannot be kept is a loss to the next start alone. */
  keep(context: FetchedContext): Promise<void>
}
