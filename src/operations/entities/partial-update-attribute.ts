import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { readAttributeName } from '../../core/model/names.ts'
import { partialUpdate } from '../../core/model/write/partial-update.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'
import { existing, requireEntityId } from '../existing.ts'

/** What a client sent for one attribute of one entity. */
export interface AttributeRequest {
  readonly id: string
  /** The name as the client wrote it. */
  readonly attribute: string
  readonly context: CompiledContext
  readonly body: Json
}

/** Partial Attribute Update (clause 5.6.4): only the members sent change. Throws BadRequestData, ResourceNotFound. */
export async function partialUpdateAttribute(call: Call, request: AttributeRequest): Promise<void> {
  const { id, attribute, context, body } = request
  requireEntityId(id)
  if (attribute === 'scope') throw badRequestData('attrId: scope cannot be updated partially (clause 5.6.4)')
  const update = { name: readAttributeName(context, attribute, 'attrId'), raw: body }
  const mode = { context, nullDeletes: true }
  await writeEntity(call, {
    id,
    operation: 'updateAttrs',
    createsSpace: false,
    apply: (before) => ({ state: partialUpdate(mode, existing(before, id), update, call.time), result: undefined }),
  })
}
