import { notFound } from '../../core/errors.ts'
import type { ContextRecord } from '../../store/contexts.ts'
import { contextIdOf, findContext } from '../../store/contexts.ts'
import type { Call } from '../call.ts'

/**
 * The stored context that a client names: by its local id, by the URL it was fetched from (Cached, clause 6.30.2), or by the
 * URL that this broker serves it at. Throws ResourceNotFound.
 */
export async function storedContext(call: Call, named: string): Promise<ContextRecord> {
  const { store, contexts } = call.broker
  const id = contexts.idOf(named) ?? named
  const record = (await findContext(store.documents, id)) ?? (await cachedContext(call, named))
  if (record === undefined) throw notFound(`contextId: there is no @context ${named}`)
  return record
}

async function cachedContext({ broker }: Call, named: string): Promise<ContextRecord | undefined> {
  const url = URL.parse(named)?.href
  return url === undefined ? undefined : findContext(broker.store.documents, contextIdOf(url))
}

/** Where the content is to be had: the original address of a Cached context, else one of this broker's own (clause 5.13.3.1). */
export function urlOfContext({ broker }: Call, { id, fetched }: ContextRecord): string {
  return fetched?.url ?? broker.contexts.urlOf(id)
}
