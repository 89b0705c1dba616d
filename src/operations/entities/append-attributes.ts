import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import type { EntityFragment } from '../../core/model/read-entity.ts'
import { readEntityFragment } from '../../core/model/read-entity.ts'
import { appendAttributes as append, appendMissingAttributes } from '../../core/model/write/append.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'
import { existing, requireEntityId, requireSameId } from '../existing.ts'

/** What a client sent for the attributes of one entity. */
export interface AttributesRequest {
  readonly id: string
  readonly context: CompiledContext
  readonly body: Json
}

/** UpdateResult (clause 5.2.18): core names of attributes written and not written. */
export interface UpdateResult {
  readonly updated: readonly string[]
  readonly notUpdated: readonly string[]
}

/** Append Attributes (clause 5.6.3): what is there is replaced. Throws BadRequestData, ResourceNotFound. */
export async function appendAttributes(call: Call, request: AttributesRequest): Promise<void> {
  const fragment = readFragment(request)
  await writeEntity(call, {
    id: request.id,
    operation: 'appendAttrs',
    createsSpace: false,
    apply: (before) => ({ state: append(existing(before, request.id), fragment, call.time), result: undefined }),
  })
}

/** Append Attributes with `noOverwrite` (clause 5.6.3): what is there stays, and is reported. */
export async function appendMissing(call: Call, request: AttributesRequest): Promise<UpdateResult> {
  const fragment = readFragment(request)
  return writeEntity(call, {
    id: request.id,
    operation: 'appendAttrs',
    createsSpace: false,
    apply: (before) => {
      const { state, notUpdated } = appendMissingAttributes(existing(before, request.id), fragment, call.time)
      const updated = [...fragment.attributes.keys()].filter((name) => !notUpdated.includes(name))
      return { state, result: { updated, notUpdated } }
    },
  })
}

function readFragment({ id, context, body }: AttributesRequest): EntityFragment {
  requireEntityId(id)
  const fragment = readEntityFragment({ context, nullDeletes: false }, body)
  requireSameId(fragment, id)
  return fragment
}
