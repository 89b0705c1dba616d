import { badRequestData } from '../../core/errors.ts'
import { removeContext } from '../../store/contexts.ts'
import type { Call } from '../call.ts'
import { storedContext, urlOfContext } from './stored-context.ts'

/**
 * Delete @context (clause 5.13.5): this entry alone, neither what it refers to nor what refers to it. Throws ResourceNotFound.
 */
export async function deleteContext(call: Call, named: string): Promise<void> {
  const { store, contexts } = call.broker
  const record = await storedContext(call, named)
  await removeContext(store.documents, record.id)
  contexts.forget(urlOfContext(call, record))
}

/**
 * Reload @context (clause 5.13.5). Throws ResourceNotFound, BadRequestData for one that is not Cached, LdContextNotAvailable
 * when it cannot be had or is not valid; the old copy stays then.
 */
export async function reloadContext(call: Call, named: string): Promise<void> {
  const { kind, fetched } = await storedContext(call, named)
  if (fetched === undefined) throw badRequestData(`reload: the @context is ${kind}; only Cached ones can be reloaded`)
  await call.broker.contexts.reload(fetched.url)
}
