import { randomUUID } from 'node:crypto'
import type { Json } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { contextSourceOf } from '../../core/context/gather.ts'
import { badRequestData } from '../../core/errors.ts'
import { contextIdFor } from '../../store/contexts.ts'
import type { Call } from '../call.ts'
import { hostContext } from '../host-context.ts'

/**
 * Add @context (clause 5.13.2). Answers the local id. What stands beside `@context` is discarded.
 * Throws BadRequestData when it is not valid, LdContextNotAvailable when it refers to another that cannot be had,
 * OperationNotSupported when there are as many as there may be.
 */
export async function addContext(call: Call, body: Json): Promise<string> {
  const context = isObject(body) ? body['@context'] : undefined
  if (context === undefined) throw badRequestData('@context: the body must be a JSON object that has one')
  const source = contextSourceOf(context)
  await call.broker.contexts.resolve(source)
  const id = contextIdFor(randomUUID())
  await hostContext(call, { id, kind: 'Hosted', source })
  return id
}
