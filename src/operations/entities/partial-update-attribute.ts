import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { readAttributeName } from '../../core/model/names.ts'
import { partialUpdate } from '../../core/model/write/partial-update.ts'
import type { Call } from '../call.ts'
import type { WrittenEntity } from '../existing.ts'
import { changeEntity } from '../existing.ts'

/** What a client sent for one attribute of one entity. */
export interface AttributeRequest {
  readonly target: WrittenEntity
  /** The name as the client wrote it. */
  readonly attribute: string
  readonly context: CompiledContext
  readonly body: Json
}

/** Partial Attribute Update (clause 5.6.4): only the members sent change. Throws BadRequestData, ResourceNotFound. */
export async function partialUpdateAttribute(call: Call, request: AttributeRequest): Promise<void> {
  const update = { name: readTargetName(request), written: request.attribute, raw: request.body }
  const mode = { context: request.context, nullDeletes: true }
  await changeEntity(call, request.target, {
    operation: 'updateAttrs',
    apply: (before) => ({ state: partialUpdate(mode, before, update, call.time), result: undefined }),
  })
}

/** The core name of the attribute. Throws BadRequestData for `scope`, which is changed through the entity (clauses 5.6.4, 5.6.19). */
export function readTargetName({ context, attribute }: Pick<AttributeRequest, 'context' | 'attribute'>): string {
  if (attribute === 'scope')
    throw badRequestData('attrId: the scope is no attribute to write alone (clauses 5.6.4, 5.6.19)')
  return readAttributeName(context, attribute, 'attrId')
}
