import type { JsonObject } from '../../base/json.ts'
import { NgsiError, notFound } from '../../core/errors.ts'
import { contextContent } from '../../store/contexts.ts'
import type { Call } from '../call.ts'
import { storedContext, urlOfContext } from './stored-context.ts'

/**
 * Serve @context (clause 5.13.4): a JSON object with the member `@context`. Throws ResourceNotFound; OperationNotSupported for
 * a Cached one, which is to be had from its source.
 */
export async function serveContext(call: Call, named: string): Promise<JsonObject> {
  const { store, contexts } = call.broker
  const record = await storedContext(call, named)
  const url = urlOfContext(call, record)
  if (record.kind === 'Cached') {
    throw new NgsiError('OperationNotSupported', `contextId: a Cached @context is not served; its source is ${url}`)
  }
  const content = await contextContent(store.documents, record.id)
  if (content === undefined) throw notFound(`contextId: there is no @context ${named}`)
  contexts.countUse(url)
  return content
}
