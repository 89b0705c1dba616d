/** Contexts that the broker serves under an address of its own (ETSI GS CIM 009 V1.9.1, clauses 5.13.1, 5.13.2). */
import type { JsonObject } from '../base/json.ts'
import type { ContextKind } from '../core/context/kinds.ts'
import { linkableUrl } from '../core/context/link.ts'
import type { ContextSource } from '../core/context/tables.ts'
import { badRequestData, NgsiError } from '../core/errors.ts'
import { contextIdOf, findContext, insertContext, listContexts } from '../store/contexts.ts'
import type { Call } from './call.ts'

export interface NewContext {
  readonly id: string
  readonly kind: ContextKind
  /** A valid context. */
  readonly source: ContextSource
}

/**
 * Stores a context to be served. Rejects with BadRequestData when it is longer than one may be, OperationNotSupported when
 * there are as many as there may be, AlreadyExists when the id is taken.
 */
export async function hostContext(call: Call, { id, kind, source }: NewContext): Promise<void> {
  const { store, contexts } = call.broker
  const content = { '@context': source } as JsonObject
  const size = Buffer.byteLength(JSON.stringify(content))
  if (size > contexts.bounds.bytes) {
    throw badRequestData(`@context: it has ${String(size)} bytes; this broker takes ${String(contexts.bounds.bytes)}`)
  }
  const known = await listContexts(store.documents)
  if (known.filter((one) => one.kind !== 'Cached').length >= contexts.bounds.hosted) {
    const detail = `this broker hosts ${String(contexts.bounds.hosted)} contexts at most (maxHostedContexts)`
    throw new NgsiError('OperationNotSupported', detail)
  }
  await insertContext(store.documents, { id, kind, createdAt: call.time, size }, content)
}

/**
 * The URL that a Link header can give for a valid source. A source that no one URL stands for becomes an ImplicitlyCreated
 * context, once per content (clauses 5.13.1, C.8). Rejects as `hostContext` does.
 */
export async function linkedContextUrl(call: Call, source: ContextSource): Promise<string> {
  const { store, contexts } = call.broker
  const url = contexts.linkOf(source)
  // Once it has been loaded, memory answers: whoever deletes the context makes memory forget it.
  if (linkableUrl(source) !== undefined || contexts.peek(url) !== undefined) return url
  const id = contextIdOf(JSON.stringify(source))
  if ((await findContext(store.documents, id)) === undefined) {
    await hostContext(call, { id, kind: 'ImplicitlyCreated', source }).catch(ignoreAlreadyThere)
  }
  await contexts.resolve(url)
  return url
}

function ignoreAlreadyThere(error: unknown): void {
  if (!(error instanceof NgsiError) || error.name !== 'AlreadyExists') throw error
}
